"""Planted in the chain and the run rule (protocol/chain.py, protocol/entry.py)."""

from __future__ import annotations

from typing import Any

import pytest

from protocol import chain, entry
from protocol.chain import Head, RunResult, verify_run
from protocol.errors import LinkError, WrongLogError
from simulation import conformance, ingest_model
from simulation.planted.bug import Bug

FUTURE_MS = 1_800_000_000_000
"""Two years after every simulation begins."""


class _AlwaysEqual(bytes):
    """Bytes that pass any comparison."""

    def __eq__(self, other: object) -> bool:
        return True

    def __ne__(self, other: object) -> bool:
        return False

    __hash__ = bytes.__hash__


def _check_link(*, log: bool = True, number: bool = True, previous: bool = True) -> Any:
    """Return the chain's link check with some of its three parts left out."""

    def check(run: Any, item: entry.Entry) -> None:
        sequence, last_id = run._last
        if log and item.log != run.log:
            raise WrongLogError("planted")
        if number and item.header.sequence != sequence + 1:
            raise LinkError("planted")
        if previous and item.header.previous != last_id:
            raise LinkError("planted")

    return check


def previous_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Take an entry with the right number whatever it links back to."""
    patch.setattr(chain._Run, "_check_link", _check_link(previous=False))


def number_and_previous_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Take any signed entry of the log in any place."""
    patch.setattr(chain._Run, "_check_link", _check_link(number=False, previous=False))


def log_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Take another log's entries under this log's name, where they link."""
    patch.setattr(chain._Run, "_check_link", _check_link(log=False))


def commitment_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Take whatever content comes beside an entry."""
    patch.setattr(chain, "check_body", lambda envelope: None)


def missing_content_is_taken(patch: pytest.MonkeyPatch) -> None:
    """Let a relay strip the content of what it passes on."""
    patch.setattr(chain._Run, "_may_be_missing", lambda run, item: True)


def newest_signature_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Accept a whole run for its links."""

    def cover(run: Any) -> None:
        segment, run.segment = run.segment, []
        if run.head is not None:
            run._accept(segment, run.head.keys)

    patch.setattr(chain._Run, "cover", cover)


def any_good_signature_covers_all(patch: pytest.MonkeyPatch) -> None:
    """Let the signature of an earlier entry stand for the later ones of its run."""

    def cover(run: Any) -> None:
        if run.head is None:
            return
        key = run.head.keys.current
        if any(chain._is_signed(item.entry, key) for item in run.segment):
            segment, run.segment = run.segment, []
            run._accept(segment, run.head.keys)

    patch.setattr(chain._Run, "cover", cover)


def key_event_counts_as_covered(patch: pytest.MonkeyPatch) -> None:
    """Do not check the signature of a key event, as if a later one would cover it."""
    patch.setattr(chain, "verify_entry", lambda item, key: None)
    real = entry.verify_entry

    def is_signed(item: entry.Entry, key: bytes) -> bool:
        try:
            real(item, key)
        except Exception:  # noqa: BLE001  # any refusal means no
            return False
        return True

    patch.setattr(chain, "_is_signed", is_signed)


def any_key_may_rotate(patch: pytest.MonkeyPatch) -> None:
    """Do not compare a new key with the one committed to."""
    patch.setattr(chain, "next_key_digest", lambda key: _AlwaysEqual(32))


def pending_entries_are_stored(patch: pytest.MonkeyPatch) -> None:
    """Store what still waits for a signature."""

    def lax(head: Head | None, log: bytes, envelopes: Any) -> RunResult:
        result = verify_run(head, log, envelopes)
        if not result.pending or result.head is None:
            return result
        newest = result.pending[-1].entry
        moved = result.head._replace(sequence=newest.header.sequence, id=newest.id)
        return result._replace(accepted=result.accepted + result.pending, head=moved, pending=())

    patch.setattr(ingest_model, "verify_run", lax)


def signatures_are_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Believe every signature of every entry."""
    patch.setattr(entry, "verify", lambda key, signature, message: None)


def clocks_must_ascend(patch: pytest.MonkeyPatch) -> None:
    """Refuse an entry that was signed earlier than the one before it, by its author's clock."""
    real = chain._Run._check_link
    times_ms: dict[bytes, int] = {}

    def check(run: Any, item: entry.Entry) -> None:
        real(run, item)
        times_ms[item.id] = item.header.time_ms
        if item.header.previous and times_ms.get(item.header.previous, 0) > item.header.time_ms:
            raise LinkError("planted")

    patch.setattr(chain._Run, "_check_link", check)


def the_future_is_refused(patch: pytest.MonkeyPatch) -> None:
    """Refuse an entry whose author's clock is ahead."""
    real = chain._Run._check_link

    def check(run: Any, item: entry.Entry) -> None:
        real(run, item)
        if item.header.time_ms > FUTURE_MS:
            raise LinkError("planted")

    patch.setattr(chain._Run, "_check_link", check)


BUGS = (
    Bug(previous_is_not_checked),
    Bug(number_and_previous_are_not_checked),
    Bug(log_is_not_checked),
    Bug(commitment_is_not_checked),
    Bug(missing_content_is_taken),
    Bug(newest_signature_is_not_checked),
    Bug(any_good_signature_covers_all),
    Bug(key_event_counts_as_covered, conformance.hostile_relay),
    Bug(any_key_may_rotate),
    Bug(pending_entries_are_stored),
    Bug(signatures_are_not_checked),
    Bug(clocks_must_ascend),
    Bug(the_future_is_refused),
)
