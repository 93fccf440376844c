"""Whether a text may be out of date, and why, in one sentence. Pure."""

from __future__ import annotations

from collections.abc import Callable

from node.web.formats import Formats, local_time
from node.web.message import Message
from storage.record_views import RecordRow

YEARS_UNCHANGED = 3
"""A text nobody has touched for so long is marked, whatever it says about itself."""


def stale_words(
    changed_ms: int, today: str, *, valid_until: str | None, review_date: str | None = None
) -> str:
    """Why the text may be out of date, as the end of a sentence; "" when nothing says so.

    `today` and the dates are YYYY-MM-DD.
    """
    if valid_until and valid_until < today:
        return Message("avsändaren angav att texten gäller till %(day)s", day=_day(valid_until))
    if review_date and review_date < today:
        return Message("avsändaren tänkte se över texten senast %(day)s", day=_day(review_date))
    changed = local_time(changed_ms)
    if f"{changed.year + YEARS_UNCHANGED}-{changed:%m-%d}" < today:
        return Message("texten har inte ändrats på mer än %(years)s år", years=YEARS_UNCHANGED)
    return ""


def _day(text: str) -> Callable[[Formats], str]:
    return lambda formats: formats.partial_date(text)


def is_stale(row: RecordRow, today: str) -> bool:
    """Whether a record in a list may be out of date."""
    return bool(stale_words(row.changed_ms, today, valid_until=row.valid_until))
