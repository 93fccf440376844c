"""Judging a new password: by its length, and against what anybody would try first. Pure.

No rules about kinds of characters: they make passwords harder to remember and no harder to guess.
What counts is what is left of a password when the words everybody knows (its owner's name, the
municipality, seasons, "lösenord") and runs such as 1234 or asdf are taken away.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from itertools import pairwise

PASSWORD_CHARS_MIN = 12
PASSWORD_CHARS_MAX = 200
DISTINCT_CHARS_MIN = 6
"""How many different characters must be left when the obvious is taken away."""

_WORDS = frozenset(
    """
    password passw0rd lösenord losenord l0senord passord hemligt hemlig hemlighet secret admin
    administrator root test testar user användare anvandare login logga inloggning välkommen
    valkommen welcome letmein iloveyou jagälskardig master monkey dragon sunshine princess football
    fotboll hockey sommar sommaren vinter vintern höst hösten host hosten vår våren var varen summer
    winter spring autumn januari februari mars april maj juni juli augusti september oktober
    november december måndag tisdag onsdag torsdag fredag lördag söndag sverige sweden kommun
    kommunen kommuns tidan erfarenhet granne changeme bytmig qwerty abc aaa xxx
    """.split()
)
_WHOLE = frozenset({"correcthorsebatterystaple", "trustno1trustno1", "thequickbrownfox"})
_ROWS = (
    "qwertyuiopå",
    "asdfghjklöä",
    "zxcvbnm",
    "1234567890",
    '!"#¤%&/()=',
    "1qaz2wsx3edc4rfv5tgb",
)
_BESIDE = frozenset(
    pair for row in _ROWS for first, second in pairwise(row)
    for pair in (first + second, second + first)
)  # fmt: skip


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    OBVIOUS = "obvious"


def normalised(password: str) -> str:
    """The password in one spelling, so that å is å whichever keyboard it was typed on."""
    return unicodedata.normalize("NFC", password)


def weakness(password: str, known_words: Iterable[str] = ()) -> Weakness | None:
    """Why a password may not be chosen, or None; `known_words` are names around its owner."""
    text = normalised(password)
    if len(text) < PASSWORD_CHARS_MIN:
        return Weakness.SHORT
    if len(text) > PASSWORD_CHARS_MAX:
        return Weakness.LONG
    if text.isdigit() or _is_obvious(text.casefold(), known_words):
        return Weakness.OBVIOUS
    return None


def _is_obvious(text: str, known_words: Iterable[str]) -> bool:
    if re.sub(r"[\W_]", "", text) in _WHOLE:
        return True
    parts = {part for words in known_words for part in re.split(r"[\W_]+", words.casefold())}
    words = _WORDS | {part for part in parts if len(part) > 2}
    pattern = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))
    left = re.sub(pattern, " ", text)
    return len(set(_without_runs(left)) - {" "}) < DISTINCT_CHARS_MIN


def _without_runs(text: str) -> str:
    """The text without characters that follow from the one before: repeated, counted, beside it."""
    kept = text[:1]
    for before, char in pairwise(text):
        if abs(ord(char) - ord(before)) > 1 and before + char not in _BESIDE:
            kept += char
    return kept
