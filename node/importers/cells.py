"""Cells of a table → values of a record, as Swedish and English spreadsheets write them.

Each reader raises `CellError` with what to write instead. Nothing is guessed where a wrong guess
would be off by a factor: ``1,500`` and ``1.500`` are refused, since they may be 1500 or 1.5.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cache

from node.importers import phrases
from node.importers.notes import Note
from node.municipal import taxonomy
from node.municipal.taxonomy import Area, Subarea

YES = frozenset({"ja", "j", "yes", "y", "sant", "true", "1", "x"})
NO = frozenset({"nej", "n", "no", "falskt", "false", "0"})
_MONTHS = ("jan", "feb", "mar", "apr", "maj", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
_ENGLISH_MONTHS = {"may": 5, "oct": 10}
_UNITS = {"tkr": 1_000, "kkr": 1_000, "tsek": 1_000, "mkr": 1_000_000, "mnkr": 1_000_000,
          "msek": 1_000_000, "miljoner": 1_000_000, "miljon": 1_000_000}  # fmt: skip
_AMOUNT = re.compile(
    r"(?:sek|kr|ca\.?|cirka)?\s*([0-9][0-9 .,']*?)\s*"
    rf"({'|'.join(_UNITS)})?\s*(?:kr|kronor|sek|timmar|tim|h|hours|:-|,-)?\.?"
)
_DIGITS_MAX = 15


class CellError(Exception):
    """A cell that cannot be read; the note says what to write."""

    def __init__(self, template: str, **values: str | int) -> None:
        note = Note(template, **values)
        super().__init__(note)
        self.note = note


def read_amount(text: str) -> tuple[int, bool]:
    """Read "185 000 kr", "185000,50" or "1,5 mkr" as whole units; tells whether it was rounded."""
    plain = re.sub(r"[\s\u00a0\u202f]+", " ", text.strip().casefold())
    match = _AMOUNT.fullmatch(plain)
    if match is None:
        raise CellError(phrases.NO_AMOUNT, value=_short(text))
    number = _number(match.group(1), text) * _UNITS.get(match.group(2) or "", 1)
    whole = number.to_integral_value(ROUND_HALF_UP)
    if whole >= 10**_DIGITS_MAX:
        raise CellError(phrases.NO_AMOUNT, value=_short(text))
    return int(whole), whole != number


def _number(digits: str, text: str) -> Decimal:
    """A number with groups of three and a decimal sign, of either country."""
    plain = digits.replace(" ", "").replace("'", "").strip(".,")
    signs = [sign for sign in plain if sign in ".,"]
    if not signs:
        return Decimal(plain[: _DIGITS_MAX + 1])
    last = plain.rindex(signs[-1])
    whole, rest = plain[:last], plain[last + 1 :]
    if len(signs) > 1 and len(set(signs)) == 1:  # 1.185.000
        groups = plain.split(signs[0])
        if any(len(group) != 3 for group in groups[1:]) or len(groups[0]) > 3:
            raise CellError(phrases.NO_AMOUNT, value=_short(text))
        return Decimal("".join(groups))
    other = "," if signs[-1] == "." else "."
    if len(signs) == 1 and len(rest) == 3 and len(whole) <= 3 and whole != "0":
        raise CellError(phrases.TWO_AMOUNTS, value=_short(text))
    groups = whole.split(other)
    if len(groups) > 1 and any(len(group) != 3 for group in groups[1:]):
        raise CellError(phrases.NO_AMOUNT, value=_short(text))
    whole = "".join(groups)
    if not whole.isdecimal() or len(whole) > _DIGITS_MAX or len(rest) > _DIGITS_MAX:
        raise CellError(phrases.NO_AMOUNT, value=_short(text))
    return Decimal(f"{whole}.{rest}")


def read_date(text: str) -> str:
    """Read a year, month or day in the forms of spreadsheets as YYYY, YYYY-MM or YYYY-MM-DD."""
    plain = re.sub(r"[t ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?z?$", "", text.strip().casefold())
    forms = (
        r"(?P<year>\d{4})(?:[-/.](?P<month>\d{1,2})(?:[-/.](?P<day>\d{1,2}))?)?",
        r"(?P<year>\d{4})(?P<month>\d{2})(?P<day>\d{2})",
        r"(?P<day>\d{1,2})[./](?P<month>\d{1,2})[./ ](?P<year>\d{4})",
        r"(?:(?P<day>\d{1,2})\.?\s+)?(?P<month>[a-zåäö]{3,9})\.?\s+(?P<year>\d{4})",
    )
    for form in forms:
        if match := re.fullmatch(form, plain, re.ASCII if "å" not in form else 0):
            return _date(match.groupdict(), text)
    raise CellError(phrases.NO_DATE, value=_short(text))


def _date(parts: dict[str, str | None], text: str) -> str:
    month = parts["month"] or "0"
    number = int(month) if month.isdecimal() else _month(month)
    day, year = int(parts["day"] or 0), int(parts["year"] or 0)
    try:
        checked = date(year, number or 1, day or 1)
    except ValueError as error:
        raise CellError(phrases.NO_DATE, value=_short(text)) from error
    if not 1900 <= year <= 2200 or (not number and not month.isdecimal()):
        raise CellError(phrases.NO_DATE, value=_short(text))
    return f"{checked:%Y-%m-%d}" if day else f"{checked:%Y-%m}" if number else f"{checked:%Y}"


def _month(name: str) -> int:
    if name[:3] in _ENGLISH_MONTHS:
        return _ENGLISH_MONTHS[name[:3]]
    return _MONTHS.index(name[:3]) + 1 if name[:3] in _MONTHS else 0


def read_yes_no(text: str) -> bool:
    """Read "ja", "nej", "x", "true" and the like."""
    plain = text.strip().casefold()
    if plain in YES or plain in NO:
        return plain in YES
    raise CellError(phrases.NO_YES_NO, value=_short(text))


def read_choice(field: str, text: str, words: dict[str, str]) -> str:
    """Read one of a field's choices, by code or by one of the words that mean it."""
    plain = " ".join(text.split()).casefold()
    if plain in words:
        return words[plain]
    known = ", ".join(dict.fromkeys(words.values()))
    raise CellError(phrases.NO_CHOICE, value=_short(text), field=field, known=known)


def read_area(text: str) -> str:
    """Read a subject area by its id, or by its name in Swedish or English."""
    plain = " ".join(text.split()).casefold()
    if plain in _area_names():
        return _area_names()[plain]
    raise CellError(phrases.NO_AREA, value=_short(text))


@cache
def _area_names() -> dict[str, str]:
    found: dict[str, str] = {}
    for area in taxonomy.areas():
        named: list[Area | Subarea] = [area, *area.subareas]
        for item in named:
            for name in (item.id, item.sv, item.en):
                found.setdefault(name.casefold(), item.id)
    return found


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= 60 else f"{plain[:60]}…"
