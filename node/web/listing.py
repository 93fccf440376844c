"""The list page's addresses: filters as plain links, removable chips, numbered pages.

Everything a list shows is in its address, so each list can be bookmarked, sent and gone back to.
Counts come from storage and equal the list that the link opens. Pure: query in, links out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote_plus, urlencode

from node.municipal import municipalities, taxonomy
from node.wanted import PARAMETERS, TEXT_CHARS_MAX, Wanted
from node.web import labels
from node.web.language import SOURCE
from node.web.message import Message, said
from node.web.place_facets import (
    Choice,
    group_choices,
    group_words,
    place_choices,
    place_words,
)
from node.web.typed_filters import read_typed
from storage.record_views import Facets, Named
from storage.search.products import folded
from storage.swedish_order import sort_key

LIST_PATH = "/erfarenheter"
PAGE_SIZE = 20
PAGE_MAX = 100_000
SHOWN_AT_FIRST = 8
GATHERED_AT_FIRST = 4
NAMES_AT_FIRST = 10
OPEN = Message("Öppen för samverkan")
LITERAL = Message("Ordagrant")
_ANY_CODE = "kod"
_quoted = lru_cache(2_000)(quote_plus)
"""Most pages offer the same choices."""


class FilterLink(NamedTuple):
    """One choice: its words, address, how many it opens, whether it is chosen, its subchoices."""

    words: str
    url: str
    records: int
    chosen: bool
    below: tuple[FilterLink, ...] = ()


class FilterGroup(NamedTuple):
    """Choices of one kind; those after the first few are folded.

    `language` is that of choices that municipalities have written.
    """

    title: str
    links: tuple[FilterLink, ...]
    folded: tuple[FilterLink, ...] = ()
    language: str = ""


class Chip(NamedTuple):
    """A chosen filter and the address without it."""

    words: str
    url: str


def read_filter(query: Mapping[str, str], own: str = "") -> Wanted:
    """The filter an address asks for; what makes no sense is treated as not given.

    `own` is our kommunkod: neighbours and those alike are ours. What is typed among the words
    counts before what was chosen earlier.
    """
    given = {name: value.replace("\0", " ") for name, value in query.items()}  # no text has it
    text, typed = read_typed(_line(given.get("q", "")))
    wanted = Wanted(
        place=given.get("trakt", ""),
        group=given.get("grupp", ""),
        text=text,
        area=typed.get("area") or given.get("amne", ""),
        type=typed.get("type") or given.get("typ", ""),
        municipality=typed.get("municipality") or given.get("kommun", ""),
        year=typed.get("year") or given.get("ar", ""),
        status=given.get("status", ""),
        product=typed.get("product") or _line(given.get("produkt", "")),
        supplier=typed.get("supplier") or _line(given.get("leverantor", "")),
        answers=given.get("svar", "") if given.get("svar") in labels.ANSWERS else "",
        collaboration_open=given.get("oppen") == "1",
        literal=given.get("ordagrant") == "1",
        page=read_page_number(given.get("sida", "")),
        page_size=PAGE_SIZE,
    )
    return wanted.at(own)


def _line(text: str) -> str:
    """What was typed on one line."""
    return " ".join(text.split())[:TEXT_CHARS_MAX]


def read_page_number(text: str) -> int:
    """The page an address asks for; 1 when it makes no sense."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 1
    return max(1, min(number, PAGE_MAX))


def page_numbers(page: int, pages: int) -> list[int | None]:
    """First, last and those around the current page; None where numbers are left out."""
    wanted = {1, pages, *range(page - 2, page + 3)}
    numbers: list[int | None] = []
    previous = 0
    for number in sorted(number for number in wanted if 1 <= number <= pages):
        if number - previous == 2:
            numbers.append(number - 1)
        elif number - previous > 2:
            numbers.append(None)
        numbers.append(number)
        previous = number
    return numbers


def list_url(filter: Wanted, **changes: str | int) -> str:
    """Address of the list for a filter with changes; any change leads back to page 1."""
    changed = replace(filter, **{"page": 1, **changes})  # type: ignore[arg-type]
    chosen = changed.parameters
    if changed.page > 1:
        chosen["sida"] = str(changed.page)
    return f"{LIST_PATH}?{urlencode(chosen)}" if chosen else LIST_PATH


