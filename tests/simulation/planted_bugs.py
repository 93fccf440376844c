"""Bugs to plant in the real code, one at a time, to see that the simulator would notice.

Each is a function that takes pytest's monkeypatch and breaks one rule of the chain, the run
rule, the session or the node; its docstring says what the broken node does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from protocol import chain, entry, fork, handshake, inflow, outflow, reconcile, session
from protocol.chain import Head, RunResult, verify_run
from protocol.directory import Directory
from protocol.errors import LinkError, WrongLogError
from protocol.fetch_plan import FetchPlan
from protocol.hub import Hub
from simulation import ingest_model
from simulation.disk import Disk
from simulation.node_model import SimNode

Plant = Callable[[pytest.MonkeyPatch], None]


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


# --- chain -----------------------------------------------------------------------------------


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


# --- run rule --------------------------------------------------------------------------------


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


# --- session ---------------------------------------------------------------------------------


def transcript_lacks_the_answer(patch: pytest.MonkeyPatch) -> None:
    """Sign only what the dialer said, so that an overheard handshake can be played again."""

    def digest(role: Any, dialer_hello: bytes, responder_hello: bytes) -> bytes:
        return hashlib.sha256(role.encode() + dialer_hello).digest()

    patch.setattr(handshake, "transcript_digest", digest)


def handshake_signature_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Believe whoever says its name."""
    patch.setattr(handshake, "verify", lambda key, signature, message: None)


def every_log_is_accepted(patch: pytest.MonkeyPatch) -> None:
    """Take runs of logs that nobody here has accepted or asked for."""
    patch.setattr(Directory, "accepts", lambda directory, log: True)
    patch.setattr(inflow.Inflow, "_refusal", lambda flow, run: flow._ended.get(run.log))


def credit_is_ignored_when_sending(patch: pytest.MonkeyPatch) -> None:
    """Send without regard to what the neighbour has granted."""
    patch.setattr(outflow, "CREDIT_BYTES", 10**12)


def credit_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    """Forget the credit that an acknowledgement returns."""
    patch.setattr(outflow.Outflow, "give_back", lambda flow, credit_bytes: None)


def nobody_else_is_asked(patch: pytest.MonkeyPatch) -> None:
    """Wait for ever for a neighbour that does not deliver."""
    patch.setattr(FetchPlan, "expire", lambda plan, now_ms: [])


def news_are_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """Commit an entry and tell nobody."""
    patch.setattr(session.Session, "tell", lambda *arguments: [])


def have_is_lost(patch: pytest.MonkeyPatch) -> None:
    """Ignore what a neighbour says it holds by now."""
    real = Hub.receive

    def receive(hub: Hub, link: int, frame: bytes, now_ms: int) -> Any:
        return [] if frame[1:2] == b"\x04" else real(hub, link, frame, now_ms)

    patch.setattr(Hub, "receive", receive)


def all_ranges_look_equal(patch: pytest.MonkeyPatch) -> None:
    """Find no difference between any two sets of logs."""
    patch.setattr(reconcile, "fingerprint", lambda items: bytes(16))


def what_is_missing_is_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    """Learn that a neighbour holds more and leave it at that."""
    patch.setattr(FetchPlan, "offer", lambda *arguments: None)


def links_gone_keep_their_fetches(patch: pytest.MonkeyPatch) -> None:
    """Leave what a lost neighbour had under way with it."""
    patch.setattr(FetchPlan, "drop_link", lambda plan, link: None)


def forks_are_not_suspected(patch: pytest.MonkeyPatch) -> None:
    """See another entry at the same number and think nothing of it."""
    patch.setattr(inflow.Inflow, "suspect", lambda *arguments: [])


def forks_are_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """Keep a fork to oneself."""
    patch.setattr(session.Session, "tell_fork", lambda *arguments: [])


def fork_proofs_are_believed(patch: pytest.MonkeyPatch) -> None:
    """Freeze a log for any proof."""
    patch.setattr(fork, "verify_proof", lambda proof, known=None: None)


# --- node ------------------------------------------------------------------------------------


def acknowledged_before_synced(patch: pytest.MonkeyPatch) -> None:
    """Call an entry safe that a crash can still take."""

    def crash(disk: Disk, random: Any) -> None:
        for log, kept in _half(disk.chains.items()):
            disk.chains[log] = kept
            disk.heads[log] = disk.heads[log]._replace(sequence=len(kept), id=kept[-1].entry.id)
        disk.unsynced.clear()

    patch.setattr(Disk, "crash", crash)


def _half(chains: Iterable[tuple[bytes, list[Any]]]) -> list[tuple[bytes, list[Any]]]:
    return [(log, chain[: (len(chain) + 1) // 2]) for log, chain in chains]


def guard_is_ignored(patch: pytest.MonkeyPatch) -> None:
    """Go on signing after an old backup was restored."""
    patch.setattr(SimNode, "recovering", False)


BUGS: dict[str, tuple[Plant, ...]] = {
    "chain": (
        previous_is_not_checked,
        number_and_previous_are_not_checked,
        log_is_not_checked,
        commitment_is_not_checked,
        missing_content_is_taken,
    ),
    "run rule": (
        newest_signature_is_not_checked,
        any_good_signature_covers_all,
        key_event_counts_as_covered,
        any_key_may_rotate,
        pending_entries_are_stored,
        signatures_are_not_checked,
    ),
    "session": (
        transcript_lacks_the_answer,
        handshake_signature_is_not_checked,
        every_log_is_accepted,
        credit_is_ignored_when_sending,
        credit_is_never_given_back,
        nobody_else_is_asked,
        news_are_not_passed_on,
        have_is_lost,
        all_ranges_look_equal,
        what_is_missing_is_not_asked_for,
        links_gone_keep_their_fetches,
        forks_are_not_suspected,
        forks_are_not_passed_on,
        fork_proofs_are_believed,
    ),
    "node": (acknowledged_before_synced, guard_is_ignored),
}
