"""The check before publishing: what looks like personal data, and what only seems to."""

from __future__ import annotations

from node.operations.personal_data import PERSONAL_NUMBER, PHONE, find_personal_data

NUMBER = "a19121212-1212b"
INSIDE_AN_ID = "a121212" + "1212b" + "0701234567a" + "c" * 41


def test_a_number_is_found_and_an_id_is_not_one() -> None:
    """The id of a related record holds digits by chance; nobody is warned of them."""
    assert len(INSIDE_AN_ID) == 64
    assert [one.what for one in find_personal_data([("text", NUMBER)])] == [PERSONAL_NUMBER]
    assert [one.what for one in find_personal_data([("text", "ring 0701234567")])] == [PHONE]
    assert find_personal_data([("version", INSIDE_AN_ID), ("related", f"{INSIDE_AN_ID}\n")]) == []
