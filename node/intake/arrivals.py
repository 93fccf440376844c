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
from protocol.run import decode_run


class Checked(NamedTuple):
    """What a run holds that is new to us.

    `whole` says that the payload may be passed on as it came. `older` is the newest entry of a run
    that lies wholly behind our head: whoever can look into the log compares it with what is stored.
    """

    result: RunResult
    whole: bool
    older: Envelope | None


def check_run(
    head: Head | None, log: bytes, payload: bytes, waiting: tuple[Envelope, ...]
) -> Checked:
    """Check a run against our head; `waiting` are entries of the same session still uncovered.

    Raises `MalformedError` for what cannot be decoded and `ForkError` when the run holds another
    entry at our head's number. Other faults are in the result, beside what was good before them.
    """
    received = decode_run(payload)
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
    whole = result.accepted == tuple(received)
    return Checked(result, whole, older)


def _before(waiting: tuple[Envelope, ...], received: Sequence[Envelope]) -> list[Envelope]:
    if not received:
        return list(waiting)
    return [item for item in waiting if _sequence(item) < _sequence(received[0])]


def _sequence(envelope: Envelope) -> int:
    return envelope.entry.header.sequence
