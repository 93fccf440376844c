"""Applies a batch of changes to the projections as one unit of work.

Rows that the batch may change are read once, changed in memory by the rules of protocol/fold.py
(a second reading of them in tests/fold_memory.py must agree), and written once. So the cost
follows the number of entries, not of statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Table, bindparam, delete, select

from protocol.fold import (
    NOT_OWN,
    Commented,
    Continued,
    HelpDeclared,
    InterestDeclared,
    Introduced,
    Left,
    Moved,
    ProfileSet,
    RecordPublished,
    RecordReplaced,
    Reopened,
    Unreadable,
    UseDeclared,
    Withdrawn,
    not_own,
)
from protocol.limits import LIST_ITEMS_MAX
from storage.blob_schema import attachments, blobs
from storage.lifecycle_schema import addresses, continuations, departures
from storage.listed_changes import ListedChanges, listed_changes
from storage.prepared import InsertNew, Prepared, Step, Steps, Upsert
from storage.projected_rows import (
    Arrived,
    Row,
    address_row,
    attachment_rows,
    comment_row,
    continuation_row,
    departure_row,
    first_version_row,
    helped_row,
    interest_row,
    introduction_row,
    later_version_row,
    profile_row,
    unreadable_row,
    use_row,
    version_row,
)
from storage.schema import (
    PROJECTIONS,
    comments,
    helped,
    interests,
    introductions,
    profiles,
    record_versions,
    records,
    unreadable,
    uses,
)

_REMOVABLE = (uses, interests, helped, introductions, continuations)
"""Where a withdrawal removes the row; elsewhere it stays with the reason."""

_FOUND_BY = {records: "record_id", attachments: "record_id", departures: "log_no"}
"""How rows that a batch may change are found, where it is not by the entry that wrote them."""

Key = tuple[Any, ...]


class _Statements:
    """How rows of one table are loaded by an id or number, written and removed."""

    def __init__(self, table: Table) -> None:
        found_by: Column[Any] = table.c[_FOUND_BY.get(table, "entry_id")]
        keys = [column == bindparam(column.name) for column in table.primary_key]
        self.load = Prepared(select(table).where(found_by == bindparam("wanted")))
        self.write = Upsert(table)
        self.remove = Prepared(delete(table).where(*keys))


_WANT_BLOB = InsertNew(blobs, ("digest", "size_bytes", "tried_ms"))
_STATEMENTS = {table: _Statements(table) for table in PROJECTIONS}


class _Rows:
    """Rows of one table by primary key, as the batch sees them; None is a removed row."""

    def __init__(self, table: Table) -> None:
        self._statements = _STATEMENTS[table]
        self._names = [column.name for column in table.columns]
        self._key_names = [column.name for column in table.primary_key]
        self._rows: dict[Key, Row | None] = {}
        self._before: dict[Key, Row] = {}
        self._key_by_entry: dict[bytes, Key] = {}
        self._changed: set[Key] = set()

    def load(self, wanted: Iterable[bytes | int]) -> Steps[None]:
        """Take in the rows with these ids or log numbers, as they are in the database."""
        values = [{"wanted": item} for item in wanted]
        if values:
            for loaded in (yield Step(self._statements.load, values)):
                row = dict(zip(self._names, loaded, strict=True))
                self._before[self._hold(row)] = row

    @property
    def changes(self) -> Iterator[tuple[Row | None, Row | None]]:
        """Each row that changed, as it was and as it is."""
        for key in self._changed:
            yield self._before.get(key), self._rows[key]

    def put(self, row: Row) -> None:
        """Write a row, in place of the one with its key."""
        self._changed.add(self._hold(row))

    def get(self, *key: Any) -> Row | None:
        """Return the row with this key, among those loaded and written."""
        return self._rows.get(key)

    def remove(self, *key: Any) -> None:
        """Remove the row with this key, if it is among those loaded and written."""
        if self._rows.get(key) is not None:
            self._rows[key] = None
            self._changed.add(key)

    def remove_entry(self, entry_id: bytes, log_no: int) -> None:
        """Remove the row that an entry of this log wrote, if it still stands."""
        key = self._key_by_entry.get(entry_id)
        row = self._rows.get(key) if key else None
        if key and row and row["entry_id"] == entry_id and row["log_no"] == log_no:
            self._rows[key] = None
            self._changed.add(key)

    def save(self) -> Steps[None]:
        """Write what changed, in the order of the keys: neighbours share a page of an index."""
        written = [row for key in sorted(self._changed) if (row := self._rows[key]) is not None]
        removed = [key for key in self._changed if self._rows[key] is None]
        if written:
            yield Step(self._statements.write, written)
        if removed:
            keys = [dict(zip(self._key_names, key, strict=True)) for key in removed]
            yield Step(self._statements.remove, keys)

    def _hold(self, row: Row) -> Key:
        key = tuple(row[name] for name in self._key_names)
        self._rows[key] = row
        if "entry_id" in row:
            self._key_by_entry[row["entry_id"]] = key
        return key


def apply_steps(batch: Sequence[Arrived]) -> Steps[dict[int, ListedChanges]]:
    """Apply a batch; changes of one log must be in order of sequence number.

    Returns what that changed in what is listed, by the number of the log.
    """
    return (yield from _Batch().run(batch))


class _Batch:
    """One batch: load what it touches, apply each change in order, save."""

    def __init__(self) -> None:
        self._records = _Rows(records)
        self._versions = _Rows(record_versions)
        self._comments = _Rows(comments)
        self._attachments = _Rows(attachments)
        self._named: set[tuple[bytes, int]] = set()
        self._profiles = _Rows(profiles)
        self._unreadable = _Rows(unreadable)
        self._removable = tuple(map(_Rows, _REMOVABLE))
        self._uses, self._interests, self._helped, *others = self._removable
        self._introductions, self._continuations = others
        self._addresses = _Rows(addresses)
        self._departures = _Rows(departures)

    def run(self, batch: Sequence[Arrived]) -> Steps[dict[int, ListedChanges]]:
        yield from self._load(batch)
        for arrived in batch:
            self._apply(arrived)
        for rows in (
            self._records,
            self._versions,
            self._comments,
            self._attachments,
            self._profiles,
            self._unreadable,
            self._addresses,
            self._departures,
            *self._removable,
        ):
            yield from rows.save()
        if self._named:
            wanted = [
                {"digest": digest, "size_bytes": size_bytes, "tried_ms": 0}
                for digest, size_bytes in sorted(self._named)
            ]
            yield Step(_WANT_BLOB, wanted)
        return listed_changes(self._records.changes, self._unreadable.changes)

    def _load(self, batch: Sequence[Arrived]) -> Steps[None]:
        withdrawn = {a.change.target for a in batch if isinstance(a.change, Withdrawn)}
        replaced = {a.change.record for a in batch if isinstance(a.change, RecordReplaced)}
        yield from self._records.load(withdrawn | replaced)
        yield from self._unreadable.load(withdrawn | replaced)
        yield from self._attachments.load(withdrawn | replaced)
        yield from self._departures.load(
            {a.log_no for a in batch if isinstance(a.change, Reopened)}
        )
        for rows in (self._comments, *self._removable):
            yield from rows.load(withdrawn)

    def _apply(self, arrived: Arrived) -> None:
        change = arrived.change
        match change:
            case RecordPublished():
                row = first_version_row(arrived, change.entry_id, change.experience)
                self._records.put(row)
                self._versions.put(version_row(arrived, change, change.entry_id))
                self._name_files(attachment_rows(arrived, change, change.entry_id))
            case RecordReplaced():
                self._replace(arrived, change)
            case Withdrawn():
                self._withdraw(arrived, change)
            case Commented():
                self._comments.put(comment_row(arrived, change))
            case UseDeclared():
                self._uses.put(use_row(arrived, change))
            case InterestDeclared():
                self._interests.put(interest_row(arrived, change))
            case HelpDeclared():
                self._helped.put(helped_row(arrived, change))
            case Introduced():
                self._introductions.put(introduction_row(arrived, change))
            case ProfileSet():
                self._profiles.put(profile_row(arrived, change))
            case Unreadable():
                self._unreadable.put(unreadable_row(arrived, change))
            case _:
                self._apply_to_the_log(arrived)

    def _apply_to_the_log(self, arrived: Arrived) -> None:
        match arrived.change:
            case Moved() as change:
                self._addresses.put(address_row(arrived, change))
            case Left() as change:
                self._departures.put(departure_row(arrived, change))
            case Reopened():
                self._departures.remove(arrived.log_no)
            case Continued() as change:
                self._continuations.put(continuation_row(arrived, change))

    def _replace(self, arrived: Arrived, change: RecordReplaced) -> None:
        record = self._records.get(change.record)
        lost = self._unreadable.get(change.record)
        if record is not None and record["log_no"] == arrived.log_no:
            row = later_version_row(record, arrived, change.experience)
        elif _is_own_lost_record(lost, arrived.log_no):
            row = first_version_row(arrived, change.record, change.experience)
            row |= {"withdrawn": lost["withdrawn"] if lost else None}
        else:
            self._unreadable.put(unreadable_row(arrived, not_own(change)))
            return
        self._records.put(row)
        self._versions.put(version_row(arrived, change, change.record))
        self._forget_files(change.record)
        if row["withdrawn"] is None:
            self._name_files(attachment_rows(arrived, change, change.record))

    def _name_files(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self._attachments.put(row)
            self._named.add((row["digest"], row["size_bytes"]))

    def _forget_files(self, record: bytes) -> None:
        for position in range(LIST_ITEMS_MAX):
            self._attachments.remove(record, position)

    def _withdraw(self, arrived: Arrived, change: Withdrawn) -> None:
        lost = self._unreadable.get(change.target)
        kept = [self._records, self._comments]
        if _is_own_lost_record(lost, arrived.log_no):
            kept.append(self._unreadable)
        for rows in kept:
            row = rows.get(change.target)
            if row and row["log_no"] == arrived.log_no and row["withdrawn"] is None:
                rows.put(row | {"withdrawn": change.reason})
                if rows is self._records:
                    self._forget_files(change.target)
        for removable in self._removable:
            removable.remove_entry(change.target, arrived.log_no)


def _is_own_lost_record(lost: Row | None, log_no: int) -> bool:
    return (
        lost is not None
        and lost["log_no"] == log_no
        and lost["kind"] == "experience"
        and lost["reason"] != NOT_OWN
    )
