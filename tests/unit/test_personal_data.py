"""The check before publishing: what looks like personal data, and what only seems to."""

from __future__ import annotations

import pytest

from node.operations.personal_data import NAME, PERSONAL_NUMBER, PHONE, find_personal_data

NUMBER = "a19121212-1212b"
INSIDE_AN_ID = "a121212" + "1212b" + "0701234567a" + "c" * 41


def test_a_number_is_found_and_an_id_is_not_one() -> None:
    """The id of a related record holds digits by chance; nobody is warned of them."""
    assert len(INSIDE_AN_ID) == 64
    assert [one.what for one in find_personal_data([("text", NUMBER)])] == [PERSONAL_NUMBER]
    assert [one.what for one in find_personal_data([("text", "ring 0701234567")])] == [PHONE]
    assert find_personal_data([("version", INSIDE_AN_ID), ("related", f"{INSIDE_AN_ID}\n")]) == []


@pytest.mark.parametrize(
    "text",
    [
        "Ring Anna Svensson om ni undrar.",
        "Anna-Karin von Essen höll i det.",
        "Fråga Fatima Al-Hassan, eller\nnågon annan.",
        "**Åke Öman** ledde arbetet",
        "med Karin\N{NO-BREAK SPACE}Boye",
    ],
)
def test_a_name_that_is_written_out_is_found(text: str) -> None:
    """A common given name with another name after it is pointed out, once, and not in full."""
    (found,) = find_personal_data([("text", f"{text}\n{text}")])
    assert found.what == NAME
    assert found.excerpt.endswith("…")
    assert found.excerpt.removesuffix("…") in text


@pytest.mark.parametrize(
    "text",
    [
        "Vi bytte larm i Tidaholm och Hjo.",
        "Maria Skola ligger vid Karl Johansgatan och Sankta Anna Kyrka.",
        "Anna är inte hela namnet, och Svensson inte heller.",
        "Enheten för Äldreomsorg i Västra Götaland",
        "Microsoft Teams ersatte Cisco Webex.",
    ],
)
def test_places_programs_and_half_names_are_no_names(text: str) -> None:
    """Who writes about a school, a street or a program is not asked about persons."""
    assert find_personal_data([("text", text)]) == []
