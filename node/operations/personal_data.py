"""Finds what looks like personal data in a text that is about to be published.

Looks for personal numbers (with the Luhn check digit, also co-ordination numbers), names of
persons, e-mail addresses and telephone numbers. It warns; a person decides. It never stores or logs
what it finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple

from node.operations.personal_names import find_names

PERSONAL_NUMBER = "personnummer"
NAME = "namn"
EMAIL = "e-postadress"
PHONE = "telefonnummer"

_PERSONAL_NUMBER = re.compile(r"(?<![\d-])(?:19|20)?(\d{2})(\d{2})(\d{2})[-+ ]?(\d{4})(?![\d-])")
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
_PHONE = re.compile(r"(?<![\d.,-])(?:\+46[ -]?(?:\(0\))?|0)[1-9](?:[ -]?\d){6,9}(?!\d)")
_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
"""Ids of records are digests: the digits in them mean nothing."""
_COORDINATION_DAYS = 60


class Finding(NamedTuple):
    """One suspicion: the field's name, what it looks like, and the text itself (masked)."""

    field: str
    what: str
    excerpt: str


def luhn_valid(digits: str) -> bool:
    """True when the last digit of `digits` is the Luhn check digit of those before it."""
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if index % 2 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return total % 10 == 0


def _is_personal_number(match: re.Match[str]) -> bool:
    year, month, day, last = match.groups()
    day_number = int(day) - _COORDINATION_DAYS if int(day) > _COORDINATION_DAYS else int(day)
    try:
        date(2000 + int(year), int(month), day_number)
    except ValueError:
        return False
    return luhn_valid(year + month + day + last)


def _mask(text: str) -> str:
    """Show enough to find the place, not enough to spread it."""
    return f"{text[: max(2, len(text) // 2)]}…"


def find_personal_data(fields: Iterable[tuple[str, str]]) -> list[Finding]:
    """Return every suspicion in (field name, text) pairs, in order of the fields."""
    return [finding for field, text in fields for finding in _find_in(field, _ID.sub("", text))]


def _find_in(field: str, text: str) -> Iterator[Finding]:
    numbers = [match for match in _PERSONAL_NUMBER.finditer(text) if _is_personal_number(match)]
    for match in numbers:
        yield Finding(field, PERSONAL_NUMBER, _mask(match.group()))
    for name in dict.fromkeys(find_names(text)):
        yield Finding(field, NAME, _mask(name))
    for match in _EMAIL.finditer(text):
        yield Finding(field, EMAIL, _mask(match.group()))
    for match in _PHONE.finditer(text):
        if not any(number.start() <= match.start() < number.end() for number in numbers):
            yield Finding(field, PHONE, _mask(match.group()))
