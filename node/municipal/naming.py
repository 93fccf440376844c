"""Municipalities by the names that texts give them: "Hjo kommun", "Göteborgs stad", "Tidaholm".

A name is taken only when all of it is the municipality's: "Hjo Energi AB" is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from node.municipal import municipalities
from node.municipal.municipalities import Municipality

_AROUND = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\])\s*")
_KINDS = ("kommun", "stad")


@cache
def _by_name() -> dict[str, Municipality]:
    found: dict[str, Municipality] = {}
    for item in municipalities.all_municipalities():
        owner = item.name if item.name.endswith(("s", "x", "z")) else f"{item.name}s"
        names = {item.name, item.official_name}
        names |= {f"{name} {kind}" for name in (item.name, owner) for kind in _KINDS}
        names |= {f"{kind} {item.name}" for kind in ("municipality of", "city of", "kommunen")}
        names |= {f"{item.name} {kind}" for kind in ("municipality", "city")}
        found.update((name.casefold(), item) for name in names)
    return found


def municipality_named(name: str) -> Municipality | None:
    """The municipality that a name means, or None."""
    plain = " ".join(_AROUND.sub(" ", name).split()).strip(" .,;").casefold()
    return _by_name().get(plain)


def municipalities_named(names: Iterable[str]) -> list[Municipality]:
    """The municipalities among some names, each once, in the order of the names."""
    found = (municipality_named(name) for name in names)
    return list(dict.fromkeys(item for item in found if item is not None))
