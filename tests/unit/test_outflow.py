"""What a neighbour may be sent: as much as it granted, and what it asked for before the rest."""

from __future__ import annotations

from protocol.limits import CREDIT_BYTES, RUN_FRAME_BYTES_MAX
from protocol.messages import Run, Want
from protocol.outflow import Outflow

LOG = bytes(32)
PAYLOAD = bytes(1_000)


def test_a_new_entry_is_pushed_only_beside_room_for_what_was_asked_for() -> None:
    """While a run is prepared, room for the largest stays free; without one, all may be used."""
    outflow = Outflow()
    for number in range(4):
        outflow.send(Run(bytes([number]) * 32, 1, 1, bytes(CREDIT_BYTES // 5)))
    assert len(PAYLOAD) < outflow.credit_bytes - RUN_FRAME_BYTES_MAX // 64 < RUN_FRAME_BYTES_MAX
    assert outflow.has_room(PAYLOAD)

    outflow = Outflow()
    outflow.want(Want(LOG, 0, 1))
    assert outflow.next_want() is not None
    assert outflow.has_room(PAYLOAD)
    outflow.credit_bytes = RUN_FRAME_BYTES_MAX
    assert not outflow.has_room(PAYLOAD)
    outflow.prepared(LOG, 1)
    assert outflow.has_room(PAYLOAD)
