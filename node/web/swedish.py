"""How dates, times and numbers are written, and read, in Swedish on staff pages.

Dates "23 november 2026" in text and 2026-11-23 in tables, time with a point ("kl. 14.05"), numbers
with non-breaking spaces. Times are shown as Swedish local time.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from functools import cache
from typing import Final

from node.web import formats
from node.web.formats import NO_BREAK_SPACE, Formats

LOCALE = "sv"
SLUG_CHARS_MAX = 60

_SLUG_LETTERS = str.maketrans({"å": "a", "ä": "a", "ö": "o", "æ": "a", "ø": "o", "ß": "ss"})


def possessive(name: str) -> str:
    """The genitive of a name: "Tidaholms", "Borås"."""
    return name if name.lower().endswith(("s", "x", "z")) else f"{name}s"


SWEDISH: Final = Formats(
    locale=LOCALE,
    clock=f"kl.{NO_BREAK_SPACE}%H.%M",
    day_and_clock="{day} {clock}",
    units=(
        ("dygn", "dygn"),
        ("timme", "timmar"),
        ("minut", "minuter"),
        ("sekund", "sekunder"),
    ),
    money=f"{{}}{NO_BREAK_SPACE}kr",
    none="inga {}",
    owner=possessive,
)
local_time = formats.local_time
short_date = formats.short_date
long_date = SWEDISH.long_date
month_and_year = SWEDISH.month_and_year
clock_time = SWEDISH.clock_time
date_and_time = SWEDISH.date_and_time
partial_date = SWEDISH.partial_date
duration = SWEDISH.duration
number = SWEDISH.number
data_size = SWEDISH.data_size
kronor = SWEDISH.kronor
counted = SWEDISH.counted


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


# The form is filled in in English as well: "March 2024", "185,000".
@cache
def _months() -> dict[str, int]:
    """Months by name and abbreviation; made when first asked for, as it loads two languages."""
    months = {
        formats.patterned_date(date(2000, month, 1), "MMMM", locale).lower(): month
        for locale in ("en_GB", LOCALE)
        for month in range(1, 13)
    }
    return months | {name[:3]: month for name, month in months.items()}


def read_partial_date(text: str) -> str:
    """Read "2024", "mars 2024", "3 mars 2024" or ISO as "2024", "2024-03", "2024-03-03".

    Months may be English. Raises ValueError when it is none of these, or no such day exists.
    """
    words = text.strip().lower().replace(".", " ").split()
    if len(words) == 1:
        parts = [int(part) for part in words[0].split("-")]
        year, month, day = [*parts, 0, 0][:3] if len(parts) <= 3 else (0, 0, 0)
    else:
        day = int(words[0]) if len(words) == 3 else 0
        month = _months().get(words[-2], 0)
        year = int(words[-1])
        if len(words) > 3 or not month:
            raise ValueError(f"not a date: {text}")
    # Before `date`, which raises OverflowError for numbers that no calendar has.
    if not (1900 <= year <= 2200 and month <= 12 and day <= 31):
        raise ValueError(f"not a likely date: {text}")
    checked = date(year, month or 1, day or 1)
    return f"{checked:%Y-%m-%d}" if day else f"{checked:%Y-%m}" if month else f"{checked:%Y}"


def read_number(text: str) -> int:
    """Read "185 000 kr", "185.000", "SEK 185,000" or "185000:-" as 185000.

    A comma counts only between thousands. Raises ValueError for anything else.
    """
    unit = r"(?i)^sek\s*|(?:kr|kronor|sek|timmar|tim|hours?|h|:-)\.?\s*$"
    plain = re.sub(unit, "", text.strip())
    if re.fullmatch(r"\d{1,3}(,\d{3})+", plain):
        plain = plain.replace(",", "")
    digits = re.sub(r"[\s.\u00a0\u202f]", "", plain)
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 15:
        raise ValueError(f"not a whole number: {text}")
    return int(digits)
