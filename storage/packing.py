"""Packing: entries that came one by one are put together, so that a log stays small and quick.

A live entry lies alone, compressed by itself. When many small runs lie at the end of a log they
are joined into runs of the usual size. Nothing is decoded or signed anew: the bytes of each entry
stay what they were, and when each of them arrived is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from protocol.limits import RUN_BYTES_TARGET
from protocol.packed import Parts
from protocol.run import PackedRun, pack_parts
from storage.prepared import Prepared, Step, Steps
from storage.run_rows import Place, find_log, find_newest_places, read_places
from storage.schema import runs
from storage.stored_run import StoredRun, joined_received, run_digest, stored_parts

LOOSE_BYTES_MAX = RUN_BYTES_TARGET // 2
"""A run that unfolds to more is left as it is: so no entry is rewritten often."""
PACKED_BYTES_MAX = 4 * RUN_BYTES_TARGET
"""What is unfolded at once to be packed."""

_STRETCH = (
    runs.c.log_no == bindparam("log_no"),
    runs.c.first_sequence >= bindparam("first"),
    runs.c.first_sequence <= bindparam("last"),
)
_DIGESTS = Prepared(select(runs.c.digest).where(*_STRETCH).order_by(runs.c.first_sequence))
_DELETE = Prepared(delete(runs).where(*_STRETCH))
_INSERT = Prepared(insert(runs))


def read_loose_tail(log: bytes) -> Steps[list[StoredRun]]:
    """Read the small runs at the end of a log, the oldest first."""
    found = yield from find_log(log)
    if found is None:
        return []
    places: list[Place] = []
    size_bytes = 0
    for place in (yield from find_newest_places(found)):
        size_bytes += place.size_bytes
        if place.size_bytes > LOOSE_BYTES_MAX or size_bytes > PACKED_BYTES_MAX:
            break
        places.append(place)
    return (yield from read_places(found, places[::-1]))


def pack_rows(rows: Sequence[StoredRun]) -> list[dict[str, Any]]:
    """Return the rows that hold the same entries in as few runs as possible.

    Raises :class:`storage.errors.DamagedLogError` for a row that the disk has changed.
    """
    parts: list[Parts] = []
    for row in rows:
        parts += stored_parts(row, 0, row.first_sequence + row.entry_count)
    log = rows[0].log
    return [_row(log, rows, run) for run in pack_parts(rows[0].first_sequence, parts)]


def replace_steps(old: Sequence[StoredRun], new: Sequence[dict[str, Any]]) -> Steps[bool]:
    """Put the new rows in the place of the old ones; False, with nothing changed, when the old
    ones are no longer what they were."""
    place = {"log_no": old[0].log_no, "first": old[0].first_sequence}
    stretch = place | {"last": old[-1].first_sequence}
    if [row.digest for row in old] != [digest for (digest,) in (yield Step(_DIGESTS, [stretch]))]:
        return False
    yield Step(_DELETE, [stretch])
    yield Step(_INSERT, new)
    return True


def _row(log: bytes, rows: Sequence[StoredRun], run: PackedRun) -> dict[str, Any]:
    received = joined_received(rows, run.first, run.entry_count)
    return {
        "log_no": rows[0].log_no,
        "first_sequence": run.first,
        "entry_count": run.entry_count,
        "size_bytes": run.size_bytes,
        "received": received,
        "digest": run_digest(log, run, received),
        "payload": run.payload,
    }
