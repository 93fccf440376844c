"""How one language writes dates, times, amounts and counts. Times are Swedish local time.

What differs between languages is a field; what is the same is a method. `node/web/swedish.py` and
`node/web/english.py` hold one object each.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
_NUMBERS_KEPT = 1_024
_DATES_KEPT = 1_024
_UNIT_SECONDS = (86_400, 3_600, 60, 1)


def local_time(time_ms: int) -> datetime:
    """Swedish local time of a time stamp in milliseconds since 1970."""
    return datetime.fromtimestamp(time_ms / 1000, UTC).astimezone(SWEDEN)


def short_date(value: int | date) -> str:
    """Short form, "2026-11-23", for tables and machine-readable attributes; as in all languages."""
    return (local_time(value).date() if isinstance(value, int) else value).isoformat()


@lru_cache(_NUMBERS_KEPT)
def _number(value: float, locale: str, pattern: str | None = None) -> str:
    from babel.numbers import format_decimal  # noqa: PLC0415  # with the first page, as no sync needs it

    text: str = format_decimal(value, pattern, locale=locale)
    return text.replace("\N{NARROW NO-BREAK SPACE}", NO_BREAK_SPACE)


@lru_cache(_DATES_KEPT)
def patterned_date(day: date, pattern: str, locale: str) -> str:
    """A date as a locale's pattern has it, "MMMM" for the month alone."""
    from babel.dates import format_date  # noqa: PLC0415  # with the first page of dates

    text: str = format_date(day, pattern, locale=locale)
    return text


@dataclass(frozen=True, slots=True)
class Formats:
    """One language's ways; templates with braces, units from day to second."""

    locale: str
    clock: str
    day_and_clock: str
    units: tuple[tuple[str, str], ...]
    money: str
    none: str
    owner: Callable[[str], str]

    @property
    def language(self) -> str:
        """The language's code, "sv"."""
        return self.locale.partition("_")[0]

    def long_date(self, value: int | date) -> str:
        """Long form, "23 november 2026", from a date or milliseconds."""
        day = local_time(value).date() if isinstance(value, int) else value
        return patterned_date(day, "d MMMM y", self.locale)

    def month_and_year(self, time_ms: int) -> str:
        """Month and year, "november 2026"."""
        return patterned_date(local_time(time_ms).date(), "MMMM y", self.locale)

    def clock_time(self, time_ms: int) -> str:
        """Time of day, "kl. 14.05"."""
        return local_time(time_ms).strftime(self.clock)

    def date_and_time(self, time_ms: int) -> str:
        """Date and time, "23 november 2026 kl. 14.05"."""
        day, clock = self.long_date(time_ms), self.clock_time(time_ms)
        return self.day_and_clock.format(day=day, clock=clock)

    def partial_date(self, text: str) -> str:
        """A stated date of any precision: "2024", "mars 2024" or "3 mars 2024"."""
        parts = text.split("-")
        try:
            if len(parts) == 2:
                month = date(int(parts[0]), int(parts[1]), 1)
                return patterned_date(month, "MMMM y", self.locale)
            if len(parts) == 3:
                return self.long_date(date.fromisoformat(text))
        except ValueError:
            return text
        return text

    def duration(self, milliseconds: int) -> str:
        """A length of time, "3 minuter", "2 dygn"; rounded down, at least "1 sekund"."""
        seconds = max(1, milliseconds // 1000)
        place = next(place for place, size in enumerate(_UNIT_SECONDS) if seconds >= size)
        return self.counted(seconds // _UNIT_SECONDS[place], *self.units[place])

    def number(self, value: int) -> str:
        """A whole number that never breaks over two lines, "1 930"."""
        return _number(value, self.locale)

    def data_size(self, count_bytes: int) -> str:
        """A number of bytes, "3,1 MB"; in whole kB below that, and 0 for nothing alone."""
        for unit, name in ((1_000_000_000, "GB"), (1_000_000, "MB")):
            if count_bytes >= unit:
                amount = _number(count_bytes / unit, self.locale, "#,##0.0")
                return f"{amount}{NO_BREAK_SPACE}{name}"
        thousands = max(round(count_bytes / 1_000), min(count_bytes, 1))
        return f"{self.number(thousands)}{NO_BREAK_SPACE}kB"

    def kronor(self, value: int, highest: int | None = None) -> str:
        """An amount, "185 000 kr", or from one to another, "185 000–200 000 kr"."""
        amount = self.number(value)
        return self.money.format(amount if highest is None else f"{amount}–{self.number(highest)}")

    def counted(self, count: int, one: str, many: str) -> str:
        """A count and its word: "1 erfarenhet", "12 erfarenheter", "inga erfarenheter"."""
        if count == 0:
            return self.none.format(many)
        return f"{self.number(count)}{NO_BREAK_SPACE}{one if count == 1 else many}"

    def possessive(self, name: str) -> str:
        """The genitive of a name: "Tidaholms", "Borås"."""
        return self.owner(name)
