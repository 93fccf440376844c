"""Groups of municipalities that lists can be narrowed to: where they lie, and which are alike.

A place or a group has a short code that stands in addresses; what a code means may depend on whose
node it is ("our neighbours", "those like us"). Facts from SCB and SKR; see README.md beside.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import cache

from node.municipal import borders, municipalities
from node.municipal.municipalities import Municipality

NEIGHBOURS = "grannar"
ALIKE = "liknar-oss"
_COUNTY = "lan-"
_COUNTY_DIGITS = 2
SIZE_RATIO_MAX = 2.0
"""Alike are those of the same SKR group, at most so many times larger or smaller."""
ALIKE_MIN = 4
"""Where fewer are alike by size, the whole group is."""


@cache
def counties() -> dict[str, str]:
    """Names of the counties by code: {"lan-14": "Västra Götalands län", …}."""
    found: dict[str, str] = {}
    for item in municipalities.all_municipalities():
        found.setdefault(_COUNTY + item.code[:_COUNTY_DIGITS], item.county)
    return found


@cache
def subregions() -> dict[str, str]:
    """Names of the subregions by code."""
    names = {item.subregion for item in municipalities.all_municipalities() if item.subregion}
    return {municipalities.slug_of(name): name for name in sorted(names)}


@cache
def groups() -> dict[str, str]:
    """Names of SKR's groups of municipalities by code, from the largest kind to the smallest."""
    names: dict[str, list[int]] = {}
    for item in municipalities.all_municipalities():
        names.setdefault(item.skr_group, []).append(item.population)
    ordered = sorted(names, key=lambda name: -sum(names[name]) / len(names[name]))
    return {municipalities.slug_of(name): name for name in ordered}


def county_of(code: str) -> str:
    """The code of the county that a municipality lies in; "" for an unknown one."""
    return _COUNTY + code[:_COUNTY_DIGITS] if municipalities.by_code(code) else ""


def subregion_of(code: str) -> str:
    """The code of the subregion that a municipality is in; "" when it is in none."""
    known = municipalities.by_code(code)
    return municipalities.slug_of(known.subregion) if known else ""


def group_of(code: str) -> str:
    """The code of a municipality's SKR group; "" for an unknown one."""
    known = municipalities.by_code(code)
    return municipalities.slug_of(known.skr_group) if known else ""


@cache
def near_codes(own: str) -> frozenset[str]:
    """Kommunkoder of those around a municipality: its neighbours and its subregion."""
    return place_codes(NEIGHBOURS, own) | place_codes(subregion_of(own), own) - {own}


def place_codes(place: str, own: str) -> frozenset[str]:
    """Kommunkoder of a place; none for a place that does not exist."""
    if place == NEIGHBOURS:
        return frozenset({*borders.neighbours_of(own), *borders.near(own)})
    return _lying_in().get(place, frozenset())


def group_codes(group: str, own: str) -> frozenset[str]:
    """Kommunkoder of a group; none for a group that does not exist."""
    if group == ALIKE:
        return frozenset(item.code for item in alike(own))
    return _grouped().get(group, frozenset())


@cache
def alike(code: str) -> tuple[Municipality, ...]:
    """The municipalities most like this one: same SKR group, size at most twice or half.

    The nearest in size come first; none for an unknown code.
    """
    own = municipalities.by_code(code)
    if own is None:
        return ()
    same = [item for item in _all() if item.skr_group == own.skr_group and item.code != code]
    by_size = sorted(same, key=lambda item: (_difference(item, own), item.code))
    near = [item for item in by_size if _difference(item, own) <= math.log(SIZE_RATIO_MAX)]
    return tuple(near if len(near) >= ALIKE_MIN else by_size)


def _difference(one: Municipality, other: Municipality) -> float:
    return abs(math.log(one.population / other.population))


def _all() -> tuple[Municipality, ...]:
    return municipalities.all_municipalities()


@cache
def _lying_in() -> dict[str, frozenset[str]]:
    """Kommunkoder of each county and subregion, by its code."""
    return _gathered(lambda item: (county_of(item.code), subregion_of(item.code)))


@cache
def _grouped() -> dict[str, frozenset[str]]:
    """Kommunkoder of each of SKR's groups, by its code."""
    return _gathered(lambda item: (group_of(item.code),))


def _gathered(places_of: Callable[[Municipality], Iterable[str]]) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for item in _all():
        for place in places_of(item):
            found.setdefault(place, set()).add(item.code)
    return {place: frozenset(codes) for place, codes in found.items() if place}
