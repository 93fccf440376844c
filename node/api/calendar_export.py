"""The dates in records as a calendar (RFC 5545) that calendar programs can follow. Pure.

Rules: a date is a whole day and nobody is busy on it; an event has the same UID on all nodes and
for ever, made of the record's id and what the date is for. Dates further back than a year are left
out: a calendar looks ahead.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple

from icalendar import Calendar, Event, vUri

from node.api.record_stream import Exported
from node.api.shapes import moment
from node.web.render import record_url
from node.web.site import short_name
from protocol.content import Experience

CONTENT_TYPE: Final = "text/calendar"
PRODUCT: Final = "-//Tidan//Erfarenheter//SV"
LOOK_BACK: Final = timedelta(days=365)
_END: Final = b"END:VCALENDAR\r\n"


class Day(NamedTuple):
    """A date in a record: what it is for (a part of its UID), its words, and the day."""

    use: str
    words: str
    day: str


def days_of(content: Experience) -> Iterator[Day]:
    """Every date of a record that somebody may have to act by."""
    if content.review_date:
        yield Day("review", "Ses över", content.review_date)
    if content.valid_until:
        yield Day("valid", "Gäller till", content.valid_until)
    for number, product in enumerate(content.products):
        if product.call_off_until:
            use = f"call-off-{number}"
            yield Day(use, f"Sista dag att avropa {product.name}", product.call_off_until)


def beginning(title: str) -> bytes:
    """The calendar up to its first event."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", title)
    calendar.add("refresh-interval;value=duration", "P1D")
    text: bytes = calendar.to_ical()
    return text.removesuffix(_END)


def events(batch: Iterable[Exported], site: str, today: date) -> bytes:
    """The events of some records."""
    return b"".join(
        _event(one, day, site)
        for one in batch
        if one.content is not None
        for day in days_of(one.content)
        if date.fromisoformat(day.day) >= today - LOOK_BACK
    )


def end() -> bytes:
    """What follows the last event."""
    return _END


def _event(one: Exported, day: Day, site: str) -> bytes:
    row, first = one.row, date.fromisoformat(day.day)
    changed: datetime = moment(row.changed_ms).replace(microsecond=0)
    event = Event()
    event.add("uid", f"{row.record_id.hex()}-{day.use}@tidan")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", first)
    event.add("dtend", min(first, date.max - timedelta(days=1)) + timedelta(days=1))
    event.add("summary", f"{day.words}: {row.title}")
    event.add("description", f"{short_name(row.code, row.municipality)}. {row.summary}")
    event.add("url", vUri(site + record_url(row.record_id, row.title)))
    event.add("transp", "TRANSPARENT")
    text: bytes = event.to_ical()
    return text
