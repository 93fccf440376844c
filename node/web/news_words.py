"""What is new, in words and grouped by day, for the page and for mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from node.web.render import record_url
from node.web.site import short_name
from node.web.swedish import clock_time, local_time, long_date
from storage.news_views import NewsItem

# After the name of the municipality that did it.
ACTS: Final = {
    "version": "ändrade sin text",
    "comment": "kommenterade",
    "question": "ställde en fråga om",
    "answer": "svarade om",
    "accepted": "markerade ett svar som det som hjälpte",
    "use": "använder också",
    "helped": "hade hjälp av",
    "samverka": "vill samverka om",
    "planerar": "planerar samma sak som",
}
NEW_RECORDS: Final = {
    "erfarenhet": "delade en erfarenhet",
    "fraga": "ställde en fråga",
    "samverkan": "söker samverkan",
    "losning": "delade en lösning i bruk",
    "omvarld": "delade en omvärldsspaning",
    "upphandling": "delade en upphandling eller ett avtal",
}
_PLACES: Final = {
    "version": "#historik",
    "use": "#gensvar",
    "helped": "#gensvar",
    "samverka": "#gensvar",
    "planerar": "#gensvar",
    "record": "",
}


class NewsLine(NamedTuple):
    """One thing that is new. `whose` names the record's municipality when another one acted."""

    code: str
    who: str
    act: str
    title: str
    whose: str
    url: str
    time: str
    written: str
    is_new: bool
    is_to_us: bool
    is_public: bool


class NewsDay(NamedTuple):
    """What came on one day."""

    day: date
    words: str
    lines: list[NewsLine]


def news_line(item: NewsItem, seen_ms: int) -> NewsLine:
    """One item in words; it is new when it came after `seen_ms`."""
    act = NEW_RECORDS.get(item.type, "delade") if item.kind == "record" else ACTS[item.kind]
    acted_elsewhere = item.code != item.record_code
    whose = short_name(item.record_code, item.record_municipality) if acted_elsewhere else ""
    place = _PLACES.get(item.kind, f"#k-{item.entry_id.hex()}")
    on_another_day = local_time(item.shown_ms).date() != local_time(item.received_ms).date()
    return NewsLine(
        code=item.code,
        who=short_name(item.code, item.municipality),
        act=act,
        title=item.title,
        whose=whose,
        url=record_url(item.record_id, item.title) + place,
        time=clock_time(item.received_ms),
        written=long_date(item.shown_ms) if on_another_day else "",
        is_new=item.received_ms > seen_ms,
        is_to_us=item.is_to_us,
        is_public=item.visibility == "public",
    )


def news_days(items: Iterable[NewsItem], seen_ms: int, now_ms: int) -> list[NewsDay]:
    """Items, newest first, by the day on which they came."""
    days = []
    for day, group in groupby(items, key=lambda item: local_time(item.received_ms).date()):
        lines = [news_line(item, seen_ms) for item in group]
        days.append(NewsDay(day, _day_words(day, local_time(now_ms).date()), lines))
    return days


def _day_words(day: date, today: date) -> str:
    if day == today:
        return f"I dag, {long_date(day)}"
    return f"I går, {long_date(day)}" if day == today - timedelta(days=1) else long_date(day)
