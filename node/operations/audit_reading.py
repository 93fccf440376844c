"""Reading who has done what: what somebody looks for, and names for what a line is about.

An operator sees all of it. Who looks after the federation sees what concerns it: decisions about
municipalities and neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from node.errors import ArgumentError
from node.operations.parts import Parts
from storage.audit_store import AuditEntry, AuditWanted

FEDERATION_GROUPS: Final = frozenset({
    "member", "neighbour", "invite", "knock", "suggestion", "recover", "key",
    "name", "address", "leave", "continue", "introduction",
})  # fmt: skip
"""First words of the actions that concern the federation."""
SWEDEN: Final = ZoneInfo("Europe/Stockholm")
TEXT_CHARS_MAX = 200


class AuditAsked(NamedTuple):
    """What somebody typed: a user name, an action, whom or what it is about, words of a detail,
    and days such as 2026-11-26, the last one included.
    """

    who: str = ""
    what: str = ""
    about: str = ""
    text: str = ""
    since: str = ""
    until: str = ""


@dataclass(frozen=True, slots=True)
class AuditLine:
    """One line with the names of people and municipalities; a name is empty when nobody knows."""

    number: int
    time_ms: int
    actor: str
    actor_name: str
    action: str
    subject: str
    subject_name: str
    detail: str


async def read_asked(parts: Parts, asked: AuditAsked, *, federation_only: bool) -> AuditWanted:
    """What is looked for; raises `ArgumentError` for a day that is none."""
    about = asked.about.strip()[:TEXT_CHARS_MAX]
    until = _day(asked.until)
    return AuditWanted(
        actor=asked.who.strip(),
        action=asked.what.strip(),
        groups=FEDERATION_GROUPS if federation_only else None,
        subjects=await _subjects(parts, about) if about else None,
        about=about,
        text=asked.text.strip()[:TEXT_CHARS_MAX],
        since_ms=_start_ms(_day(asked.since)),
        until_ms=_start_ms(until + timedelta(days=1) if until else None),
    )


async def named(parts: Parts, entries: Sequence[AuditEntry]) -> list[AuditLine]:
    """Lines with names."""
    people = {user.name: user.full_name for user in await parts.accounts.users()}
    logs = {log.hex(): name for log, name in (await parts.log_store.names()).items()}
    return [
        AuditLine(
            number=entry.number,
            time_ms=entry.time_ms,
            actor=entry.actor,
            actor_name=people.get(entry.actor, ""),
            action=entry.action,
            subject=entry.subject,
            subject_name=people.get(entry.subject) or logs.get(entry.subject, ""),
            detail=entry.detail,
        )
        for entry in entries
    ]


async def _subjects(parts: Parts, about: str) -> set[str]:
    """The users and municipalities whose names hold some words."""
    words = about.casefold()
    people = {
        user.name for user in await parts.accounts.users() if words in user.full_name.casefold()
    }
    logs = {
        row.log.hex()
        for row in await parts.log_store.logs()
        if words in row.name.casefold() or words == row.code
    }
    return people | logs


def is_day(text: str) -> bool:
    """Whether a text is empty or a day such as 2026-11-26."""
    try:
        _day(text)
    except ArgumentError:
        return False
    return True


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise ArgumentError(f"{text!r} is no day such as 2026-11-26.") from error


def _start_ms(day: date | None) -> int | None:
    """When a day begins in Sweden."""
    if day is None:
        return None
    return int(datetime.combine(day, time(), SWEDEN).timestamp()) * 1000
