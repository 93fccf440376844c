"""Words, dates, numbers and addresses are written as Swedish readers expect."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError

from node.operations.personal_data import (
    EMAIL,
    PERSONAL_NUMBER,
    PHONE,
    find_personal_data,
    luhn_valid,
)
from node.web import swedish
from node.web.assets import Assets
from node.web.english import ENGLISH
from node.web.render import Renderer, municipality_url, record_url
from storage.swedish_order import sort_key

NOVEMBER_23_2026_MS = 1_795_438_800_000  # 2026-11-23 13.00 UTC, 14.00 in Sweden
SUMMER_MIDNIGHT_MS = 1_783_029_600_000  # 2026-07-02 22.00 UTC, 3 July 00.00 in Sweden


def test_dates_and_times() -> None:
    """Long dates in text, ISO in tables, time with a point, always the year, Swedish local time."""
    assert swedish.long_date(NOVEMBER_23_2026_MS) == "23 november 2026"
    assert swedish.short_date(NOVEMBER_23_2026_MS) == "2026-11-23"
    assert swedish.clock_time(NOVEMBER_23_2026_MS) == "kl.\u00a014.00"
    assert swedish.date_and_time(SUMMER_MIDNIGHT_MS) == "3 juli 2026 kl.\u00a000.00"


def test_numbers_have_non_breaking_spaces() -> None:
    """A large number never breaks over two lines."""
    assert swedish.number(1930) == "1\u00a0930"
    assert swedish.kronor(185000) == "185\u00a0000\u00a0kr"
    assert swedish.counted(0, "svar", "svar") == "inga svar"
    assert swedish.counted(1, "kommun", "kommuner") == "1\u00a0kommun"


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("2024", "2024"),
        ("mars 2024", "2024-03"),
        ("3 mars 2024", "2024-03-03"),
        ("3 mar. 2024", "2024-03-03"),
        ("March 2024", "2024-03"),
        ("3 May 2024", "2024-05-03"),
        ("1 Oct 2024", "2024-10-01"),
        ("2024-3", "2024-03"),
        ("2024-03-03", "2024-03-03"),
    ],
)
def test_dates_are_read_as_people_write_them(typed: str, read: str) -> None:
    """No forced date format: year, month and day in words or figures."""
    assert swedish.read_partial_date(typed) == read


@pytest.mark.parametrize(
    "typed",
    [
        "i våras",
        "31 februari 2024",
        "mars",
        "24",
        "2024-13",
        "1 2 3 4",
        "2200000000",
        "2024-9999999999",
    ],
)
def test_what_is_no_date_is_refused(typed: str) -> None:
    """A guess would be worse than a question."""
    with pytest.raises(ValueError, match=r"."):
        swedish.read_partial_date(typed)


@given(st.dates(date(1900, 1, 1), date(2200, 12, 31)))
def test_every_written_date_is_read_back(day: date) -> None:
    """What the pages write, the form reads."""
    assert swedish.read_partial_date(swedish.long_date(day)) == day.isoformat()
    assert swedish.read_partial_date(ENGLISH.long_date(day)) == day.isoformat()


@given(st.integers(0, 10**12))
def test_every_written_number_is_read_back(value: int) -> None:
    """What the pages write, the form reads, with or without the unit."""
    assert swedish.read_number(swedish.number(value)) == value
    assert swedish.read_number(swedish.kronor(value)) == value
    assert swedish.read_number(ENGLISH.number(value)) == value
    assert swedish.read_number(ENGLISH.kronor(value)) == value


@pytest.mark.parametrize("typed", ["", "många", "12,5", "1,25", "12,5000", "-3", "1e6"])
def test_what_is_no_whole_number_is_refused(typed: str) -> None:
    """Decimals and words are asked about, not guessed."""
    with pytest.raises(ValueError, match="not a whole number"):
        swedish.read_number(typed)


def test_swedish_order() -> None:
    """Å, Ä and Ö come last, in that order."""
    names = ["Öckerö", "Ängelholm", "Åmål", "Zinkgruvan", "arvika"]

    assert sorted(names, key=sort_key) == names[::-1]


def test_swedish_order_of_near_equals() -> None:
    """Accents, hyphens and capitals decide only between names that are otherwise the same."""
    names = ["Zetaby", "Ytterby", "Ünyby", "Upplands Väsby", "Upplands-Bro"]

    assert sorted(names, key=sort_key) == [
        "Upplands-Bro",
        "Upplands Väsby",
        "Ünyby",
        "Ytterby",
        "Zetaby",
    ]
    assert sorted(["Rosénby", "Rosenby"], key=sort_key) == ["Rosenby", "Rosénby"]


def test_addresses() -> None:
    """The id or code decides; the words are for people and may be missing."""
    assert municipality_url("1498") == "/kommuner/1498-tidaholm"
    assert municipality_url("1480") == "/kommuner/1480-goteborg"
    assert record_url("ab" * 32, "Bytte larm på Åsen – på 8 månader!").endswith(
        "/bytte-larm-pa-asen-pa-8-manader"
    )
    assert record_url("ab" * 32, "日本") == f"/erfarenheter/{'ab' * 32}"


@given(st.text(max_size=200))
def test_slugs_are_plain(text: str) -> None:
    """A title never puts anything but a–z, 0–9 and hyphens into an address."""
    slug = swedish.slug(text)

    assert len(slug) <= swedish.SLUG_CHARS_MAX
    assert not slug.strip("abcdefghijklmnopqrstuvwxyz0123456789-")


def test_a_name_the_page_lacks_is_an_error() -> None:
    """A template never shows an empty place where a fact should stand."""
    with pytest.raises(UndefinedError):
        Renderer().html("about.html", {})


def test_assets_are_named_by_their_content() -> None:
    """An address of a style holds its digest, so it may be cached for ever."""
    assets = Assets()
    found = assets.get("tokens.css")

    assert found is not None
    assert found.digest in assets.url("tokens.css")
    assert assets.get("../app.py") is None


def test_luhn_knows_a_real_check_digit() -> None:
    """The published test number passes, its neighbour does not."""
    assert luhn_valid("8112189876")
    assert not luhn_valid("8112189877")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("Ring 08-465 004 00 om du undrar", [PHONE]),
        ("mejla anna.andersson@exempelkommun.se.", [EMAIL]),
        ("hon (811218-9876) ringde", [PERSONAL_NUMBER]),
        ("19811218-9876", [PERSONAL_NUMBER]),
        ("samordningsnummer 811278-9873", [PERSONAL_NUMBER]),
        ("811218-9877 har fel kontrollsiffra", []),
        ("dnr 2024-00123, 185 000 kr, 2024-03-15", []),
        ("240 larm i 12 byar under 2024 och 2025", []),
    ],
)
def test_personal_data_is_noticed(text: str, what: list[str]) -> None:
    """Personal numbers, addresses and phone numbers are pointed out, ordinary figures are not."""
    assert [finding.what for finding in find_personal_data([("Läget", text)])] == what


def test_findings_do_not_repeat_the_whole_text() -> None:
    """The warning shows where to look without spreading what it found."""
    found = find_personal_data([("Läget", "811218-9876")])[0]

    assert "9876" not in found.excerpt
