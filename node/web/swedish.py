"""How dates, times and numbers are written in Swedish on staff pages.

Dates "23 november 2026" in text and 2026-11-23 in tables, time with a point ("kl. 14.05"), numbers
with non-breaking spaces. Times are shown as Swedish local time.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.numbers import format_decimal

LOCALE = "sv"
SWEDEN = ZoneInfo("Europe/Stockholm")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
SLUG_CHARS_MAX = 60
_NUMBERS_KEPT = 1_024

_SLUG_LETTERS = str.maketrans({"å": "a", "ä": "a", "ö": "o", "æ": "a", "ø": "o", "ß": "ss"})


def local_time(time_ms: int) -> datetime:
    """Swedish local time of a time stamp in milliseconds since 1970."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(SWEDEN)


def long_date(value: int | date) -> str:
    """Long form, "23 november 2026", from a date or milliseconds."""
    day = local_time(value).date() if isinstance(value, int) else value
    return format_date(day, "d MMMM y", locale=LOCALE)


def month_and_year(time_ms: int) -> str:
    """Month and year, "november 2026"."""
    return format_date(local_time(time_ms).date(), "MMMM y", locale=LOCALE)


def short_date(value: int | date) -> str:
    """Short form, "2026-11-23", for tables and machine-readable attributes."""
    return (local_time(value).date() if isinstance(value, int) else value).isoformat()


def clock_time(time_ms: int) -> str:
    """Time of day, "kl. 14.05"."""
    return local_time(time_ms).strftime(f"kl.{NO_BREAK_SPACE}%H.%M")


def date_and_time(time_ms: int) -> str:
    """Date and time, "23 november 2026 kl. 14.05"."""
    return f"{long_date(time_ms)} {clock_time(time_ms)}"


def partial_date(text: str) -> str:
    """A stated date of any precision: "2024", "mars 2024" or "3 mars 2024"."""
    parts = text.split("-")
    try:
        if len(parts) == 2:
            return format_date(date(int(parts[0]), int(parts[1]), 1), "MMMM y", locale=LOCALE)
        if len(parts) == 3:
            return long_date(date.fromisoformat(text))
    except ValueError:
        return text
    return text


def duration(milliseconds: int) -> str:
    """A length of time in words: "3 minuter", "2 dygn"; rounded down, at least "1 sekund"."""
    seconds = max(1, milliseconds // 1000)
    units = (
        (86400, "dygn", "dygn"),
        (3600, "timme", "timmar"),
        (60, "minut", "minuter"),
        (1, "sekund", "sekunder"),
    )
    for size, one, many in units:
        if seconds >= size:
            count = seconds // size
            return f"{number(count)}{NO_BREAK_SPACE}{one if count == 1 else many}"
    return f"1{NO_BREAK_SPACE}sekund"


@lru_cache(_NUMBERS_KEPT)
def number(value: int) -> str:
    """A whole number with non-breaking spaces, "1 930"."""
    text: str = format_decimal(value, locale=LOCALE)
    return text.replace("\N{NARROW NO-BREAK SPACE}", NO_BREAK_SPACE)


def data_size(count_bytes: int) -> str:
    """A number of bytes, "3,1 MB"; thousands of bytes are the smallest that anybody needs."""
    for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB")):
        if count_bytes >= unit:
            amount = format_decimal(count_bytes / unit, format="#,##0.0", locale=LOCALE)
            return f"{amount}{NO_BREAK_SPACE}{name}"
    return f"{number(round(count_bytes / 1_000))}{NO_BREAK_SPACE}kB"


def kronor(value: int) -> str:
    """An amount, "185 000 kr"."""
    return f"{number(value)}{NO_BREAK_SPACE}kr"


def counted(count: int, one: str, many: str) -> str:
    """A count and its word: "1 erfarenhet", "12 erfarenheter", "inga erfarenheter"."""
    if count == 0:
        return f"inga {many}"
    return f"{number(count)}{NO_BREAK_SPACE}{one if count == 1 else many}"


def slug(text: str) -> str:
    """Address form of a title: lower-case a–z and digits joined by hyphens; may be empty."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_SLUG_LETTERS))
    words = re.findall(r"[a-z0-9]+", plain.encode("ascii", "ignore").decode())
    result = ""
    for word in words:
        longer = f"{result}-{word}" if result else word
        if len(longer) > SLUG_CHARS_MAX:
            break
        result = longer
    return result


def possessive(name: str) -> str:
    """The genitive of a name: "Tidaholms", "Borås"."""
    return name if name.lower().endswith(("s", "x", "z")) else f"{name}s"


_MONTHS = {
    format_date(date(2000, month, 1), "MMMM", locale=LOCALE): month for month in range(1, 13)
}
_MONTHS |= {name[:3]: month for name, month in _MONTHS.items()}


def read_partial_date(text: str) -> str:
    """Read "2024", "mars 2024", "3 mars 2024" or ISO as "2024", "2024-03", "2024-03-03".

    Raises ValueError when it is none of these, or no such day exists.
    """
    words = text.strip().lower().replace(".", " ").split()
    if len(words) == 1:
        parts = [int(part) for part in words[0].split("-")]
        year, month, day = [*parts, 0, 0][:3] if len(parts) <= 3 else (0, 0, 0)
    else:
        day = int(words[0]) if len(words) == 3 else 0
        month = _MONTHS.get(words[-2], 0)
        year = int(words[-1])
        if len(words) > 3 or not month:
            raise ValueError(f"not a date: {text}")
    # Before `date`, which raises OverflowError for numbers that no calendar has.
    if not (1900 <= year <= 2200 and month <= 12 and day <= 31):
        raise ValueError(f"not a likely date: {text}")
    checked = date(year, month or 1, day or 1)
    return f"{checked:%Y-%m-%d}" if day else f"{checked:%Y-%m}" if month else f"{checked:%Y}"


def read_number(text: str) -> int:
    """Read "185 000 kr", "185.000" or "185000:-" as 185000. Raises ValueError for anything else."""
    plain = re.sub(r"(?i)(?:kr|kronor|sek|timmar|tim|h|:-)\.?\s*$", "", text.strip())
    digits = re.sub(r"[\s.\u00a0\u202f]", "", plain)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise ValueError(f"not a whole number: {text}")
    return int(digits)
