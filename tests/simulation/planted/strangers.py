"""Planted in who may be spoken with: handshake, standing, invites, bounds on a neighbour."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from protocol import blob_exchange, directory, handshake, inflow, outflow, session
from protocol.chain import read_keys
from protocol.directory import Directory, Standing
from protocol.errors import StateError
from protocol.handshake import Handshake
from protocol.hub import Hub
from protocol.notices import Joined
from protocol.transitions import Event, State, next_state
from simulation import conformance, conformance_stored, conformance_strangers
from simulation.planted.bug import Bug
from storage.invite_store import InviteStore
from storage.invite_views import StoredInvite

ANY_NUMBER = 10**12


def transcript_lacks_the_answer(patch: pytest.MonkeyPatch) -> None:
    """Sign only what the dialer said, so that an overheard handshake can be played again."""

    def digest(
        role: Any, dialer_hello: bytes, responder_hello: bytes, *, recovering: bool = False
    ) -> bytes:
        return hashlib.sha256(role.encode() + dialer_hello).digest()

    patch.setattr(handshake, "transcript_digest", digest)


def handshake_signature_is_not_checked(patch: pytest.MonkeyPatch) -> None:
    """Believe whoever says its name."""
    patch.setattr(handshake, "verify", lambda key, signature, message: None)


def an_old_key_opens_sessions(patch: pytest.MonkeyPatch) -> None:
    """Believe the key history that is shown, though a longer one is held."""

    def receive_auth(shaking: Any, auth: Any) -> Any:
        hello = shaking._theirs
        events = shaking._ourselves.key_events(hello.log)[:1]
        shaking._verify(read_keys(hello.log, events).current, auth.signature)
        return handshake._party(hello, 1, events)

    patch.setattr(Handshake, "receive_auth", receive_auth)


def whoever_answers_is_taken(patch: pytest.MonkeyPatch) -> None:
    """Forget whom one dialled."""
    real = Handshake.begin

    def begin(shaking: Any) -> bytes:
        frame = real(shaking)
        shaking._expected_log = None
        return frame

    patch.setattr(Handshake, "begin", begin)


def any_address_is_ours(patch: pytest.MonkeyPatch) -> None:
    """Do not look at which address was dialled."""
    real = Handshake.receive_hello

    def receive_hello(shaking: Any, hello: Any, frame: bytes) -> Any:
        shaking._ourselves = replace(shaking._ourselves, origins=frozenset({hello.origin}))
        return real(shaking, hello, frame)

    patch.setattr(Handshake, "receive_hello", receive_hello)


def strangers_may_stay(patch: pytest.MonkeyPatch) -> None:
    """Let in whoever proves to be somebody."""

    def on_auth(self: Any, auth: Any) -> list[Any]:
        self.party = self._proved(auth)
        return [Joined()]

    patch.setattr(session.Session, "_on_auth", on_auth)


def any_message_may_come_at_any_time(patch: pytest.MonkeyPatch) -> None:
    """Stay in a state for a message that has no step from it."""

    def lenient(state: State, event: Event) -> State:
        try:
            return next_state(state, event)
        except StateError:
            return state

    patch.setattr(session, "next_state", lenient)


def every_log_is_accepted(patch: pytest.MonkeyPatch) -> None:
    """Take runs of logs that nobody here has accepted or asked for."""
    patch.setattr(Directory, "accepts", lambda directory, log: True)
    patch.setattr(inflow.Inflow, "_refusal", lambda flow, run: flow._ended.get(run.log))


def an_introduced_log_is_a_member(patch: pytest.MonkeyPatch) -> None:
    """Take what a neighbour introduces without waiting for a person."""
    accepted = directory.ACCEPTED_STANDINGS | {Standing.INTRODUCED}
    patch.setattr(directory, "ACCEPTED_STANDINGS", accepted)


def a_block_does_not_win(patch: pytest.MonkeyPatch) -> None:
    """Take a blocked log as if it were a member's."""
    accepted = directory.ACCEPTED_STANDINGS | {Standing.BLOCKED}
    patch.setattr(directory, "ACCEPTED_STANDINGS", accepted)


