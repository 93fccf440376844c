"""Planted in how files travel."""

from __future__ import annotations

from typing import Any

import pytest

import memory_blobs
from protocol.blob_plan import BlobPlan, Verdict
from protocol.blob_traffic import BlobEnd, BlobTraffic
from simulation.conformance_files import lying_source, silent_source
from simulation.planted.bug import Bug


def a_file_is_not_compared_with_its_digest(patch: pytest.MonkeyPatch) -> None:
    """Keep whatever came under a file's name."""

    def write(blobs: Any, effect: Any, now_ms: int) -> Any:
        blob = effect.blob
        part = blobs.partial.setdefault(blob, bytearray())
        part[effect.offset :] = effect.data
        if len(part) < blob.size_bytes:
            return blobs._traffic.written(blob, effect.attempt, len(part))
        blobs.held[blob] = bytes(blobs.partial.pop(blob))
        return blobs._traffic.finished(blob, effect.attempt, BlobEnd.HELD, now_ms)

    patch.setattr(memory_blobs.MemoryBlobs, "_write", write)


def whoever_sent_the_end_is_the_liar(patch: pytest.MonkeyPatch) -> None:
    """Blame the last of several neighbours for a file that turned out wrong."""
    real = BlobPlan.turned_out_wrong

    def turned_out_wrong(plan: Any, blob: Any, attempt: int, now_ms: int) -> Verdict:
        wish = plan._wishes.get(blob)
        last = wish.link if wish is not None else None
        real(plan, blob, attempt, now_ms)
        return Verdict(last)

    patch.setattr(BlobPlan, "turned_out_wrong", turned_out_wrong)


def a_wrong_file_is_given_up(patch: pytest.MonkeyPatch) -> None:
    """Never begin anew with a file that turned out wrong."""
    real = BlobTraffic.finished

    def finished(traffic: Any, blob: Any, attempt: int, end: BlobEnd, now_ms: int) -> Any:
        return [] if end is BlobEnd.WRONG else real(traffic, blob, attempt, end, now_ms)

    patch.setattr(BlobTraffic, "finished", finished)


def a_silent_neighbour_keeps_its_file(patch: pytest.MonkeyPatch) -> None:
    """Wait for ever for a piece that does not come."""
    patch.setattr(BlobPlan, "expire", lambda plan, now_ms: None)


BUGS = (
    Bug(a_file_is_not_compared_with_its_digest, lying_source),
    Bug(whoever_sent_the_end_is_the_liar, lying_source),
    Bug(a_wrong_file_is_given_up, lying_source),
    Bug(a_silent_neighbour_keeps_its_file, silent_source),
)
