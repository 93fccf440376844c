"""Whether a name could be taken for another municipality's. Pure.

Compared is what a hasty reader sees: without capitals, accents, spaces and words like "kommun",
with characters alike made one, and with one letter wrong. What is not written in Latin letters is
like everything: nobody here can tell.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container, Iterable
from functools import lru_cache
from typing import NamedTuple

from node.municipal import municipalities
from node.municipal.naming import municipality_named

_KINDS = re.compile(
    r"\b(kommun|kommunen|stad|staden|stads|region|regionen|municipality|city|of|the)\b"
)
_WORD = re.compile(r"[^\W_]+")
_ALIKE = (("0", "o"), ("1", "l"), ("i", "l"), ("rn", "m"), ("vv", "w"), ("5", "s"))
_ALLOWED = frozenset(" -'’.()&,0123456789")
_NAMES_KEPT = 1_024
SLIPS_FROM_CHARS = 5
"""Shorter names are compared without allowing for a wrong letter."""


class Other(NamedTuple):
    """Another municipality that a name must not be taken for."""

    code: str
    name: str


def is_readable(name: str) -> bool:
    """Whether a name holds Latin letters, digits and plain signs only, and some letters."""
    letters = [char for char in name if char not in _ALLOWED]
    return bool(letters) and all(
        unicodedata.name(char, "").startswith("LATIN ") and char.isalpha() for char in letters
    )


def likened_to(
    name: str,
    code: str,
    present: str,
    others: Iterable[Other],
    continued: Container[str] = frozenset(),
) -> Other | None:
    """The municipality that `name` could be taken for, when `code` wants it; None for nobody else.

    `present` is its name now; `others` are those that take part, beside all in the table. Whoever
    goes on for a municipality may take its name up: `continued` holds the codes of those.
    """
    own = municipalities.by_code(code)
    if own is not None and municipality_named(name) == own:
        return None
    seen = _skeleton(name)
    if seen == _skeleton(present):
        return None
    table = (Other(one.code, one.name) for one in municipalities.all_municipalities())
    for other in (*others, *table):
        if other.code != code and other.code not in continued and _is_like(name, seen, other):
            return other
    return None


def _is_like(name: str, seen: str, other: Other) -> bool:
    theirs = _skeleton(other.name)
    if not theirs:
        return False
    slipped = _one_slip_apart(_letters(name), _letters(other.name))
    return seen == theirs or slipped or _names_whole(name, other)


def _names_whole(name: str, other: Other) -> bool:
    """Whether the other's name stands in this one as words of their own: "Hjo (Exempelby)"."""
    known = municipalities.by_code(other.code)
    short = known.name if known else _KINDS.sub(" ", other.name.casefold()).strip()
    words = _spaced(name)
    forms = (short, f"{short}s", short.removesuffix("s"))
    return any(_spaced(form) in words for form in forms if form.strip())


def _spaced(text: str) -> str:
    """Its words, each between spaces."""
    return f" {' '.join(_WORD.findall(text.casefold()))} "


@lru_cache(_NAMES_KEPT)
def _letters(name: str) -> str:
    """Its letters and digits without accents and words like "kommun"."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    bare = "".join(char for char in plain if not unicodedata.combining(char))
    return "".join(_WORD.findall(_KINDS.sub(" ", bare))).removesuffix("s")


@lru_cache(_NAMES_KEPT)
def _skeleton(name: str) -> str:
    letters = _letters(name)
    for char, like in _ALIKE:
        letters = letters.replace(char, like)
    return letters


def _one_slip_apart(one: str, other: str) -> bool:
    """Whether one letter too many, too few or wrong, or two in turn, makes them the same."""
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < SLIPS_FROM_CHARS or len(longer) - len(shorter) > 1:
        return False
    first = next((at for at, char in enumerate(shorter) if char != longer[at]), len(shorter))
    if len(longer) > len(shorter):
        return shorter[first:] == longer[first + 1 :]
    swapped = shorter[first + 1 : first + 2] + shorter[first : first + 1] + shorter[first + 2 :]
    return shorter[first + 1 :] == longer[first + 1 :] or swapped == longer[first:]
