"""Whom to become neighbours with: a few who are near, and two across the country.

Land borders make long ways: from one end of Sweden to the other it is 30 steps. The rule is old
and simple: give a graph of bounded degree a few links between ends chosen at random, and all ways
in it become about as short as in a random graph. Here "random" is a fixed order that anybody can
compute: all municipalities on a circle in order of the SHA-256 of their kommunkod, and a link to
the next one on either side. So each node decides by itself, needs nobody's permission and nothing
but kommunkoder and SCB's borders, and still two nodes that know the same municipalities suggest
each other. A municipality that joins or leaves changes the circle for two others only, and the
circle alone holds everybody together: islands, and those whose surroundings have not joined.

- F. R. K. Chung, M. R. Garey, "Diameter bounds for altered graphs", Journal of Graph Theory 8
  (1984) 511-534: how far a number of links, chosen well, can shorten the ways of a graph.
- B. Bollobás, F. R. K. Chung, "The diameter of a cycle plus a random matching", SIAM Journal on
  Discrete Mathematics 1 (1988) 328-333: one random link a node and the longest way is about
  log2 n. Here are two of them, and the map instead of the cycle.
- M. Krivelevich, D. Reichman, W. Samotij, "Smoothed analysis on connected graphs", RANDOM 2014
  (arXiv:1307.4884): a few random links give any connected graph ways of O(log n).
- C. Law, K.-Y. Siu, "Distributed construction of random expander networks", INFOCOM 2003: random
  cycles, joined and left without a coordinator.

What it comes to on the real borders is in docs/network.md, counted anew by a test; the choice is
ADR 0031. Which municipalities are there, and who is whose neighbour, is for the caller to know.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Collection
from enum import StrEnum
from functools import cache, lru_cache
from itertools import islice
from typing import NamedTuple

from node.municipal import borders, municipalities
from node.municipal.municipalities import Municipality
from node.municipal.steps import Links, all_within, both_ways, ways_from

NEAR_LINKS = 3
"""So many of the nearest are suggested."""
STEPS_MAX = 6
"""While near links alone keep everybody within so many steps, none across the country is needed."""
_CIRCLE = "tidan/1 far neighbours "
_SETS_KEPT = 8


class Why(StrEnum):
    """Why a municipality is suggested."""

    BORDER = "border"
    CLOSE = "close"
    SUBREGION = "subregion"
    NEAREST = "nearest"
    SHORTCUT = "shortcut"


class Suggestion(NamedTuple):
    """A municipality to become neighbours with; `steps` to it today, None when no way is known."""

    code: str
    why: Why
    steps: int | None


def suggest(own: str, here: Collection[str], links: Links) -> tuple[Suggestion, ...]:
    """Whom `own` should become neighbours with, of those it is not neighbour of; at most five.

    `here` are the kommunkoder that are known to have joined; unknown ones are left out, and `own`
    need not be among them. `links` tell who is known to be whose neighbour.
    """
    ways = ways_from(own, links)
    return tuple(
        Suggestion(code, why, ways[code].steps if code in ways else None)
        for code, why in wished(own, here).items()
        if code not in links.get(own, ())
    )


def wished(own: str, here: Collection[str]) -> dict[str, Why]:
    """All that the rule wishes for `own`, whoever is its neighbour already: near ones first."""
    joined = frozenset(code for code in here if municipalities.by_code(code)) | {own}
    found = _near(own, joined)
    if not _near_links_suffice(joined):
        for code in _beside(own, joined):
            found.setdefault(code, Why.SHORTCUT)
    return found


def _near(own: str, joined: frozenset[str]) -> dict[str, Why]:
    """The nearest of those who have joined, at most `NEAR_LINKS`."""
    around = ((code, why) for code, why in _around(own) if code in joined)
    found = dict(islice(around, NEAR_LINKS))
    if len(found) < NEAR_LINKS:
        for code in _by_distance(own, joined - found.keys()):
            found[code] = Why.NEAREST
    return dict(islice(found.items(), NEAR_LINKS))


@cache
def _around(own: str) -> tuple[tuple[str, Why], ...]:
    """Those with a border, the longest first, then close ones, then those of the same subregion."""
    found: dict[str, Why] = {}
    for codes, why in (
        (borders.longest_first(own), Why.BORDER),
        (borders.near(own), Why.CLOSE),
        (_same_subregion(own), Why.SUBREGION),
    ):
        for code in codes:
            found.setdefault(code, why)
    found.pop(own, None)
    return tuple(found.items())


@lru_cache(_SETS_KEPT)
def _near_links_suffice(joined: frozenset[str]) -> bool:
    pairs = [(code, other) for code in joined for other in _near(code, joined)]
    links = both_ways(pairs)
    return all_within({code: links.get(code, set()) for code in joined}, STEPS_MAX)


def _beside(own: str, joined: frozenset[str]) -> list[str]:
    """The next ones on either side of the circle; none when nobody else is there."""
    circle = sorted(joined, key=_place)
    place = circle.index(own)
    sides = (circle[place - 1], circle[(place + 1) % len(circle)])
    return sorted({code for code in sides if code != own})


@cache
def _place(code: str) -> bytes:
    return hashlib.sha256((_CIRCLE + code).encode()).digest()


def _same_subregion(code: str) -> list[str]:
    own = municipalities.by_code(code)
    if own is None or not own.subregion:
        return []
    everybody = municipalities.all_municipalities()
    return [item.code for item in everybody if item.subregion == own.subregion]


def _by_distance(own: str, joined: frozenset[str]) -> list[str]:
    """These, the nearest first; none for a node that has no place on the map."""
    here = municipalities.by_code(own)
    if here is None:
        return []
    others = (municipalities.by_code(code) for code in joined if code != own)
    known = [item for item in others if item is not None]
    known.sort(key=lambda item: (_apart(here, item), item.code))
    return [item.code for item in known]


def _apart(one: Municipality, other: Municipality) -> float:
    """How far apart two are on the globe, as an angle."""
    first, second = math.radians(one.latitude), math.radians(other.latitude)
    east = math.radians(one.longitude - other.longitude) / 2
    north = (first - second) / 2
    root = math.sin(north) ** 2 + math.cos(first) * math.cos(second) * math.sin(east) ** 2
    return math.asin(math.sqrt(root))
