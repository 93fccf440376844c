"""Counts beside choices: equal to going through all records again for each of them."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from storage.record_views import RecordFilter
from storage.search.documents import Kind, year_of
from storage.search.facets import Counts, count_facets

AREAS = ("aldre", "aldre.hemtjanst", "it.moln", "it")
TYPES = ("erfarenhet", "fraga")
STATUSES = ("pilot", "drift")
CODES = ("1401", "1402", "0180")
YEARS = (2024, 2025)


class Held(NamedTuple):
    """One record as facets see it."""

    area: str
    kind: Kind
    code: str
    year: int

    def fits(self, wanted: RecordFilter, aside: str = "") -> bool:
        """Whether a filter lists it, by the plainest reading of the rules; one field aside."""
        by_field = {
            "area": not wanted.area or f"{self.area}.".startswith(f"{wanted.area}."),
            "kind": wanted.type in ("", self.kind.type)
            and wanted.status in ("", self.kind.status)
            and self.kind.collaboration_open >= wanted.collaboration_open,
            "code": wanted.municipality in ("", self.code)
            and (wanted.codes is None or self.code in wanted.codes),
            "year": wanted.year in ("", str(self.year)),
        }
        return all(fits for field, fits in by_field.items() if field != aside)


KINDS = st.builds(Kind, st.sampled_from(TYPES), st.sampled_from(STATUSES), st.booleans())
RECORDS = st.lists(
    st.builds(Held, st.sampled_from(AREAS), KINDS, st.sampled_from(CODES), st.sampled_from(YEARS)),
    max_size=25,
)
FILTERS = st.builds(
    RecordFilter,
    area=st.sampled_from(["", "", *AREAS, "okand"]),
    type=st.sampled_from(["", *TYPES, "okand"]),
    status=st.sampled_from(["", *STATUSES]),
    municipality=st.sampled_from(["", *CODES, "9999"]),
    year=st.sampled_from(["", "2024", "1999"]),
    collaboration_open=st.booleans(),
    codes=st.none() | st.frozensets(st.sampled_from(CODES)),
)


@given(RECORDS, FILTERS)
def test_each_choice_counts_the_list_that_it_opens(
    records: list[Held], wanted: RecordFilter
) -> None:
    """The total and every choice equal a recount with that one choice put in."""
    counted = Counts(
        areas=Counter(held.area for held in records if held.fits(wanted, "area")),
        kinds=Counter(held.kind for held in records if held.fits(wanted, "kind")),
        codes=Counter(held.code for held in records if held.fits(wanted, "code")),
        years=Counter(held.year for held in records if held.fits(wanted, "year")),
    )
    total, facets = count_facets(wanted, counted)

    def count(**choice: object) -> int:
        chosen = replace(wanted, **choice)  # type: ignore[arg-type]
        return sum(held.fits(chosen) for held in records)

    def counts(field: str, values: tuple[str, ...], **also: object) -> dict[str, int]:
        found = {value: count(**{field: value, **also}) for value in values}
        return {value: number for value, number in found.items() if number}

    assert total == count()
    assert dict(facets.areas) == counts("area", AREAS)
    assert dict(facets.types) == counts("type", TYPES)
    assert dict(facets.statuses) == counts("status", STATUSES)
    assert dict(facets.municipalities) == counts("municipality", CODES, codes=None)
    assert dict(facets.years) == counts("year", tuple(map(str, YEARS)))
    assert facets.collaboration_open == count(collaboration_open=True)


@given(KINDS)
def test_a_kind_comes_back_from_the_index(kind: Kind) -> None:
    """Its term says all of it."""
    assert Kind.decode(kind.encode()) == kind


def test_years_are_those_of_swedish_calendars() -> None:
    """As pages show dates: New Year's Eve is one year and the minute after it the next."""
    eve_2023, new_year_2024 = 1_704_063_599_000, 1_704_063_600_000

    assert (year_of(eve_2023), year_of(new_year_2024)) == (2023, 2024)
    assert (year_of(0), year_of(-5), year_of(2**53)) == (1970, 1970, 2969)
