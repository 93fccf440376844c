"""Statistics as rows: by area, by municipality, by time, and where something is missing. Pure.

The same rows are the page's tables, the files and the API's document. What is counted of a list has
that list's address.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, NamedTuple, TypeVar

from node.municipal import taxonomy
from node.wanted import Wanted
from node.web.charts import LineChart, line_chart
from node.web.listing import addresses, year_words
from node.web.site import short_name
from storage.record_views import NO_ACCEPTED, NO_ANSWER
from storage.reuse_queries import AreaReuse
from storage.statistics import Statistics
from storage.swedish_order import sort_key

QUESTION = "fraga"
MONTHS_DRAWN = 36
MONTHS_DRAWN_MIN = 3
PLACES_SHOWN = 20
_NO_REUSE = AreaReuse()
Asking = TypeVar("Asking", "AreaRow", "PlaceRow")


class Figures(NamedTuple):
    """What is shared, asked, still waiting for what helps, and without any answer."""

    shared: int
    asked: int
    waiting: int
    unanswered: int


class AreaRow(NamedTuple):
    """An area or subarea; `reuse` is what others say that they use or were helped by."""

    code: str
    figures: Figures
    reuse: AreaReuse


class PlaceRow(NamedTuple):
    """A municipality with a log here."""

    code: str
    name: str
    figures: Figures


class TimeRow(NamedTuple):
    """A year or a month, "2026" or "2026-11"."""

    when: str
    records: int

    @property
    def words(self) -> str:
        """As it is said."""
        return year_words(self.when)

    @property
    def url(self) -> str:
        """The list that it counts."""
        return _OF_TIME(self.when)


def _lists(wanted: Wanted) -> Callable[..., str]:
    """Make the addresses of a list of everything, of an area or of a municipality."""
    of_area, of_place = addresses(wanted, "area"), addresses(wanted, "municipality")

    def url(*, area: str = "", code: str = "") -> str:
        return of_area(area) if area else of_place(code)

    return url


shared_url: Final = _lists(Wanted())
asked_url: Final = _lists(Wanted(type=QUESTION))
waiting_url: Final = _lists(Wanted(answers=NO_ACCEPTED))
unanswered_url: Final = _lists(Wanted(answers=NO_ANSWER))
_OF_TIME: Final = addresses(Wanted(), "year")


def total_figures(found: Statistics) -> Figures:
    """The same of everything."""
    return Figures(
        found.records,
        found.asked.types.get(QUESTION, 0),
        sum(found.waiting.municipalities.values()),
        sum(found.unanswered.municipalities.values()),
    )


def area_rows(found: Statistics) -> list[AreaRow]:
    """All areas, each followed by its subareas; last what a newer version has brought."""
    known: list[str] = []
    for area in taxonomy.areas():
        known += [area.id, *(subarea.id for subarea in area.subareas)]
    codes = [*known, *sorted(found.shared.areas.keys() - set(known))]
    return [
        AreaRow(
            code,
            Figures(
                found.shared.areas.get(code, 0),
                found.asked.areas.get(code, 0),
                found.waiting.areas.get(code, 0),
                found.unanswered.areas.get(code, 0),
            ),
            found.reuse.areas.get(code, _NO_REUSE),
        )
        for code in codes
    ]


def place_rows(found: Statistics) -> list[PlaceRow]:
    """All municipalities, those first that share most."""
    rows = [
        PlaceRow(
            row.code,
            short_name(row.code, row.name),
            Figures(
                row.records,
                found.asked.municipalities.get(row.code, 0),
                found.waiting.municipalities.get(row.code, 0),
                found.unanswered.municipalities.get(row.code, 0),
            ),
        )
        for row in found.municipalities
    ]
    return sorted(rows, key=lambda row: (-row.figures.shared, sort_key(row.name)))


def month_rows(found: Statistics) -> list[TimeRow]:
    """Every month from the first to the last with something in it, the newest first."""
    if not found.months:
        return []
    months = _every_month(min(found.months), max(found.months))
    return [TimeRow(month, found.months.get(month, 0)) for month in months][::-1]


def _every_month(first: str, last: str) -> Iterator[str]:
    year, month = map(int, first.split("-"))
    while (when := f"{year}-{month:02}") <= last:
        yield when
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)


class StatisticsView(NamedTuple):
    """What the page shows, in its order."""

    areas: list[AreaRow]
    silent: list[AreaRow]
    places: list[PlaceRow]
    quiet_places: int
    years: list[TimeRow]
    months: list[TimeRow]
    chart: LineChart | None
    asking_areas: list[AreaRow]
    asking_most: int
    asking_places: list[PlaceRow]
    asked: Figures
    reused: list[AreaRow]


def make_view(found: Statistics) -> StatisticsView:
    """Sort everything into the page's tables: the most first, nothing that is nought."""
    rows = area_rows(found)
    whole = [row for row in rows if "." not in row.code]
    places, months = place_rows(found), month_rows(found)
    return StatisticsView(
        areas=_most_first(whole, lambda row: row.figures.shared),
        silent=_silent(rows),
        places=[row for row in places if row.figures.shared],
        quiet_places=sum(not row.figures.shared for row in places),
        years=[TimeRow(year, count) for year, count in found.years.items()],
        months=months,
        chart=_chart(months),
        asking_areas=_waiting_first(row for row in whole if row.figures.asked),
        asking_most=max(row.figures.asked for row in whole) if whole else 0,
        asking_places=_waiting_first(row for row in places if row.figures.unanswered),
        asked=total_figures(found),
        reused=_most_first(whole, lambda row: row.reuse.records),
    )


def _silent(rows: Iterable[AreaRow]) -> list[AreaRow]:
    """What nobody has written about: areas, and subareas of those that somebody has."""
    silent = [row for row in rows if not row.figures.shared]
    whole = {row.code for row in silent if "." not in row.code}
    return [row for row in silent if "." not in row.code or row.code.split(".")[0] not in whole]


def _most_first(rows: Iterable[AreaRow], count: Callable[[AreaRow], int]) -> list[AreaRow]:
    return sorted((row for row in rows if count(row)), key=lambda row: -count(row))


def _waiting_first(rows: Iterable[Asking]) -> list[Asking]:
    def order(row: Asking) -> tuple[int, int, int]:
        return -row.figures.unanswered, -row.figures.waiting, -row.figures.asked

    return sorted(rows, key=order)


def _chart(months: list[TimeRow]) -> LineChart | None:
    """The last years, month by month; nothing while that would hardly be a line."""
    if len(months) < MONTHS_DRAWN_MIN:
        return None
    return line_chart([row.records for row in months[:MONTHS_DRAWN]][::-1])
