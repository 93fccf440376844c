"""The 12 areas and 64 subareas that records are sorted under (taxonomy.json; see README.md beside).

Rules: immutable, read once. Ids are stable text: "aldre" for an area, "aldre.hemtjanst" for a
subarea. Only publishing asks whether an id is in this table; a record from a newer table is kept
and shown with its id.
"""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import Any, NamedTuple


class Subarea(NamedTuple):
    """A subarea; id is "area.subarea", labels in Swedish and English."""

    id: str
    sv: str
    en: str


class Area(NamedTuple):
    """An area with its subareas."""

    id: str
    sv: str
    en: str
    subareas: tuple[Subarea, ...]


@cache
def areas() -> tuple[Area, ...]:
    """All areas in their fixed order."""
    table = json.loads((files(__package__) / "taxonomy.json").read_text("utf-8"))
    return tuple(_area(item) for item in table["areas"])


def _area(item: dict[str, Any]) -> Area:
    subareas = tuple(Subarea(sub["id"], sub["sv"], sub["en"]) for sub in item["sub"])
    return Area(item["id"], item["sv"], item["en"], subareas)


@cache
def _by_id() -> dict[str, Area | Subarea]:
    found: dict[str, Area | Subarea] = {}
    for area in areas():
        found[area.id] = area
        found.update((subarea.id, subarea) for subarea in area.subareas)
    return found


def find(area_id: str) -> Area | Subarea | None:
    """The area or subarea with this id, or None."""
    return _by_id().get(area_id)


def parent(area_id: str) -> Area | None:
    """The area that an area or subarea id belongs to (an area is its own), or None."""
    found = _by_id().get(area_id.partition(".")[0])
    return found if isinstance(found, Area) else None


def label(area_id: str, language: str = "sv") -> str:
    """Its name in Swedish (or "en"); the id itself when it is not in the table."""
    found = find(area_id)
    if found is None:
        return area_id
    return found.en if language == "en" else found.sv
