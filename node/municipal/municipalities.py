"""Sweden's 290 municipalities as plain facts (SCB and SKR open data; see README.md beside).

Rules: immutable, read once from municipalities.json. A kommunkod is four digits as text, because
"0114" is a code and 114 is not. An unknown code gives None, never an error: a log may
come from a municipality newer than this table.
"""

from __future__ import annotations

import json
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import NamedTuple

from node.municipal.signed_names import signed_name

SKARABORG = "Skaraborg"
_SLUGS_KEPT = 1_024


class Municipality(NamedTuple):
    """One municipality; population of 31 December 2020 rounded to 100, WGS 84 degrees inside it."""

    code: str
    name: str
    official_name: str
    county: str
    population: int
    skr_group: str
    subregion: str
    latitude: float
    longitude: float

    @property
    def slug(self) -> str:
        """The address part "1498-tidaholm": the code decides, the rest is for people."""
        return f"{self.code}-{slug_of(self.name)}"


@lru_cache(_SLUGS_KEPT)
def slug_of(text: str) -> str:
    """Lower-case ASCII with hyphens, for addresses: "Dals-Ed" → "dals-ed", "Åmål" → "amal"."""
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return "-".join("".join(c if c.isalnum() else " " for c in plain).split())


@cache
def _by_code() -> dict[str, Municipality]:
    table = json.loads((files(__package__) / "municipalities.json").read_text("utf-8"))
    if tuple(table["columns"]) != Municipality._fields:
        raise ValueError("municipalities.json has other columns; run scripts/build_facts.py again")
    return {row[0]: Municipality(*row) for row in table["rows"]}


def all_municipalities() -> tuple[Municipality, ...]:
    """All 290, in order of code."""
    return tuple(_by_code().values())


def by_code(code: str) -> Municipality | None:
    """The municipality with this kommunkod, or None."""
    return _by_code().get(code)


def name_of(code: str) -> str:
    """Its short name: the one it has signed, else the table's, else the code itself."""
    if (signed := signed_name(code)) is not None:
        return signed.short
    municipality = by_code(code)
    return municipality.name if municipality else code


def skaraborg() -> tuple[Municipality, ...]:
    """The 15 municipalities of Skaraborg, in order of code."""
    return tuple(item for item in _by_code().values() if item.subregion == SKARABORG)
