"""From entries to what they change: the pure meaning of content (docs/protocol.md §11).

Rules:
 1. ``fold`` looks at one entry alone; whoever applies its changes (storage/projections.py) hands it
    each log's entries in order of sequence number.
 2. How the entries of different logs interleave never matters: a change touches only what its own
    log owns, and a response to a record stands whether or not the record has arrived.
 3. A record's id is the entry id of its first version. Only the log that owns a record may replace
    or withdraw it.
 4. An edit stands when ``replaces`` names an own earlier ``experience`` entry that is a record, or
    one that cannot be read (erased, newer schema): then the edit gives the record its content.
 5. One use and one "helped" per (log, record), one interest per (log, record, interest), one
    introduction per (introducing log, introduced log), one profile per log: the newest counts.
 6. A withdrawn record (readable or not) or comment stays withdrawn with the first reason given;
    later edits only add to its history. A withdrawn use, "helped", interest or introduction is
    gone until a newer one is signed.
 7. What cannot be read changes nothing else, and is listed.
 8. One address per log, the newest counts. A leave stands until the log's key changes, and nothing
    else takes it back: who stole the signing key may say it, and only the key on paper unsays it.
 9. One "continues" per (log, predecessor), until it is withdrawn. A succession is there when the
    predecessor's leave names the successor and the successor continues it (storage joins the two).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from protocol.content import (
    Address,
    Comment,
    Continue,
    Experience,
    Helped,
    Inception,
    Interest,
    Introduction,
    KeyChange,
    Leave,
    Profile,
    RootContent,
    Use,
    Withdraw,
    read_content,
)
from protocol.errors import ContentError

NOT_OWN = "not_own"


class LoggedContent(NamedTuple):
    """One entry as far as its meaning goes; ``content`` is None when erased or absent."""

    log: bytes
    sequence: int
    entry_id: bytes
    time_ms: int
    kind: str
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Change:
    """What one entry changes; says which entry that was. Ids are 32 raw bytes."""

    log: bytes
    sequence: int
    entry_id: bytes
    time_ms: int


@dataclass(frozen=True, slots=True)
class RecordPublished(Change):
    """A new record; its id is ``entry_id``."""

    experience: Experience


@dataclass(frozen=True, slots=True)
class RecordReplaced(Change):
    """A new version of ``record``; void unless rule 4 holds."""

    record: bytes
    experience: Experience


@dataclass(frozen=True, slots=True)
class Withdrawn(Change):
    """The log's own earlier entry ``target`` no longer stands."""

    target: bytes
    reason: str


@dataclass(frozen=True, slots=True)
class Commented(Change):
    """A comment, question or answer on ``record``."""

    record: bytes
    comment: Comment


@dataclass(frozen=True, slots=True)
class UseDeclared(Change):
    """The log's municipality uses what ``record`` describes."""

    record: bytes
    use: Use


@dataclass(frozen=True, slots=True)
class InterestDeclared(Change):
    """The log's municipality wants to cooperate on, or plans, what ``record`` describes."""

    record: bytes
    interest: Interest


@dataclass(frozen=True, slots=True)
class HelpDeclared(Change):
    """What ``record`` describes was of help to the log's municipality."""

    record: bytes
    helped: Helped


@dataclass(frozen=True, slots=True)
class ProfileSet(Change):
    """The log's name and kommunkod, from its first entry or a later profile."""

    profile: Profile


@dataclass(frozen=True, slots=True)
class Introduced(Change):
    """The log introduces ``introduced`` as a municipality's log."""

    introduced: bytes
    introduction: Introduction


@dataclass(frozen=True, slots=True)
class Moved(Change):
    """The log's node answers at another address."""

    address: Address


@dataclass(frozen=True, slots=True)
class Left(Change):
    """The log's municipality leaves; ``successor`` is the log it names as its heir."""

    reason: str | None
    successor: bytes | None


@dataclass(frozen=True, slots=True)
class Reopened(Change):
    """The log has a new key: a leave before it is void."""


