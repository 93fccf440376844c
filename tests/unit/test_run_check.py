"""Judging stored runs one by one: no byte of a row can change without being noticed."""

from __future__ import annotations

import pytest

from factories import START_MS, LogMaker, flipped
from protocol.entry import Envelope
from protocol.run import pack_runs
from storage.damage_store import Gap
from storage.run_check import LogCheck
from storage.run_scan import readable
from storage.stored_run import StoredRun, encode_received, run_digest


def rows_of(maker: LogMaker, *lengths: int) -> list[StoredRun]:
    """A log as its rows, cut into runs of these lengths."""
    rows, start = [], 0
    for length in lengths:
        (run,) = pack_runs(maker.envelopes[start : start + length])
        received = encode_received(length, START_MS)
        digest = run_digest(maker.log, run, received)
        rows.append(
            StoredRun(
                maker.log, 1, run.first, length, run.size_bytes, received, digest, run.payload
            )
        )
        start += length
    assert start == len(maker.envelopes)
    return rows


def a_log() -> LogMaker:
    """Twelve entries, with a rotation among them."""
    maker = LogMaker()
    maker.extend(6)
    maker.rotate()
    maker.extend(4)
    return maker


def checked(maker: LogMaker, rows: list[StoredRun], first: int = 1) -> LogCheck:
    """Walk along rows, in the order of their keys."""
    events = [item for item in maker.envelopes if item.entry.is_key_event]
    check = LogCheck(maker.log, events, first)
    for row in sorted(rows, key=lambda row: row.first_sequence):
        check.take(row)
    check.end(maker.head.sequence, maker.head.id)
    return check


def test_a_whole_log_has_no_gap() -> None:
    """However it is cut; also from the middle on."""
    maker = a_log()
    for lengths in ([12], [1] * 12, [3, 5, 4], [7, 1, 4]):
        check = checked(maker, rows_of(maker, *lengths))
        assert (check.gaps, check.entry_count) == ([], 12)
    assert checked(maker, rows_of(maker, 3, 5, 4)[1:], first=4).gaps == []


def test_no_byte_changes_unnoticed() -> None:
    """Every byte of every field of a row, one bit at a time: the run it is in is a gap, and what
    lies beside it is not."""
    maker = a_log()
    before, row, after = rows_of(maker, 3, 5, 4)
    changed = [
        row._replace(**{field: flipped(getattr(row, field), place, place % 8)})
        for field in ("received", "digest", "payload")
        for place in range(len(getattr(row, field)))
    ]
    changed += [
        row._replace(**{field: getattr(row, field) ^ (1 << bit)})
        for field in ("first_sequence", "entry_count", "size_bytes")
        for bit in range(31)
    ]
    assert len(changed) > 1_000
    for spoiled in changed:
        assert checked(maker, [before, spoiled, after]).gaps == [Gap(4, 8)], spoiled


@pytest.mark.parametrize("missing", [[0], [1], [2], [0, 1], [1, 2], [0, 1, 2]])
def test_a_row_that_is_gone_is_a_gap(missing: list[int]) -> None:
    """At the beginning, in the middle and at the end."""
    maker = a_log()
    rows = [row for place, row in enumerate(rows_of(maker, 3, 5, 4)) if place not in missing]
    expected = set(range(1, 13)) - {
        sequence for row in rows for sequence in range(row.first_sequence, row.last_sequence + 1)
    }
    found = checked(maker, rows).gaps
    assert {one for gap in found for one in range(gap.first, gap.last + 1)} == expected


def resealed(row: StoredRun, envelopes: list[Envelope]) -> StoredRun:
    """A row with other entries and a digest that fits, as no disk would make it."""
    (run,) = pack_runs(envelopes)
    digest = run_digest(row.log, run, row.received)
    return row._replace(payload=run.payload, size_bytes=run.size_bytes, digest=digest)


def test_the_digest_alone_is_not_believed() -> None:
    """Entries of another branch, well stored, are no part of the log: links say so."""
    maker = a_log()
    twin = maker.fork()
    maker.extend(2)
    twin.extend(2)
    rows = rows_of(maker, 3, 5, 4, 2)
    rows[3] = resealed(rows[3], [maker.envelopes[12], twin.envelopes[13]])
    assert checked(maker, rows).gaps == [Gap(13, 14)]
    rows[3] = resealed(rows[3], twin.envelopes[12:])
    assert checked(maker, rows).gaps == [Gap(14, 14)]


def test_what_can_still_be_read_is_read() -> None:
    """A row whose entries are whole, and only what it says of them has changed, gives them back."""
    maker = a_log()
    _, row, _ = rows_of(maker, 3, 5, 4)
    spoiled = row._replace(digest=flipped(row.digest, 3), entry_count=9)
    assert readable([spoiled]) == maker.envelopes[3:8]
    assert readable([row._replace(payload=b"")]) == []