def a_former_neighbour_keeps_its_session(patch: pytest.MonkeyPatch) -> None:
    """Look at who is a neighbour only when a session begins."""
    real = Hub.standing_changed

    def standing_changed(hub: Any, log: bytes, now_ms: int) -> Any:
        neighbours = hub._directory.neighbours
        hub._directory.neighbours = neighbours | {log}
        try:
            return real(hub, log, now_ms)
        finally:
            hub._directory.neighbours = neighbours

    patch.setattr(Hub, "standing_changed", standing_changed)


def an_invite_needs_no_proof(patch: pytest.MonkeyPatch) -> None:
    """Honour an invite that was overheard."""
    patch.setattr(handshake, "is_proved", lambda *arguments: True)


def an_invite_serves_any_number(patch: pytest.MonkeyPatch) -> None:
    """Forget that an invite has been used."""
    patch.setattr(
        StoredInvite, "may_be_used", lambda invite, log, now_ms: now_ms < invite.expires_ms
    )


def an_invite_never_ends(patch: pytest.MonkeyPatch) -> None:
    """Do not look at the time until which an invite may be shown."""
    patch.setattr(
        StoredInvite, "may_be_used", lambda invite, log, now_ms: invite.used_by in (None, log)
    )


def a_used_invite_is_remembered_in_memory_alone(patch: pytest.MonkeyPatch) -> None:
    """Write nothing down when an invite is used."""

    async def claim(store: Any, number: int, log: bytes, now_ms: int) -> None:
        return

    patch.setattr(InviteStore, "claim", claim)


def a_neighbour_may_speak_of_any_number_of_logs(patch: pytest.MonkeyPatch) -> None:
    """Keep whatever heads a neighbour tells of."""
    patch.setattr(session, "REMOTE_LOGS_MAX", ANY_NUMBER)


def a_neighbour_may_ask_for_any_number_of_logs(patch: pytest.MonkeyPatch) -> None:
    """Keep every request of a neighbour."""
    patch.setattr(outflow, "WANTS_WAITING_MAX", ANY_NUMBER)


def a_neighbour_may_ask_for_any_number_of_pieces(patch: pytest.MonkeyPatch) -> None:
    """Keep every request for a piece of a file."""
    patch.setattr(blob_exchange, "BLOB_PIECES_WAITING_MAX", ANY_NUMBER)


def a_neighbour_may_send_any_number_of_proofs(patch: pytest.MonkeyPatch) -> None:
    """Check every fork proof that comes."""
    patch.setattr(session, "FORK_FRAMES_MAX", ANY_NUMBER)


BUGS = (
    Bug(transcript_lacks_the_answer),
    Bug(handshake_signature_is_not_checked),
    Bug(an_old_key_opens_sessions, conformance_strangers.old_key),
    Bug(whoever_answers_is_taken, conformance_strangers.other_answers),
    Bug(any_address_is_ours, conformance_strangers.relayed),
    Bug(strangers_may_stay, conformance_strangers.stranger),
    Bug(any_message_may_come_at_any_time, conformance_strangers.stranger),
    Bug(every_log_is_accepted),
    Bug(an_introduced_log_is_a_member),
    Bug(a_block_does_not_win, conformance.blocked_log),
    Bug(a_former_neighbour_keeps_its_session, conformance.removed_neighbour),
    Bug(an_invite_needs_no_proof, conformance_strangers.overheard_invite),
    Bug(an_invite_serves_any_number, conformance_stored.invited),
    Bug(an_invite_never_ends, conformance_stored.invited),
    Bug(a_used_invite_is_remembered_in_memory_alone, conformance_stored.invited),
    Bug(a_neighbour_may_speak_of_any_number_of_logs, conformance_strangers.endless_heads),
    Bug(a_neighbour_may_ask_for_any_number_of_logs, conformance_strangers.endless_wants),
    Bug(a_neighbour_may_ask_for_any_number_of_pieces, conformance_strangers.endless_pieces),
    Bug(a_neighbour_may_send_any_number_of_proofs, conformance_strangers.endless_proofs),
)