@dataclass(frozen=True, slots=True)
class Continued(Change):
    """The log says that it goes on for ``predecessor``."""

    predecessor: bytes


@dataclass(frozen=True, slots=True)
class Unreadable(Change):
    """Stored and passed on, but not shown; ``reason`` is a code, ``detail`` is for operators.

    Reasons: ``erased``, ``unknown_kind``, ``newer_schema``, ``unreadable``; whoever applies changes
    adds :func:`not_own` for an edit that breaks rule 4.
    """

    kind: str
    reason: str
    detail: str


def fold(entry: LoggedContent) -> tuple[Change, ...]:
    """Tell what an entry changes. Never raises for any content."""
    at = (entry.log, entry.sequence, entry.entry_id, entry.time_ms)
    if entry.content is None:
        return (Unreadable(*at, entry.kind, "erased", "the content is not here"),)
    try:
        content = read_content(entry.kind, entry.content)
    except ContentError as error:
        return (Unreadable(*at, entry.kind, error.code, str(error)),)
    return _changes_of(content, *at)


def not_own(change: RecordReplaced) -> Unreadable:
    """Tell what an edit that breaks rule 4 comes to."""
    at = (change.log, change.sequence, change.entry_id, change.time_ms)
    reason = "replaces what is not a record of the same log"
    return Unreadable(*at, "experience", NOT_OWN, reason)


def _changes_of(
    content: RootContent, log: bytes, sequence: int, entry_id: bytes, time_ms: int
) -> tuple[Change, ...]:
    at = (log, sequence, entry_id, time_ms)
    match content:
        case Experience(replaces=None):
            return (RecordPublished(*at, content),)
        case Experience(replaces=str(record)):
            return (RecordReplaced(*at, bytes.fromhex(record), content),)
        case Withdraw():
            return (Withdrawn(*at, bytes.fromhex(content.target), content.reason),)
        case Comment():
            return (Commented(*at, bytes.fromhex(content.record), content),)
        case Use():
            return (UseDeclared(*at, bytes.fromhex(content.record), content),)
        case Interest():
            return (InterestDeclared(*at, bytes.fromhex(content.record), content),)
        case Helped():
            return (HelpDeclared(*at, bytes.fromhex(content.record), content),)
        case Profile():
            return (ProfileSet(*at, content),)
        case Inception():
            return (ProfileSet(*at, Profile(name=content.name, code=content.code)),)
        case Introduction():
            return (Introduced(*at, bytes.fromhex(content.log), content),)
        case _:
            return _changes_of_the_log(content, *at)


def _changes_of_the_log(
    content: RootContent, log: bytes, sequence: int, entry_id: bytes, time_ms: int
) -> tuple[Change, ...]:
    at = (log, sequence, entry_id, time_ms)
    match content:
        case Address():
            return (Moved(*at, content),)
        case Leave():
            successor = bytes.fromhex(content.successor) if content.successor else None
            return (Left(*at, content.reason, successor),)
        case KeyChange():
            return (Reopened(*at),)
        case _:
            assert isinstance(content, Continue), "a kind that is read is told of here"
            return (Continued(*at, bytes.fromhex(content.predecessor)),)


def accepted_answers(
    owner: bytes, record_type: str, comments: Iterable[Commented]
) -> frozenset[bytes]:
    """Entry ids of the answers on one record that the municipality that asked has accepted.

    The owner of a record of type ``fraga`` asked the record itself; the author of a comment asked
    what is answered with ``answer_to``. Marks by anyone else do not count. Pass the comments that
    stand (not withdrawn); their order does not matter.
    """
    by_id = {commented.entry_id: commented for commented in comments}
    accepted = set()
    for mark in by_id.values():
        if mark.comment.accepts is None:
            continue
        answer = by_id.get(bytes.fromhex(mark.comment.accepts))
        if answer is None:
            continue
        question_id = answer.comment.answer_to
        question = by_id.get(bytes.fromhex(question_id)) if question_id else None
        if mark.log == (question.log if question else None) or (
            record_type == "fraga" and mark.log == owner
        ):
            accepted.add(answer.entry_id)
    return frozenset(accepted)
