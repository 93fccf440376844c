"""Checking one run that a neighbour sent: decompress, decode, leave out what is stored, verify.

Pure and free of the event loop, so that large runs can be checked in a thread. It raises only
`RemoteError`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from protocol.chain import Head, RunResult, verify_run
from protocol.entry import Envelope
from protocol.errors import ForkError
from protocol.run import OpenedRun, PackedRun, open_run, pack_runs


class Checked(NamedTuple):
    """What a run holds that is new to us.

    `packed` is what was accepted as it will be stored and passed on. `older` is the newest entry of
    a run that lies wholly behind our head: whoever can look into the log compares it with what is
    stored.
    """

    result: RunResult
    packed: tuple[PackedRun, ...]
    older: Envelope | None


def check_run(
    head: Head | None, log: bytes, payload: bytes, waiting: tuple[Envelope, ...]
) -> Checked:
    """Check a run against our head; `waiting` are entries of the same session still uncovered.

    Raises `MalformedError` for what cannot be decoded and `ForkError` when the run holds another
    entry at our head's number. Other faults are in the result, beside what was good before them.
    """
    run = open_run(payload)
    received = run.envelopes
    envelopes = [*_before(waiting, received), *received]
    known = [item for item in envelopes if head and _sequence(item) <= head.sequence]
    fresh = envelopes[len(known) :]
    older = None
    if head is not None and known:
        if _sequence(known[-1]) < head.sequence:
            older, fresh = known[-1], []
        elif known[-1].entry.id != head.id:
            raise ForkError(f"another entry is stored at number {head.sequence}")
    result = verify_run(head, log, fresh)
    return Checked(result, _packed(result, run, payload), older)


def _packed(result: RunResult, run: OpenedRun, payload: bytes) -> tuple[PackedRun, ...]:
    """Keep the payload as it came when all of it was accepted and it is no larger than its content;
    nobody can make us keep a frame of nothing but padding."""
    if result.accepted != tuple(run.envelopes) or len(payload) > run.size_bytes:
        return pack_runs(result.accepted)
    first = _sequence(run.envelopes[0])
    return (PackedRun(first, len(run.envelopes), run.size_bytes, payload),)


def _before(waiting: tuple[Envelope, ...], received: Sequence[Envelope]) -> list[Envelope]:
    if not received:
        return list(waiting)
    return [item for item in waiting if _sequence(item) < _sequence(received[0])]


def _sequence(envelope: Envelope) -> int:
    return envelope.entry.header.sequence