def export_path(page_path: str, name: str) -> str:
    """Address of a list as a file: `name` is the file's, beside the list's own address."""
    path, _, query = page_path.partition("?")
    return f"{path}/{name}?{query}" if query else f"{path}/{name}"


def addresses(filter: Wanted, field: str) -> Callable[[str], str]:
    """Make the addresses of a list with one field changed, for many choices: what the other fields
    say is spelled once."""
    name = next(name for name, of in PARAMETERS.items() if of == field)
    pattern = list_url(filter, **{field: _ANY_CODE})
    start, _, end = pattern.partition(f"{name}={_ANY_CODE}")  # no value holds a bare "="
    without = list_url(filter, **{field: ""})

    def address(code: str) -> str:
        return f"{start}{name}={_quoted(code)}{end}" if code else without

    return address


def feed_path(page_path: str) -> str:
    """Address of the feed of a list, or of another page that has one."""
    return export_path(page_path, "flode.atom")


@dataclass(frozen=True, slots=True)
class Listing:
    """What the list page needs beside its rows."""

    filter: Wanted
    total: int
    page: int
    pages: int
    groups: tuple[FilterGroup, ...]
    chips: tuple[Chip, ...]

    def page_url(self, page: int) -> str:
        """Address of another page of the same list."""
        return list_url(self.filter, page=page)

    def file_url(self, name: str) -> str:
        """Address of the whole list as a file."""
        return export_path(list_url(self.filter), name)

    @property
    def page_numbers(self) -> list[int | None]:
        """The numbers to choose between."""
        return page_numbers(self.page, self.pages)


def make_listing(
    filter: Wanted, facets: Facets, own: str, *, total: int, page: int, pages: int
) -> Listing:
    """Build links, chips and pages for a filter and what storage counted."""
    counts = facets.municipalities
    within = {
        code: count
        for code, count in counts.items()
        if filter.codes is None or code in filter.codes
    }
    groups = (
        FilterGroup(Message("Ämne"), _area_links(filter, facets.areas)),
        FilterGroup(Message("Typ"), _links(filter, "type", facets.types, labels.RECORD_TYPES)),
        _gathered(
            Message("Trakt"), filter, "place", place_choices(filter, filter.group, counts, own)
        ),
        _gathered(
            Message("Slags kommun"),
            filter,
            "group",
            group_choices(filter, filter.place, counts, own),
        ),
        _municipality_group(filter, within),
        FilterGroup(Message("Status"), _links(filter, "status", facets.statuses, labels.STATUSES)),
        _year_group(filter, facets.years, total),
        _name_group(Message("Produkt"), filter, "product", facets.products, total),
        _name_group(Message("Leverantör"), filter, "supplier", facets.suppliers, total),
        _open_group(filter, facets.collaboration_open),
    )
    shown = tuple(group for group in groups if group.links)
    return Listing(filter, total, page, pages, shown, chips_of(filter, own))


def _area_links(filter: Wanted, counts: Mapping[str, int]) -> tuple[FilterLink, ...]:
    make = _link_maker(filter, "area")
    links = []
    for area in taxonomy.areas():
        inside = filter.area == area.id or filter.area.startswith(f"{area.id}.")
        below = tuple(
            make(subarea.id, labels.area(subarea.id), counts[subarea.id])
            for subarea in area.subareas
            if inside and counts.get(subarea.id)
        )
        if counts.get(area.id) or below or filter.area == area.id:
            link = make(area.id, labels.area(area.id), counts.get(area.id, 0))
            links.append(link._replace(below=below))
    return tuple(links)


def _links(
    filter: Wanted, field: str, counts: Mapping[str, int], words: Mapping[str, str]
) -> tuple[FilterLink, ...]:
    make, chosen = _link_maker(filter, field), getattr(filter, field)
    codes = [code for code in words if counts.get(code) or code == chosen]
    return tuple(make(code, words[code], counts.get(code, 0)) for code in codes)


def _municipality_group(filter: Wanted, counts: Mapping[str, int]) -> FilterGroup:
    names = {code: municipalities.name_of(code) for code, count in counts.items() if count}
    if filter.municipality:
        names.setdefault(filter.municipality, municipalities.name_of(filter.municipality))
    in_order = {code: names[code] for code in sorted(names, key=lambda code: sort_key(names[code]))}
    links = _links(filter, "municipality", counts, in_order)
    title = Message("Kommun")
    if len(links) <= SHOWN_AT_FIRST + 2:
        return FilterGroup(title, links)
    first = sorted(links, key=lambda link: (not link.chosen, -link.records))[:SHOWN_AT_FIRST]
    shown = {link.url for link in first}
    return FilterGroup(title, *_folded(links, shown))


