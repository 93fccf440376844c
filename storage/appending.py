"""Appending verified runs: the steps of the one transaction that makes them durable.

The row of a log moves only from the head that the run continues, so the same statement checks and
writes, and no two writers can put different entries at one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from protocol.chain import Head, RunResult
from protocol.identity import INCEPTION_KIND, read_key_event
from protocol.run import PackedRun, pack_runs
from storage.errors import AppendError
from storage.prepared import Prepared, Step, Steps
from storage.schema import key_events, logs, runs
from storage.stored_run import encode_key_event, encode_keys, encode_received, run_digest

_MOVE_HEAD = Prepared(
    update(logs)
    .where(
        logs.c.log_id == bindparam("log"),
        logs.c.head_sequence.is_not_distinct_from(bindparam("old_sequence")),
        logs.c.head_id.is_not_distinct_from(bindparam("old_id")),
    )
    .values(
        head_sequence=bindparam("new_sequence"),
        head_id=bindparam("new_id"),
        keys=bindparam("new_keys"),
    )
    .returning(logs.c.log_id, logs.c.log_no)
)
_NAME_LOG = Prepared(
    update(logs)
    .where(logs.c.log_id == bindparam("log"))
    .values(code=bindparam("new_code"), name=bindparam("new_name"))
)
_FIND_LOG = Prepared(select(logs.c.head_sequence).where(logs.c.log_id == bindparam("log")))
_ADD_LOG = Prepared(
    insert(logs),
    ("log_id", "standing", "reason", "standing_ms", "code", "name", "frozen"),
)
_INSERT_RUN = Prepared(insert(runs))
_INSERT_KEY_EVENT = Prepared(insert(key_events))


class NewRun(NamedTuple):
    """What was verified, and the same entries as they will lie on the disk."""

    result: RunResult
    packed: tuple[PackedRun, ...]

    @classmethod
    def of(cls, result: RunResult) -> NewRun:
        """Pack a run that did not arrive packed."""
        return cls(result, pack_runs(result.accepted))


class _Move(NamedTuple):
    """One log's way through a batch: the head it must have before, and the one it gets."""

    sequence: int
    id: bytes | None
    head: Head


def add_log_steps(log: bytes, standing: str, received_ms: int) -> Steps[None]:
    """Add a log that is not known yet."""
    if not (yield Step(_FIND_LOG, [{"log": log}])):
        row = {"log_id": log, "standing": standing, "standing_ms": received_ms}
        yield Step(_ADD_LOG, [row | {"reason": "", "code": "", "name": "", "frozen": False}])


def append_steps(new: Sequence[NewRun], received_ms: int) -> Steps[None]:
    """Store runs of known logs; several of one log must be in order.

    Raises :class:`AppendError` when a run does not continue what is stored.
    """
    moves = _moves(new)
    moved = yield Step(_MOVE_HEAD, [_move_values(log, move) for log, move in moves.items()])
    numbers: dict[bytes, int] = dict(moved)
    for log, move in moves.items():
        if log not in numbers:
            raise _not_continued(log, move, (yield Step(_FIND_LOG, [{"log": log}])))
    rows = [run_row(item.result.log, run, received_ms) for item in new for run in item.packed]
    yield Step(_INSERT_RUN, [row | {"log_no": numbers[row.pop("log")]} for row in rows])
    events = [
        event
        for item in new
        for event in key_event_rows(item.result, numbers.get(item.result.log, 0))
    ]
    if events:
        yield Step(_INSERT_KEY_EVENT, events)
        yield Step(_NAME_LOG, list(_names(new)))


def _moves(new: Sequence[NewRun]) -> dict[bytes, _Move]:
    """Check that the runs continue each other; returns the way of each log."""
    moves: dict[bytes, _Move] = {}
    for result, packed in new:
        first, last = result.accepted[0].entry, result.accepted[-1].entry
        head = result.head
        if head is None or head.id != last.id or head.log != result.log:
            raise AppendError(f"the head of log {result.log.hex()} is not its newest entry")
        stretch = [(run.first, run.entry_count) for run in packed]
        if not _covers(stretch, first.header.sequence, last.header.sequence):
            raise AppendError(f"the packed runs of log {result.log.hex()} are not what was checked")
        before = moves.get(result.log)
        if before is None:
            moves[result.log] = _Move(first.header.sequence - 1, first.header.previous, head)
        elif (first.header.sequence - 1, first.header.previous) == before.head[1:3]:
            moves[result.log] = before._replace(head=head)
        else:
            raise _does_not_continue(result.log, first.header.sequence, before.head.sequence)
    return moves


def _covers(stretch: Sequence[tuple[int, int]], first: int, last: int) -> bool:
    for start, count in stretch:
        if start != first or count < 1:
            return False
        first += count
    return first == last + 1


def _move_values(log: bytes, move: _Move) -> dict[str, Any]:
    return {
        "log": log,
        "old_sequence": move.sequence or None,
        "old_id": move.id,
        "new_sequence": move.head.sequence,
        "new_id": move.head.id,
        "new_keys": encode_keys(move.head.keys),
    }


def _not_continued(log: bytes, move: _Move, found: list[tuple[Any, ...]]) -> AppendError:
    if not found:
        return AppendError(f"log {log.hex()} is not known here")
    return _does_not_continue(log, move.sequence + 1, found[0][0] or 0)


def _does_not_continue(log: bytes, sequence: int, stored: int) -> AppendError:
    return AppendError(
        f"entry {sequence} of log {log.hex()} does not continue entry {stored}, the newest stored"
    )


def run_row(log: bytes, run: PackedRun, received_ms: int) -> dict[str, Any]:
    """Return a run as its row, but for the log's number."""
    received = encode_received(run.entry_count, received_ms)
    return {
        "log": log,
        "first_sequence": run.first,
        "entry_count": run.entry_count,
        "size_bytes": run.size_bytes,
        "received": received,
        "digest": run_digest(log, run, received),
        "payload": run.payload,
    }


def key_event_rows(result: RunResult, log_no: int) -> list[dict[str, Any]]:
    """Return the key events among accepted entries as their rows."""
    return [
        {
            "log_no": log_no,
            "sequence": envelope.entry.header.sequence,
            "packed": encode_key_event(envelope),
        }
        for envelope in result.accepted
        if envelope.entry.is_key_event
    ]


def _names(new: Sequence[NewRun]) -> list[dict[str, Any]]:
    """Take kommunkod and name from first entries; they were read when they were accepted."""
    found = []
    for result, _ in new:
        entry, body = result.accepted[0]
        if entry.header.kind == INCEPTION_KIND and body is not None:
            event = read_key_event(INCEPTION_KIND, body.content)
            found.append({"log": result.log, "new_code": event.code, "new_name": event.name})
    return found
