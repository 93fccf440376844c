"""The list page's addresses: filters as plain links, removable chips, numbered pages.

Everything a list shows is in its address, so each list can be bookmarked, sent and gone back to.
Counts come from storage and equal the list that the link opens. Pure: query in, links out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple
from urllib.parse import urlencode

from node.municipal import municipalities, taxonomy
from node.web import labels
from storage.record_views import Facets, RecordFilter
from storage.swedish_order import sort_key

LIST_PATH = "/erfarenheter"
PAGE_SIZE = 20
TEXT_CHARS_MAX = 200
PAGE_MAX = 100_000
SHOWN_AT_FIRST = 8

# Parameter in the address → field of RecordFilter.
PARAMETERS = {
    "q": "text",
    "amne": "area",
    "typ": "type",
    "kommun": "municipality",
    "status": "status",
}


class FilterLink(NamedTuple):
    """One choice: its words, address, how many it opens, whether it is chosen, its subchoices."""

    words: str
    url: str
    records: int
    chosen: bool
    below: tuple[FilterLink, ...] = ()


class FilterGroup(NamedTuple):
    """Choices of one kind; those after the first few are folded."""

    title: str
    links: tuple[FilterLink, ...]
    folded: tuple[FilterLink, ...] = ()


class Chip(NamedTuple):
    """A chosen filter and the address without it."""

    words: str
    url: str


def read_filter(query: Mapping[str, str]) -> RecordFilter:
    """The filter an address asks for; what makes no sense is treated as not given."""
    given = {name: value.replace("\0", " ") for name, value in query.items()}  # no text has it
    page = given.get("sida", "1")
    number = int(page) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    return RecordFilter(
        text=" ".join(given.get("q", "").split())[:TEXT_CHARS_MAX],
        area=given.get("amne", ""),
        type=given.get("typ", ""),
        municipality=given.get("kommun", ""),
        status=given.get("status", ""),
        page=max(1, min(number, PAGE_MAX)),
        page_size=PAGE_SIZE,
    )


def list_url(filter: RecordFilter, **changes: str | int) -> str:
    """Address of the list for a filter with changes; any change leads back to page 1."""
    changed = replace(filter, **{"page": 1, **changes})  # type: ignore[arg-type]
    values = {name: getattr(changed, field) for name, field in PARAMETERS.items()}
    chosen = {name: value for name, value in values.items() if value}
    if changed.page > 1:
        chosen["sida"] = changed.page
    return f"{LIST_PATH}?{urlencode(chosen)}" if chosen else LIST_PATH


def feed_path(page_path: str) -> str:
    """Address of the feed of a list, or of another page that has one."""
    path, _, query = page_path.partition("?")
    return f"{path}/flode.atom?{query}" if query else f"{path}/flode.atom"


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list page needs beside its rows."""

    filter: RecordFilter
    total: int
    page: int
    pages: int
    groups: tuple[FilterGroup, ...]
    chips: tuple[Chip, ...]

    def page_url(self, page: int) -> str:
        """Address of another page of the same list."""
        return list_url(self.filter, page=page)

    @property
    def page_numbers(self) -> list[int | None]:
        """First, last and those around the current page; None where numbers are left out."""
        wanted = {1, self.pages, *range(self.page - 2, self.page + 3)}
        numbers: list[int | None] = []
        previous = 0
        for page in sorted(number for number in wanted if 1 <= number <= self.pages):
            if page - previous == 2:
                numbers.append(page - 1)
            elif page - previous > 2:
                numbers.append(None)
            numbers.append(page)
            previous = page
        return numbers


def make_listing(
    filter: RecordFilter, facets: Facets, *, total: int, page: int, pages: int
) -> Listing:
    """Build links, chips and pages for a filter and what storage counted."""
    groups = (
        FilterGroup("Ämne", _area_links(filter, facets.areas)),
        FilterGroup("Typ", _links(filter, "type", facets.types, labels.RECORD_TYPES)),
        _municipality_group(filter, facets.municipalities),
        FilterGroup("Status", _links(filter, "status", facets.statuses, labels.STATUSES)),
    )
    shown = tuple(group for group in groups if group.links)
    return Listing(filter, total, page, pages, shown, chips_of(filter))


def _area_links(filter: RecordFilter, counts: Mapping[str, int]) -> tuple[FilterLink, ...]:
    links = []
    for area in taxonomy.areas():
        inside = filter.area == area.id or filter.area.startswith(f"{area.id}.")
        below = tuple(
            _link(filter, "area", subarea.id, subarea.sv, counts[subarea.id])
            for subarea in area.subareas
            if inside and counts.get(subarea.id)
        )
        if counts.get(area.id) or below or filter.area == area.id:
            link = _link(filter, "area", area.id, area.sv, counts.get(area.id, 0))
            links.append(link._replace(below=below))
    return tuple(links)


def _links(
    filter: RecordFilter, field: str, counts: Mapping[str, int], words: Mapping[str, str]
) -> tuple[FilterLink, ...]:
    chosen = getattr(filter, field)
    codes = [code for code in words if counts.get(code) or code == chosen]
    return tuple(_link(filter, field, code, words[code], counts.get(code, 0)) for code in codes)


def _municipality_group(filter: RecordFilter, counts: Mapping[str, int]) -> FilterGroup:
    names = {code: municipalities.name_of(code) for code, count in counts.items() if count}
    if filter.municipality:
        names.setdefault(filter.municipality, municipalities.name_of(filter.municipality))
    in_order = {code: names[code] for code in sorted(names, key=lambda code: sort_key(names[code]))}
    links = _links(filter, "municipality", counts, in_order)
    if len(links) <= SHOWN_AT_FIRST + 2:
        return FilterGroup("Kommun", links)
    first = sorted(links, key=lambda link: (not link.chosen, -link.records))[:SHOWN_AT_FIRST]
    shown = tuple(link for link in links if link in first)
    return FilterGroup("Kommun", shown, tuple(link for link in links if link not in first))


def _link(filter: RecordFilter, field: str, code: str, words: str, count: int) -> FilterLink:
    chosen = getattr(filter, field) == code
    return FilterLink(words, list_url(filter, **{field: "" if chosen else code}), count, chosen)


def chips_of(filter: RecordFilter) -> tuple[Chip, ...]:
    """What a filter chooses, each in words."""
    words: dict[str, Callable[[str], str]] = {
        "text": lambda text: f"”{text}”",
        "area": taxonomy.label,
        "type": lambda code: labels.label(labels.RECORD_TYPES, code),
        "municipality": municipalities.name_of,
        "status": lambda code: labels.label(labels.STATUSES, code),
    }
    return tuple(
        Chip(describe(getattr(filter, field)), list_url(filter, **{field: ""}))
        for field, describe in words.items()
        if getattr(filter, field)
    )
