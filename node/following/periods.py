"""When letters go out: at seven in the morning, each day or each Monday, by Swedish time. Pure."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

SWEDEN = ZoneInfo("Europe/Stockholm")
SEND_AT = time(7)
RETRY_AFTER_MS = tuple(minutes * 60_000 for minutes in (5, 15, 60, 240))


class Frequency(StrEnum):
    """How often somebody wants a letter."""

    DAILY = "daily"
    WEEKLY = "weekly"


def last_end_ms(frequency: Frequency, now_ms: int) -> int:
    """The end of the newest period that is over: what came until then is told in one letter."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(SWEDEN)
    day = now.date() if now.time() >= SEND_AT else now.date() - timedelta(days=1)
    if frequency is Frequency.WEEKLY:
        day -= timedelta(days=day.weekday())
    return int(datetime.combine(day, SEND_AT, SWEDEN).timestamp()) * 1000


def next_try_ms(attempts: int, now_ms: int) -> int | None:
    """When to try a letter again after so many attempts; None when it is not to be tried again."""
    return now_ms + RETRY_AFTER_MS[attempts - 1] if attempts <= len(RETRY_AFTER_MS) else None
