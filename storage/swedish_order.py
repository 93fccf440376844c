"""Swedish alphabetical order: Å, Ä and Ö are letters of their own, last, in that order.

The lists that are sorted by name are short (290 municipalities), so storage and pages sort them by
this one function, and no collation has to exist in any database.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}", "ü": "y", "-": " "})
_ACCENT = "Mn"
_NAMES_KEPT = 2_048


@lru_cache(_NAMES_KEPT)
def sort_key(name: str) -> tuple[str, str]:
    """Return what to sort ``name`` by; case, accents and hyphens decide only ties."""
    text = unicodedata.normalize("NFC", name)
    own_letters = text.casefold().translate(_LETTERS)
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", own_letters)
        if unicodedata.category(character) != _ACCENT
    )
    return plain, text
