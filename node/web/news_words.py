"""What is new, in words and grouped by day, for the page and for mail. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import groupby
from typing import Final, NamedTuple

from node.web.formats import local_time
from node.web.message import Message, said
from node.web.render import record_url
from node.web.site import short_name
from storage.news_views import NewsItem

# After the name of the municipality that did it.
ACTS: Final[dict[str, str]] = {
    "version": Message("ändrade sin text"),
    "comment": Message("kommenterade"),
    "question": Message("ställde en fråga om"),
    "answer": Message("svarade om"),
    "accepted": Message("markerade ett svar som det som hjälpte"),
    "use": Message("använder också"),
    "helped": Message("hade hjälp av"),
    "samverka": Message("vill samverka om"),
    "planerar": Message("planerar samma sak som"),
}
NEW_RECORDS: Final[dict[str, str]] = {
    "erfarenhet": Message("delade en erfarenhet"),
    "fraga": Message("ställde en fråga"),
    "samverkan": Message("söker samverkan"),
    "losning": Message("delade en lösning i bruk"),
    "omvarld": Message("delade en omvärldsspaning"),
    "upphandling": Message("delade en upphandling eller ett avtal"),
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
    language: str
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
    act = (
        NEW_RECORDS.get(item.type, Message("delade")) if item.kind == "record" else ACTS[item.kind]
    )
    acted_elsewhere = item.code != item.record_code
    whose = short_name(item.record_code, item.record_municipality) if acted_elsewhere else ""
    place = _PLACES.get(item.kind, f"#k-{item.entry_id.hex()}")
    on_another_day = local_time(item.shown_ms).date() != local_time(item.received_ms).date()
    return NewsLine(
        code=item.code,
        who=short_name(item.code, item.municipality),
        act=act,
        title=item.title,
        language=item.language,
        whose=whose,
        url=record_url(item.record_id, item.title) + place,
        time=said(lambda formats: formats.clock_time(item.received_ms)),
        written=_date(item.shown_ms) if on_another_day else "",
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
        return Message("I dag, %(day)s", day=_date(day))
    if day == today - timedelta(days=1):
        return Message("I går, %(day)s", day=_date(day))
    return _date(day)


def _date(day: int | date) -> Message:
    return said(lambda formats: formats.long_date(day))
