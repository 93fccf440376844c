"""Whether a text may be out of date, and why, in one sentence. Pure."""

from __future__ import annotations

from node.web.swedish import local_time, partial_date
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
        return f"avsändaren angav att texten gäller till {partial_date(valid_until)}"
    if review_date and review_date < today:
        return f"avsändaren tänkte se över texten senast {partial_date(review_date)}"
    changed = local_time(changed_ms)
    if f"{changed.year + YEARS_UNCHANGED}-{changed:%m-%d}" < today:
        return f"texten har inte ändrats på mer än {YEARS_UNCHANGED} år"
    return ""


def is_stale(row: RecordRow, today: str) -> bool:
    """Whether a record in a list may be out of date."""
    return bool(stale_words(row.changed_ms, today, valid_until=row.valid_until))
