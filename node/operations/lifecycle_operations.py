"""Verbs about a municipality's own ways: it moves, leaves, or goes on for others.

All three are entries of our log. Leaving is the last: nothing is signed after it until the key on
the recovery sheet is brought in force. Whoever goes on for whom holds when both have said it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from node.errors import ArgumentError
from node.operations.log_ids import find_log_id
from node.operations.neighbour_operations import NeighbourOperations
from node.operations.neighbour_status import NeighbourStatus
from node.operations.withdrawing import withdrawal
from node.origins import normalise_origin, origin_or_nothing
from protocol.content import Address, Continue, Leave, Profile, Withdraw
from protocol.content.lifecycle import ADDRESS_KIND, CONTINUE_KIND, LEAVE_KIND
from protocol.limits import NOTE_CHARS_MAX
from storage.lifecycle_queries import NOTHING, Said
from storage.log_registry import LogRow


@dataclass(frozen=True, slots=True)
class Linked:
    """A log that goes on for another, or the other way round; `both_say` when both have said so."""

    log: str
    code: str
    name: str
    both_say: bool


@dataclass(frozen=True, slots=True)
class OwnLifecycle:
    """What our log says of itself; times in milliseconds since 1970, ids as hexadecimal.

    `name` is the one in force; `first_name` is there when that is another than the first, which
    it has been since `renamed_ms`. `address` is the newest we have signed, None for none;
    `settings_address` is the setting `public_url`. While `left_ms` is there nothing is signed;
    `held_by` of `neighbours` neighbours that have not left themselves have confirmed that they hold
    our whole log. `asked` are logs that say they go on in ours.
    """

    log: str
    code: str
    name: str
    first_name: str | None
    renamed_ms: int | None
    address: str | None
    settings_address: str
    left_ms: int | None
    reason: str | None
    successor: Linked | None
    continues: list[Linked]
    asked: list[Linked]
    held_by: int
    neighbours: int


class LifecycleOperations(NeighbourOperations):
    """The part of `Operations` that is about moving, leaving and going on for others."""

    async def lifecycle(self) -> OwnLifecycle:
        """What our log says of itself, and what others say of it."""
        parts = self._parts
        said = await parts.lifecycle_queries.all()
        rows = {row.log: row for row in await parts.log_store.logs()}
        own, own_row = said.get(parts.own_log, NOTHING), rows.get(parts.own_log)
        sequence = parts.directory.sequence(parts.own_log)
        left = {log for log, one in said.items() if one.left_ms is not None}
        awaited = (parts.directory.neighbours | parts.directory.paused) - left
        holding = awaited.intersection(parts.sync.contacts.holders(parts.own_log, sequence))
        return OwnLifecycle(
            log=parts.own_log.hex(),
            code=own_row.code if own_row else "",
            name=own_row.name if own_row else "",
            first_name=own_row.first_name if own_row else None,
            renamed_ms=own_row.renamed_ms if own_row else None,
            address=own.url,
            settings_address=parts.settings.public_url,
            left_ms=own.left_ms,
            reason=own.reason,
            successor=_heir(parts.own_log, said, rows),
            continues=[
                _linked(log, rows, said.get(log, NOTHING).successor == parts.own_log)
                for log in own.continues
            ],
            asked=[
                _linked(log, rows, log in own.continues)
                for log, one in said.items()
                if one.successor == parts.own_log and log not in own.continues
            ],
            held_by=len(holding),
            neighbours=len(awaited),
        )

    async def publish_address(self, url: str = "") -> OwnLifecycle:
        """Sign at which address our node answers from now on; that of the settings by default."""
        settings = self._parts.settings
        if not url and not settings.public_url:
            raise ArgumentError("Set public_url to the new address first, and restart the node.")
        try:
            origin = normalise_origin(url) if url else settings.public_url
            content = Address(url=origin)
        except ValueError as error:
            raise ArgumentError(
                f"{url!r} is not an address such as https://tidan.hjo.se."
            ) from error
        if origin not in settings.origins:
            raise ArgumentError(
                f"This node does not answer at {origin}. Set public_url to it, keep the old address"
                " in other_origins, and restart the node."
            )
        if (await self.lifecycle()).address == origin:
            raise ArgumentError(f"The address {origin} is published already.")
        await self._say(ADDRESS_KIND, content, "address publish", self._parts.own_log, origin)
        return await self.lifecycle()

    async def rename(self, name: str, reason: str) -> OwnLifecycle:
        """Sign another name for our municipality; why is kept in the audit log, for ourselves."""
        parts, wanted, words = self._parts, " ".join(name.split()), reason.strip()
        if not words:
            raise ArgumentError("Say why the name changes; it is kept among your decisions.")
        if len(words) > NOTE_CHARS_MAX:
            raise ArgumentError(f"The reason has at most {NOTE_CHARS_MAX} characters.")
        own = await self.lifecycle()
        if wanted == own.name:
            raise ArgumentError(f"{wanted} is the name already.")
        await parts.names.must_be_free(wanted)
        was = await parts.name_store.profile_of(parts.own_log)
        try:
            content = Profile(
                name=wanted,
                code=own.code,
                domain=was.domain if was else None,
                contact=was.contact if was else None,
                url=was.url if was else None,
            )
        except ValueError as error:
            raise ArgumentError(f"{wanted!r} cannot be a name: at most 200 characters.") from error
        detail = f"”{own.name}” → ”{wanted}”: {words}"
        await self._say("profile", content, "name change", parts.own_log, detail)
        await parts.names.review()
        return await self.lifecycle()

    async def leave(self, reason: str = "", successor: str = "") -> OwnLifecycle:
        """Say as our log's last word that we leave; `successor` is the log that goes on for us."""
        words = reason.strip()
        if len(words) > NOTE_CHARS_MAX:
            raise ArgumentError(f"The reason has at most {NOTE_CHARS_MAX} characters.")
        heir = await self._other_log(successor) if successor.strip() else None
        try:
            content = Leave(reason=words or None, successor=heir.hex() if heir else None)
        except ValueError as error:
            raise ArgumentError("The reason holds characters that cannot be published.") from error
        await self._say(LEAVE_KIND, content, "leave", heir or self._parts.own_log, words)
        return await self.lifecycle()

    async def continue_log(self, log: str) -> OwnLifecycle:
        """Say that our log goes on for another; it holds when that one leaves and names us."""
        found = await self._other_log(log)
        said = await self._parts.lifecycle_queries.all()
        if found in said.get(self._parts.own_log, NOTHING).continues:
            raise ArgumentError("That has been said already.")
        content = Continue(predecessor=found.hex())
        await self._say(CONTINUE_KIND, content, "continue begin", found, "")
        return await self.lifecycle()

    async def stop_continuing(self, log: str, reason: str) -> OwnLifecycle:
        """Take back that our log goes on for another, with a reason that all can read."""
        said = await self._parts.lifecycle_queries.all()
        continues = said.get(self._parts.own_log, NOTHING).continues
        found = find_log_id(log, continues, "log that ours goes on for")
        content = withdrawal(continues[found], reason)
        await self._say("withdraw", content, "continue end", found, content.reason)
        return await self.lifecycle()

    async def use_new_address(self, log: str, url: str) -> NeighbourStatus:
        """Dial a neighbour at the address it has signed; `url` is the one that was looked at."""
        parts, found = self._parts, await self._neighbour(log)
        said = (await parts.lifecycle_queries.all()).get(found, NOTHING)
        neighbour = await parts.neighbours.get(found)
        origin = self._moved_to(neighbour, said) if neighbour else None
        now_ms = parts.clock.time_ms()
        if neighbour is None or origin is None or origin_or_nothing(url) != origin:
            raise ArgumentError("That is not the address which the neighbour has signed last.")
        await parts.neighbours.add(found, origin, neighbour.name, now_ms)
        detail = f"{neighbour.url or 'inbound only'} → {origin}"
        await parts.audit.record(self._actor, "neighbour move", found.hex(), detail, now_ms)
        await parts.dialer.remove(found)
        if found not in parts.directory.paused and not self._is_blocked(found):
            await self._begin(found, origin)
        return await self._one(found)

    async def _say(
        self,
        kind: str,
        content: Address | Leave | Continue | Profile | Withdraw,
        action: str,
        subject: bytes,
        detail: str,
    ) -> None:
        parts = self._parts
        await parts.publisher.publish(kind, content)
        now_ms = parts.clock.time_ms()
        await parts.audit.record(self._actor, action, subject.hex(), detail, now_ms)

    async def _other_log(self, text: str) -> bytes:
        """A log that is accepted here and not ours."""
        parts = self._parts
        known = [view.log for view in parts.directory.views() if view.accepted]
        found = find_log_id(text, known, "member")
        if found == parts.own_log:
            raise ArgumentError("That is our own log.")
        return found


def _heir(log: bytes, said: Mapping[bytes, Said], rows: Mapping[bytes, LogRow]) -> Linked | None:
    successor = said.get(log, NOTHING).successor
    if successor is None:
        return None
    return _linked(successor, rows, log in said.get(successor, NOTHING).continues)


def _linked(log: bytes, rows: Mapping[bytes, LogRow], both_say: bool) -> Linked:
    row = rows.get(log)
    return Linked(log.hex(), row.code if row else "", row.name if row else "", both_say)