def _year_group(filter: Wanted, counts: Mapping[str, int], total: int) -> FilterGroup:
    counted = {**counts, filter.year: total} if filter.year else counts
    years = sorted(counted, reverse=True)
    links = _links(filter, "year", counted, {year: year_words(year) for year in years})
    return FilterGroup(Message("År"), links[:SHOWN_AT_FIRST], links[SHOWN_AT_FIRST:])


def year_words(year: str) -> str:
    """The words for a year, or for one of its months."""
    return said(lambda formats: formats.partial_date(year)) if "-" in year else year


def _year_chip(year: str) -> str:
    """A month says what it is; a number alone does not."""
    return year_words(year) if "-" in year else Message("År %(year)s", year=year)


def _name_group(
    title: str, filter: Wanted, field: str, names: Sequence[Named], total: int
) -> FilterGroup:
    """Names of products or suppliers, the commonest first; one is known however it is spelled."""
    address, chosen = addresses(filter, field), folded(getattr(filter, field))
    links = [
        FilterLink(
            one.name,
            address("" if folded(one.name) == chosen else one.name),
            one.records,
            folded(one.name) == chosen,
        )
        for one in names
    ]
    if chosen and not any(link.chosen for link in links):
        links.insert(0, FilterLink(getattr(filter, field), address(""), total, chosen=True))
    first = [link for link in links if link.chosen] + links[:NAMES_AT_FIRST]
    shown, folded_links = _folded(links, {link.url for link in first})
    return FilterGroup(title, shown, folded_links, language=SOURCE)


def _open_group(filter: Wanted, count: int) -> FilterGroup:
    if not count and not filter.collaboration_open:
        return FilterGroup(Message("Samverkan"), ())
    url = list_url(filter, collaboration_open=not filter.collaboration_open)
    link = FilterLink(OPEN, url, count, filter.collaboration_open)
    return FilterGroup(Message("Samverkan"), (link,))


def _gathered(title: str, filter: Wanted, field: str, choices: Sequence[Choice]) -> FilterGroup:
    make, chosen = _link_maker(filter, field), getattr(filter, field)
    links = [
        make(choice.code, choice.words, choice.records)
        for choice in choices
        if choice.records or choice.code == chosen
    ]
    first = [link for link in links if link.chosen] + links[:GATHERED_AT_FIRST]
    return FilterGroup(title, *_folded(links, {link.url for link in first}))


def _folded(
    links: Sequence[FilterLink], shown: Set[str]
) -> tuple[tuple[FilterLink, ...], tuple[FilterLink, ...]]:
    """Part the links into those with these addresses, and those that are folded."""
    return (
        tuple(link for link in links if link.url in shown),
        tuple(link for link in links if link.url not in shown),
    )


def _link_maker(filter: Wanted, field: str) -> Callable[[str, str, int], FilterLink]:
    """Make links that choose a code, or, for the one that is chosen, choose it no more."""
    address, chosen = addresses(filter, field), getattr(filter, field)

    def make(code: str, words: str, count: int) -> FilterLink:
        is_chosen = code == chosen
        return FilterLink(words, address("" if is_chosen else code), count, is_chosen)

    return make


def chips_of(wanted: Wanted, own: str) -> tuple[Chip, ...]:
    """What is chosen, each in words; `own` is our kommunkod."""
    words: dict[str, Callable[[str], str]] = {
        "text": lambda text: Message("”%(text)s”", text=text),
        "area": labels.area,
        "type": lambda code: labels.label(labels.RECORD_TYPES, code),
        "municipality": municipalities.name_of,
        "status": lambda code: labels.label(labels.STATUSES, code),
        "place": lambda code: place_words(code, own),
        "group": lambda code: group_words(code, own),
        "year": _year_chip,
        "product": lambda name: Message("Produkt: %(name)s", name=name),
        "supplier": lambda name: Message("Leverantör: %(name)s", name=name),
        "answers": lambda code: labels.label(labels.ANSWERS, code),
        "collaboration_open": lambda _: OPEN,
        "literal": lambda _: LITERAL,
    }
    return tuple(
        Chip(words[field](str(value)), list_url(wanted, **{field: type(value)()}))
        for field, value in wanted.choices.items()
    )
