"""What needs a person: each condition is raised once and ended when it is gone; both are kept."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Row, delete, insert, or_, select, update

from storage.alert_schema import alerts, neighbour_sightings
from storage.database import Database
from storage.upsert import upsert

Facts: TypeAlias = Mapping[str, str | int]
KEPT_MAX = 1_000
"""Alerts kept that are over; the oldest make room."""
NOBODY_ASKED = 0
"""Stands for the time at which the webhook took an event that it was never to be told."""


class Raised(NamedTuple):
    """A condition that holds now. ``code`` and ``subject`` together say which; ``facts`` are what
    words about it are made of; ``since_ms`` is when it began, as far as anybody knows.
    """

    code: str
    subject: str
    since_ms: int
    facts: Facts


@dataclass(frozen=True, slots=True)
class Alert:
    """One time that a condition held: noticed at ``begun_ms``, over at ``ended_ms``."""

    number: int
    raised: Raised
    begun_ms: int
    ended_ms: int | None


class Event(NamedTuple):
    """What the webhook is to be told: that an alert began, or that it ended."""

    alert: Alert
    is_end: bool


class AlertStore:
    """Reads and writes the tables ``alerts`` and ``neighbour_sightings``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def open(self) -> list[Alert]:
        """Return what holds now, the oldest first."""
        statement = select(alerts).where(alerts.c.ended_ms.is_(None)).order_by(alerts.c.alert_no)
        async with self._database.read() as connection:
            return [_alert(row) for row in await connection.execute(statement)]

    async def ended(self, limit: int) -> list[Alert]:
        """Return what is over, the newest end first."""
        statement = select(alerts).where(alerts.c.ended_ms.is_not(None))
        statement = statement.order_by(alerts.c.ended_ms.desc(), alerts.c.alert_no.desc())
        async with self._database.read() as connection:
            return [_alert(row) for row in await connection.execute(statement.limit(limit))]

    async def note(self, holding: Sequence[Raised], now_ms: int) -> list[Alert]:
        """Take in all that holds now: begin what is new, end what is gone. Returns what is open.

        Nothing is written when nothing has changed.
        """
        known = {_key(alert.raised): alert for alert in await self.open()}
        wanted = {_key(raised): raised for raised in holding}
        new = [raised for key, raised in wanted.items() if key not in known]
        gone = [alert.number for key, alert in known.items() if key not in wanted]
        changed = [
            (alert.number, wanted[key])
            for key, alert in known.items()
            if key in wanted and wanted[key].facts != alert.raised.facts
        ]
        if not (new or gone or changed):
            return list(known.values())
        async with self._database.write() as connection:
            for number, raised in changed:
                values = {"facts": _written(raised.facts)}
                which = alerts.c.alert_no == number
                await connection.execute(update(alerts).where(which).values(**values))
            if gone:
                which = alerts.c.alert_no.in_(gone)
                await connection.execute(update(alerts).where(which).values(ended_ms=now_ms))
                await connection.execute(delete(alerts).where(alerts.c.alert_no.in_(_too_old())))
            if new:
                await connection.execute(insert(alerts), [_row(one, now_ms) for one in new])
        return await self.open()

    async def unposted(self, limit: int) -> list[Event]:
        """Return what the webhook has not been told, in the order in which it happened."""
        begun, ended = alerts.c.begun_posted_ms.is_(None), alerts.c.ended_posted_ms.is_(None)
        which = or_(begun, ended & alerts.c.ended_ms.is_not(None))
        statement = select(alerts).where(which).order_by(alerts.c.alert_no).limit(limit)
        async with self._database.read() as connection:
            rows = list(await connection.execute(statement))
        events = [Event(_alert(row), False) for row in rows if row.begun_posted_ms is None]
        events += [
            Event(_alert(row), True)
            for row in rows
            if row.ended_ms is not None and row.ended_posted_ms is None
        ]
        return sorted(events, key=when)

    async def posted(self, events: Iterable[Event], now_ms: int) -> None:
        """Note that the webhook was told, or with ``NOBODY_ASKED`` that it never will be."""
        async with self._database.write() as connection:
            for event in events:
                column = alerts.c.ended_posted_ms if event.is_end else alerts.c.begun_posted_ms
                which = alerts.c.alert_no == event.alert.number
                statement = update(alerts).where(which).values({column: now_ms})
                await connection.execute(statement)

    async def sightings(self) -> dict[bytes, int]:
        """Return when a session with each neighbour was last seen to work."""
        async with self._database.read() as connection:
            rows = await connection.execute(select(neighbour_sightings))
            return {row.log_id: row.seen_ms for row in rows}

    async def note_sightings(self, logs: Iterable[bytes], now_ms: int) -> None:
        """Note that a session with each of these neighbours works."""
        rows = [{"log_id": log, "seen_ms": now_ms} for log in logs]
        if rows:
            async with self._database.write() as connection:
                await connection.execute(upsert(self._database, neighbour_sightings), rows)


def when(event: Event) -> tuple[int, int, bool]:
    """The order of events: by time, and a beginning before its end."""
    alert = event.alert
    time_ms = alert.ended_ms if event.is_end and alert.ended_ms is not None else alert.begun_ms
    return time_ms, alert.number, event.is_end


def _key(raised: Raised) -> tuple[str, str]:
    return raised.code, raised.subject


def _too_old() -> Any:
    over = alerts.c.ended_ms.is_not(None)
    newest = select(alerts.c.alert_no).where(over).order_by(alerts.c.alert_no.desc())
    return newest.offset(KEPT_MAX)


def _row(raised: Raised, now_ms: int) -> dict[str, object]:
    return {
        "code": raised.code,
        "subject": raised.subject,
        "facts": _written(raised.facts),
        "since_ms": raised.since_ms,
        "begun_ms": now_ms,
    }


def _written(facts: Facts) -> str:
    return json.dumps(dict(facts), ensure_ascii=False, sort_keys=True)


def _alert(row: Row[Any]) -> Alert:
    raised = Raised(row.code, row.subject, row.since_ms, json.loads(row.facts))
    return Alert(row.alert_no, raised, row.begun_ms, row.ended_ms)
