"""Which municipalities share a land border (computed from SCB's boundaries; see README.md beside).

Rules: immutable, read once from borders.json, where each pair stands once, so that a border always
has two sides. Water and corners do not count as a border; `near` has those.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def _table() -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = json.loads(
        (files(__package__) / "borders.json").read_text("utf-8")
    )
    return table


@cache
def _land() -> dict[str, dict[str, float]]:
    lengths: dict[str, dict[str, float]] = defaultdict(dict)
    for first, second, length_km in _table()["land"]:
        lengths[first][second] = length_km
        lengths[second][first] = length_km
    return dict(lengths)


@cache
def _near() -> dict[str, tuple[str, ...]]:
    found: dict[str, set[str]] = defaultdict(set)
    for first, second in _table()["near"]:
        found[first].add(second)
        found[second].add(first)
    return {code: tuple(sorted(others)) for code, others in found.items()}


def neighbours_of(code: str) -> tuple[str, ...]:
    """Codes of the municipalities with a land border to this one, in order; () for an island."""
    return tuple(sorted(_land().get(code, {})))


def longest_first(code: str) -> tuple[str, ...]:
    """As `neighbours_of`, those with the longest border first."""
    lengths = _land().get(code, {})
    return tuple(sorted(lengths, key=lambda other: (-lengths[other], other)))


def border_length_km(first: str, second: str) -> float:
    """Length of the land border between two municipalities in km; 0.0 when there is none."""
    return _land().get(first, {}).get(second, 0.0)


def near(code: str) -> tuple[str, ...]:
    """Codes of the municipalities close across water or meeting in a corner, in order."""
    return _near().get(code, ())
