"""What all entries add up to, held in memory: the model that storage's projections must equal.

Applies the changes of protocol/fold.py under its rules. Two memories are equal when they were fed
the same logs, each in order, however the logs were mixed. Ids are 32 raw bytes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from protocol.content import Experience, Profile
from protocol.fold import (
    Change,
    Commented,
    Continued,
    HelpDeclared,
    InterestDeclared,
    Introduced,
    Left,
    LoggedContent,
    Moved,
    ProfileSet,
    RecordPublished,
    RecordReplaced,
    Reopened,
    Unreadable,
    UseDeclared,
    Withdrawn,
    fold,
    not_own,
)

Key = TypeVar("Key")
Held = TypeVar("Held", bound=Change)


@dataclass(frozen=True, slots=True)
class Version:
    """One published wording of a record."""

    entry_id: bytes
    sequence: int
    time_ms: int
    experience: Experience


@dataclass(frozen=True, slots=True)
class Record:
    """A record with its history, oldest version first; ``withdrawn`` holds the reason."""

    log: bytes
    versions: tuple[Version, ...]
    withdrawn: str | None = None


@dataclass(frozen=True, slots=True)
class StandingComment:
    """A comment as signed; ``withdrawn`` holds the reason."""

    commented: Commented
    withdrawn: str | None = None


@dataclass(slots=True)
class Memory:
    """All that a set of logs says."""

    records: dict[bytes, Record] = field(default_factory=dict)
    comments: dict[bytes, StandingComment] = field(default_factory=dict)
    uses: dict[tuple[bytes, bytes], UseDeclared] = field(default_factory=dict)
    interests: dict[tuple[bytes, bytes, str], InterestDeclared] = field(default_factory=dict)
    helped: dict[tuple[bytes, bytes], HelpDeclared] = field(default_factory=dict)
    introductions: dict[tuple[bytes, bytes], Introduced] = field(default_factory=dict)
    profiles: dict[bytes, Profile] = field(default_factory=dict)
    addresses: dict[bytes, str] = field(default_factory=dict)
    departures: dict[bytes, Left] = field(default_factory=dict)
    continuations: dict[tuple[bytes, bytes], Continued] = field(default_factory=dict)
    unreadable: dict[bytes, Unreadable] = field(default_factory=dict)
    lost_withdrawn: dict[bytes, str] = field(default_factory=dict)
    """Reasons for withdrawing own records that cannot be read here, should an edit show them."""

    def take(self, entries: Iterable[LoggedContent]) -> None:
        """Fold and apply entries; those of one log must come in order of sequence number."""
        for entry in entries:
            for change in fold(entry):
                self.apply(change)

    def apply(self, change: Change) -> None:
        """Apply one change under the rules in protocol/fold.py."""
        match change:
            case RecordPublished():
                self.records[change.entry_id] = Record(change.log, (_version(change),))
            case RecordReplaced():
                self._replace(change)
            case Withdrawn():
                self._withdraw(change)
            case Commented():
                self.comments[change.entry_id] = StandingComment(change)
            case UseDeclared():
                self.uses[change.log, change.record] = change
            case InterestDeclared():
                key = (change.log, change.record, change.interest.interest)
                self.interests[key] = change
            case HelpDeclared():
                self.helped[change.log, change.record] = change
            case _:
                self._apply_to_the_log(change)

    def _apply_to_the_log(self, change: Change) -> None:
        match change:
            case ProfileSet():
                self.profiles[change.log] = change.profile
            case Introduced():
                self.introductions[change.log, change.introduced] = change
            case Moved():
                self.addresses[change.log] = change.address.url
            case Left():
                self.departures[change.log] = change
            case Reopened():
                self.departures.pop(change.log, None)
            case Continued():
                self.continuations[change.log, change.predecessor] = change
            case Unreadable():
                self.unreadable[change.entry_id] = change

    def _replace(self, change: RecordReplaced) -> None:
        record = self.records.get(change.record)
        lost = self.unreadable.get(change.record)
        if record is not None and record.log == change.log:
            versions = (*record.versions, _version(change))
            self.records[change.record] = replace(record, versions=versions)
        elif _is_own_lost_record(lost, change.log):
            withdrawn = self.lost_withdrawn.get(change.record)
            self.records[change.record] = Record(change.log, (_version(change),), withdrawn)
        else:
            self.unreadable[change.entry_id] = not_own(change)

    def _withdraw(self, change: Withdrawn) -> None:
        record = self.records.get(change.target)
        if record is not None and record.log == change.log and record.withdrawn is None:
            self.records[change.target] = replace(record, withdrawn=change.reason)
        comment = self.comments.get(change.target)
        if comment and comment.commented.log == change.log and comment.withdrawn is None:
            self.comments[change.target] = replace(comment, withdrawn=change.reason)
        if _is_own_lost_record(self.unreadable.get(change.target), change.log):
            self.lost_withdrawn.setdefault(change.target, change.reason)
        self.uses = _without_own(self.uses, change)
        self.interests = _without_own(self.interests, change)
        self.helped = _without_own(self.helped, change)
        self.introductions = _without_own(self.introductions, change)
        self.continuations = _without_own(self.continuations, change)


def _version(change: RecordPublished | RecordReplaced) -> Version:
    return Version(change.entry_id, change.sequence, change.time_ms, change.experience)


def _is_own_lost_record(lost: Unreadable | None, log: bytes) -> bool:
    return (
        lost is not None
        and lost.log == log
        and lost.kind == "experience"
        and lost.reason != "not_own"
    )


def _without_own(table: dict[Key, Held], change: Withdrawn) -> dict[Key, Held]:
    return {
        key: held
        for key, held in table.items()
        if not (held.entry_id == change.target and held.log == change.log)
    }
