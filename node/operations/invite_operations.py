"""Verbs about invites: make one for another municipality, take one back, use one we were given.

An invite opens nothing by itself: whoever shows it waits at the door until an administrator here
has compared fingerprints (node/operations/knock_operations.py). It says that somebody was asked in,
by whom, and where they can be reached.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.errors import ArgumentError, RecoveringError
from node.municipal import municipalities
from node.operations.neighbour_operations import NeighbourOperations
from node.operations.neighbour_status import NeighbourStatus
from node.origins import normalise_origin
from protocol.errors import InviteCodeError, LocalError
from protocol.identity import fingerprint
from protocol.invite import InviteCode, decode_code, encode_code, invite_key, key_digest
from protocol.limits import INVITE_SECRET_BYTES
from storage.invite_views import StoredInvite

INVITE_PATH = "/inbjudan"
WORDS_CHARS_MAX = 80
DAYS_DEFAULT = 7
DAYS_MAX = 30
DAY_MS = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class InviteView:
    """One invite made here; `used_by` is the id of the log that has shown it, or None."""

    number: int
    words: str
    made_by: str
    made_ms: int
    expires_ms: int
    used_by: str | None
    used_ms: int | None
    is_over: bool


@dataclass(frozen=True, slots=True)
class NewInvite:
    """A new invite. The link is shown now and never again."""

    link: str
    address: str
    invite: InviteView


@dataclass(frozen=True, slots=True)
class InviteReading:
    """What an invite says, before anything is done with it; code and address are its own claim."""

    log: str
    fingerprint: str
    url: str
    code: str
    own_fingerprint: str


class InviteOperations(NeighbourOperations):
    """The part of `Operations` that is about invites."""

    async def make_invite(self, words: str, days: int = DAYS_DEFAULT) -> NewInvite:
        """An invite that works once; `words` say whom it is for."""
        parts = self._parts
        plain = " ".join(words.split())
        if not 0 < len(plain) <= WORDS_CHARS_MAX or not plain.isprintable():
            raise ArgumentError(f"Say whom it is for, in at most {WORDS_CHARS_MAX} characters.")
        if not 1 <= days <= DAYS_MAX:
            raise ArgumentError(f"An invite lasts 1 to {DAYS_MAX} days.")
        own = await parts.log_store.log(parts.own_log)
        if own is None or not own.code:
            raise RecoveringError("Our own log is not here yet, so nobody can be invited.")
        secret = parts.clock.token(INVITE_SECRET_BYTES)
        digest = key_digest(invite_key(secret).public_key)
        expires_ms = parts.clock.time_ms() + days * DAY_MS
        made = await parts.invites.make(digest, plain, self._actor, expires_ms)
        code = encode_code(InviteCode(self._site, parts.own_log, secret, own.code))
        return NewInvite(f"{self._site}{INVITE_PATH}#{code}", self._site, self._view(made))

    async def invites(self) -> list[InviteView]:
        """The invites made here that are open, wait for a decision, or were never used."""
        return [self._view(invite) for invite in self._parts.invites.made()]

    async def revoke_invite(self, number: int) -> None:
        """Take an invite back; whoever has shown it goes on knocking like anybody."""
        await self._parts.invites.revoke(number, self._actor)

    async def read_invite(self, text: str) -> InviteReading:
        """What an invite says: its link, or the part after #, as it was pasted."""
        invite = self._read(text)
        return InviteReading(
            invite.log.hex(),
            fingerprint(invite.log),
            invite.origin,
            invite.code,
            fingerprint(self._parts.own_log),
        )

    async def use_invite(self, text: str) -> NeighbourStatus:
        """Add whoever made the invite as a neighbour, and show it the invite when it is dialled."""
        parts, invite = self._parts, self._read(text)
        await parts.invites.receive(invite.log, invite.secret)  # before it is dialled
        try:
            known = municipalities.by_code(invite.code)
            name = known.official_name if known else ""
            added = await self.add_neighbour(invite.log.hex(), invite.origin, name)
        except LocalError:
            await parts.invites.forget(invite.log)
            raise
        await self._note("invite use", invite.log)
        return added

    def _read(self, text: str) -> InviteCode:
        """Read a link or code that mail may have broken over lines; raises `ArgumentError`."""
        code = "".join(text.split()).rpartition("#")[2]
        try:
            invite = decode_code(code)
            origin = normalise_origin(invite.origin)
        except InviteCodeError as error:
            raise ArgumentError(f"{error}.".capitalize()) from error
        except ValueError as error:
            raise ArgumentError("The invite names no address that can be called.") from error
        return invite._replace(origin=origin)

    def _view(self, invite: StoredInvite) -> InviteView:
        return InviteView(
            invite.number,
            invite.note,
            invite.made_by,
            invite.made_ms,
            invite.expires_ms,
            invite.used_by.hex() if invite.used_by else None,
            invite.used_ms,
            invite.is_over(self._parts.clock.time_ms()),
        )
