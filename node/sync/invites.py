"""Invites in memory, where a handshake asks for them without waiting.

Those made here may be used once: the first log that shows one in time has it, and goes on having it
until an administrator has decided. Those handed to us wait to be shown to one log, and are
forgotten with the first session that works and began after them. The database is behind both.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from node.errors import TooManyInvitesError
from node.ground.ground import Ground
from protocol.directory import Standing
from storage.errors import UnknownInviteError
from storage.invite_views import StoredInvite

INVITES_MAX = 50
"""Invites open or waiting for a decision at one time."""


class Invites:
    """The invites of one node, made and received."""

    def __init__(self, ground: Ground) -> None:
        self._store = ground.invite_store
        self._clock = ground.clock
        self._directory = ground.directory
        self._made: dict[bytes, StoredInvite] = {}
        self._received: dict[bytes, bytes] = {}

    async def load(self) -> None:
        """Read what the database holds."""
        self._made = {invite.key_digest: invite for invite in await self._store.all()}
        self._received = await self._store.received()

    # --- made here ------------------------------------------------------------------------

    def may_use(self, key_digest: bytes, log: bytes) -> bool:
        """Whether a log may show the invite with this digest now."""
        invite, view = self._made.get(key_digest), self._directory.get(log)
        if invite is None or (view is not None and view.standing is Standing.BLOCKED):
            return False
        return invite.may_be_used(log, self._clock.time_ms())

    def claim(self, key_digest: bytes, log: bytes) -> StoredInvite | None:
        """Give an invite to the log that has shown it; whoever calls writes it down."""
        if not self.may_use(key_digest, log):
            return None
        invite = self._made[key_digest]
        if invite.used_by is None:
            invite = replace(invite, used_by=log, used_ms=self._clock.time_ms())
            self._made[key_digest] = invite
        return invite

    def made(self) -> list[StoredInvite]:
        """Those that are there, oldest first; also what is too old, until room is needed."""
        return sorted(self._made.values(), key=lambda invite: invite.number)

    async def make(
        self, key_digest: bytes, words: str, actor: str, expires_ms: int
    ) -> StoredInvite:
        """Keep a new invite; raises `TooManyInvitesError`."""
        now_ms = self._clock.time_ms()
        await self._drop([invite for invite in self.made() if invite.is_over(now_ms)])
        if len(self._made) >= INVITES_MAX:
            raise TooManyInvitesError(f"There are {INVITES_MAX} invites that can be used.")
        invite = await self._store.add(key_digest, words, actor, now_ms, expires_ms)
        self._made[key_digest] = invite
        return invite

    async def revoke(self, number: int, actor: str) -> None:
        """Take an invite back; raises `UnknownInviteError` when it is there no more."""
        found = [invite for invite in self.made() if invite.number == number]
        if not found:
            raise UnknownInviteError(f"There is no invite {number}.")
        self._made.pop(found[0].key_digest, None)
        await self._store.revoke(number, actor, self._clock.time_ms())

    async def close(self, log: bytes) -> None:
        """A decision about a log was made: what it showed has served and opens nothing more."""
        await self._drop([invite for invite in self.made() if invite.used_by == log])

    async def _drop(self, served: list[StoredInvite]) -> None:
        for invite in served:
            self._made.pop(invite.key_digest, None)
        if served:
            await self._store.drop(*(invite.number for invite in served))

    # --- handed to us ---------------------------------------------------------------------

    @property
    def received(self) -> Mapping[bytes, bytes]:
        """By log, what to show to it when it is dialled; as it is now."""
        return dict(self._received)

    async def receive(self, log: bytes, secret: bytes) -> None:
        """Keep an invite to show to a log; a newer one takes its place."""
        await self._store.receive(log, secret, self._clock.time_ms())
        self._received[log] = secret

    async def forget(self, log: bytes) -> None:
        """An invite has served, or its log is no neighbour of ours any more."""
        if self._received.pop(log, None) is not None:
            await self._store.forget(log)
