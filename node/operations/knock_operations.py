"""Verbs about knocks: nodes that proved who they are and ask to become neighbours.

An administrator approves one after comparing fingerprints, refuses it ("Inte nu", which it is not
told and which can be changed), or blocks it with a reason.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.errors import ArgumentError
from node.operations.log_ids import find_log_id
from node.operations.neighbour_operations import NeighbourOperations
from node.operations.neighbour_status import NeighbourStatus
from node.operations.rivals import has_rival
from node.operations.standings import Decision
from protocol.directory import Standing
from protocol.identity import fingerprint
from storage.lifecycle_queries import successions
from storage.neighbour_views import Knock


@dataclass(frozen=True, slots=True)
class KnockView:
    """A node that asks to become a neighbour; code and name stand in its own first entry.

    `url` is where it says that it can be dialled. `invited_by` and `invite_words` are of the
    invite it has shown, else empty. `alarm` is set when another log here is that municipality.
    `removed_ms` says when we removed it as a neighbour, if we did.
    """

    log: str
    fingerprint: str
    code: str
    name: str
    url: str | None
    first_ms: int
    last_ms: int
    times: int
    refused: bool
    alarm: bool
    removed_ms: int | None
    invited_by: str
    invite_words: str


class KnockOperations(NeighbourOperations):
    """The part of `Operations` that is about knocks."""

    async def knocks(self, refused: bool = False) -> list[KnockView]:
        """Those who wait for an answer, newest first; with `refused` also who was told nothing."""
        parts = self._parts
        found = await parts.neighbours.knocks(dismissed=refused)
        if not found:
            return []
        rows = await parts.log_store.logs()
        removed = {item.log: item.removed_ms for item in await parts.neighbours.all(removed=True)}
        invites = {invite.number: invite for invite in parts.invites.made()}
        heirs = successions(await parts.lifecycle_queries.all())
        views = []
        for knock in found:
            invite = invites.get(knock.invite) if knock.invite is not None else None
            views.append(
                KnockView(
                    log=knock.log.hex(),
                    fingerprint=fingerprint(knock.log),
                    code=knock.code,
                    name=knock.name,
                    url=knock.url,
                    first_ms=knock.first_ms,
                    last_ms=knock.last_ms,
                    times=knock.times,
                    refused=knock.dismissed,
                    alarm=has_rival(knock.log, {knock.code}, rows, heirs),
                    removed_ms=removed.get(knock.log),
                    invited_by=invite.made_by if invite else "",
                    invite_words=invite.note if invite else "",
                )
            )
        return views

    async def approve_knock(self, log: str) -> NeighbourStatus:
        """Make the one that knocks our neighbour; fingerprints were compared before."""
        knock = await self._knock(log)
        added = await self.add_neighbour(knock.log.hex(), knock.url, knock.name)
        await self._note("knock approve", knock.log)
        return added

    async def dismiss_knock(self, log: str) -> None:
        """Not now: show a knock among the refused; it is not told."""
        knock = await self._knock(log)
        await self._parts.neighbours.dismiss_knock(knock.log)
        await self._note("knock refuse", knock.log)

    async def block_knock(self, log: str, reason: str) -> None:
        """Block the one that knocks until a person lifts it; needs a reason, which is kept."""
        parts, knock = self._parts, await self._knock(log)
        if not reason.strip():
            raise ArgumentError("A block needs a reason, which is kept.")
        decision = Decision(knock.log, Standing.BLOCKED, reason, code=knock.code, name=knock.name)
        await parts.standings.carry_out(decision, self._actor)
        await parts.invites.close(knock.log)
        await parts.neighbours.drop_knock(knock.log)

    async def _knock(self, text: str) -> Knock:
        knocks = {item.log: item for item in await self._parts.neighbours.knocks(dismissed=True)}
        return knocks[find_log_id(text, knocks, "knock")]
