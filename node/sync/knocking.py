"""Who stands at the door: nodes that proved who they are and are no neighbours yet.

A knock costs the caller a handshake and us a small write, so without an invite only so many are
written in a minute; who is turned away knocks again. One with an invite made here is bounded by
the number of those. A blocked log does not knock: nobody wants to be asked about it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from node.ground.chores import Chores
from node.ground.ground import Ground
from node.guessing import Allowance, Guesses
from node.origins import is_inside, normalise_origin
from node.sync.invites import Invites
from protocol.directory import Standing
from protocol.effects import Knocked
from storage.invite_views import StoredInvite

UNINVITED = Allowance(guesses=60, refill_ms=1_000)
"""Of all who come without an invite, together."""
INVITED = Allowance(guesses=10, refill_ms=10_000)
"""Of each log that has shown an invite."""


class Knocking:
    """Takes in knocks for one node."""

    def __init__(self, ground: Ground, *, invites: Invites, chores: Chores) -> None:
        self._directory = ground.directory
        self._neighbours = ground.neighbours
        self._store = ground.invite_store
        self._stands_inside = ground.settings.stands_inside
        self._clock = ground.clock
        self._logger = ground.logger
        self._invites = invites
        self._chores = chores
        self._uninvited = Guesses(UNINVITED)
        self._invited = Guesses(INVITED)

    def receive(self, knock: Knocked) -> None:
        """Note one knock; an invite that came with it belongs to this log from now on."""
        view = self._directory.get(knock.log)
        if view is not None and view.standing is Standing.BLOCKED:
            return
        invite = self._invites.claim(knock.invite, knock.log) if knock.invite is not None else None
        knocks, key = (self._invited, knock.log.hex()) if invite else (self._uninvited, "")
        monotonic_ms = self._clock.monotonic_ms()
        if knocks.wait_ms(key, monotonic_ms):
            return
        knocks.take(key, monotonic_ms)
        self._logger.info("a node knocks", log=knock.log, invited=invite is not None)
        self._chores.add(partial(self._keep, knock, invite, self._clock.time_ms()))

    @property
    def invites_received(self) -> Mapping[bytes, bytes]:
        """By log, the secret to show when it is dialled, where its administrator has invited us."""
        return self._invites.received

    async def joined(self, neighbour: bytes, received: Mapping[bytes, bytes]) -> None:
        """A session with a neighbour works: invites between the two have served.

        `received` are those that were here when it began: one that came later is for the next.
        """
        if self._invites.received.get(neighbour) == received.get(neighbour):
            await self._invites.forget(neighbour)
        await self._invites.close(neighbour)

    async def _keep(self, knock: Knocked, invite: StoredInvite | None, now_ms: int) -> None:
        if knock.log in self._directory.neighbours:
            return  # it was added while this waited
        if invite is not None:
            await self._store.claim(invite.number, knock.log, now_ms)
        await self._neighbours.knock(
            knock.log,
            knock.code,
            knock.name,
            now_ms,
            invite=invite.number if invite else None,
            url=self._believable(knock.origin),
        )

    def _believable(self, claimed: str) -> str | None:
        """Where a stranger says it can be dialled, unless that is inside somebody's network.

        Else an invited stranger could have us call on what only we can reach.
        """
        try:
            origin = normalise_origin(claimed) if claimed else None
        except ValueError:
            return None
        if origin is None or (is_inside(origin) and not self._stands_inside):
            return None
        return origin
