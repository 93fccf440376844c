"""Swedish alphabetical order: Å, Ä and Ö are letters of their own, last, in that order.

The lists that are sorted by name here are short (290 municipalities), so they are sorted by this
one function on every database, and no collation has to exist anywhere.
"""

from __future__ import annotations

import unicodedata

_LAST_LETTERS = str.maketrans({"å": "{", "ä": "|", "æ": "|", "ö": "}", "ø": "}"})
_ACCENT = "Mn"


def sort_key(name: str) -> tuple[str, str]:
    """Return what to sort ``name`` by; upper and lower case and accents decide only ties."""
    text = unicodedata.normalize("NFC", name)
    own_letters = text.casefold().translate(_LAST_LETTERS)
    plain = "".join(
        character
        for character in unicodedata.normalize("NFD", own_letters)
        if unicodedata.category(character) != _ACCENT
    )
    return plain, text
