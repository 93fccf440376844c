"""The neighbourhood as a map: lines to neighbours, and on to those that come through them. Pure.

The picture is never alone: the same stands in tables beside it, by the numbers on the map.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from node.municipal import outlines

DRAWN_MAX = 60
"""Municipalities in one picture; with more only the neighbours are drawn."""
BEND_SHARE = 0.12
RADIUS_SHARE = 0.036
TEXT_SHARE = 0.05
OWN_LEVEL, NEIGHBOUR_LEVEL, FARTHER_LEVEL = 3, 2, 1


class Near(NamedTuple):
    """A neighbour to draw: its number in the table, and how its contact goes (good, wait, bad)."""

    number: int
    code: str
    name: str
    mark: str


class Far(NamedTuple):
    """A municipality that comes through a neighbour, by kommunkod of both."""

    code: str
    name: str
    through: str


class Surface(NamedTuple):
    """One municipality on the map and how dark it is."""

    code: str
    name: str
    level: int
    own: bool


class Stream(NamedTuple):
    """A line between two municipalities: a path, and its kind for the style."""

    path: str
    kind: str
    title: str


class Place(NamedTuple):
    """A neighbour's number where it lies."""

    x: int
    y: int
    number: int
    mark: str


class NetworkPicture(NamedTuple):
    """What is drawn, in one coordinate system; `has_far` says whether those farther off are."""

    view_box: str
    surfaces: list[Surface]
    streams: list[Stream]
    places: list[Place]
    radius: int
    text_size: int
    has_far: bool


def make_picture(
    own: tuple[str, str], near: Sequence[Near], far: Sequence[Far]
) -> NetworkPicture | None:
    """Draw the municipalities that have an outline; None when ours has none.

    `own` is our kommunkod and name.
    """
    has_far = len(near) + len(far) < DRAWN_MAX
    named = dict(_named(far if has_far else ())) | dict(_named(near)) | dict([own])
    region = outlines.region_map(named)
    here = outlines.outline(own[0])
    if region is None or here is None:
        return None
    close = {one.code for one in near}
    surfaces = [
        Surface(one.code, named[one.code], _level(one.code, own[0], close), one.code == own[0])
        for one in region.outlines
    ]
    surfaces.sort(key=lambda surface: surface.own)  # its border lies on top
    size = max(map(int, region.view_box.split()[2:]))
    streams = [
        *_streams([(one.through, one.code, "through", one.name) for one in far if has_far]),
        *_streams([(own[0], one.code, one.mark, one.name) for one in near]),
    ]
    known = [(one, outline) for one in near if (outline := outlines.outline(one.code))]
    places = [
        Place(outline.center_x, outline.center_y, one.number, one.mark) for one, outline in known
    ]
    radius, text_size = round(size * RADIUS_SHARE), round(size * TEXT_SHARE)
    return NetworkPicture(
        region.view_box, surfaces, streams, places, radius, text_size, has_far and bool(far)
    )


def _named(some: Sequence[Near] | Sequence[Far]) -> list[tuple[str, str]]:
    return [(one.code, one.name) for one in some]


def _level(code: str, own: str, close: set[str]) -> int:
    if code == own:
        return OWN_LEVEL
    return NEIGHBOUR_LEVEL if code in close else FARTHER_LEVEL


def _streams(wanted: Sequence[tuple[str, str, str, str]]) -> list[Stream]:
    """Gently bent lines between the middles of two municipalities."""
    found = []
    for start_code, end_code, kind, title in wanted:
        start, end = outlines.outline(start_code), outlines.outline(end_code)
        if start is None or end is None or start_code == end_code:
            continue
        x, y = end.center_x - start.center_x, end.center_y - start.center_y
        bend_x = round(start.center_x + x / 2 - y * BEND_SHARE)
        bend_y = round(start.center_y + y / 2 + x * BEND_SHARE)
        path = f"M{start.center_x} {start.center_y}Q{bend_x} {bend_y} {end.center_x} {end.center_y}"
        found.append(Stream(path, kind, title))
    return found
