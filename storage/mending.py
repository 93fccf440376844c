"""Putting entries back where the disk has changed them; nothing else of a log moves.

What takes the place of a damaged run are the same entries, by their ids (protocol/mending.py). How
they are cut into runs may differ from before, and when they arrived is kept as far as it can be
read. Whether they still belong there is looked at once more in the transaction that writes them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from sqlalchemy import bindparam, delete, insert

from protocol import canonical
from protocol.entry import Envelope
from protocol.errors import RemoteError
from protocol.run import PackedRun, pack_runs
from storage.damage_store import Gap
from storage.prepared import Prepared, Step, Steps, Upsert
from storage.run_scan import LogEnd, Stretch, known_id_at, look_at
from storage.schema import key_events, runs
from storage.stored_run import StoredRun, arrival_times_ms, encode_key_event, run_digest

_EARLIEST_MS = 1_577_836_800_000
"""2020: no time of arrival is older than the program."""
_DELETE = Prepared(
    delete(runs).where(
        runs.c.log_no == bindparam("number"),
        runs.c.first_sequence >= bindparam("first"),
        runs.c.first_sequence <= bindparam("last"),
    )
)
_INSERT = Prepared(insert(runs))
_PUT_KEY_EVENT = Upsert(key_events)


class Torn(NamedTuple):
    """The newest gap in a stretch of a log: what is missing, what proves it, what is left of it."""

    end: LogEnd
    gap: Gap
    last_id: bytes | None
    """The id of the gap's last entry; None when what follows cannot be read either."""
    bad: list[StoredRun]


def read_torn(log: bytes, within: Gap) -> Steps[Torn | None]:
    """Find what of some entries is missing, the newest gap of them; None when all are whole."""
    stretch: Stretch | None = yield from look_at(log, within.first, within.last)
    if stretch is None or not stretch.gaps:
        return None
    gap = stretch.gaps[-1]
    last_id = yield from known_id_at(stretch.end, gap.last)
    return Torn(stretch.end, gap, last_id, stretch.bad)


def mend_steps(torn: Torn, proven: Sequence[Envelope], now_ms: int) -> Steps[bool]:
    """Put entries that end where the gap ends in their place; False, with nothing changed, when the
    log is not what it was when they were proven."""
    first, last = proven[0].entry.header.sequence, proven[-1].entry.header.sequence
    now = yield from read_torn(torn.end.log, torn.gap)
    if now is None or (now.gap, now.last_id) != (torn.gap, torn.last_id):
        return False
    log_no = torn.end.log_no
    yield Step(_DELETE, [{"number": log_no, "first": first, "last": last}])
    times = _times_ms(torn.bad, now_ms)
    rows = [_row(torn.end, run, times, now_ms) for run in pack_runs(proven)]
    yield Step(_INSERT, rows)
    events = [
        {
            "log_no": log_no,
            "sequence": envelope.entry.header.sequence,
            "packed": encode_key_event(envelope),
        }
        for envelope in proven
        if envelope.entry.is_key_event
    ]
    if events:
        yield Step(_PUT_KEY_EVENT, events)
    return True


def _times_ms(bad: Sequence[StoredRun], now_ms: int) -> dict[int, int]:
    """When entries of damaged rows arrived, where that can be believed."""
    times: dict[int, int] = {}
    for row in bad:
        try:
            found = arrival_times_ms(row)
        except (RemoteError, TypeError, ValueError, MemoryError):
            continue
        if len(found) == row.entry_count and all(_EARLIEST_MS <= one <= now_ms for one in found):
            times |= {row.first_sequence + place: one for place, one in enumerate(found)}
    return times


def _row(end: LogEnd, run: PackedRun, times: dict[int, int], now_ms: int) -> dict[str, object]:
    arrived = (times.get(sequence, now_ms) for sequence in range(run.first, run.last + 1))
    received = canonical.encode(list(_grouped(arrived)))
    return {
        "log_no": end.log_no,
        "first_sequence": run.first,
        "entry_count": run.entry_count,
        "size_bytes": run.size_bytes,
        "received": received,
        "digest": run_digest(end.log, run, received),
        "payload": run.payload,
    }


def _grouped(times: Iterator[int]) -> Iterator[list[int]]:
    for time_ms, group in groupby(times):
        yield [len(list(group)), time_ms]
