"""Drafts of the people of one node: who may see them, and how one becomes a record.

An author sees the own drafts, an editor everybody's. What is not theirs to see does not exist for
them. Nothing here is ever signed or sent to a neighbour.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

from node.errors import ReviewNeededError
from node.ground.ground import Ground
from protocol.limits import TITLE_CHARS_MAX
from storage.account_views import Role, User
from storage.draft_store import DRAFT_ID_BYTES, Draft, DraftRow, Writing
from storage.errors import DraftGoneError, TooManyDraftsError

LISTED_MAX = 200


class Written(NamedTuple):
    """A form as somebody has it: which draft it is, from which count of it, in which window."""

    draft_id: bytes
    typed: Mapping[str, str]
    record: bytes | None = None
    version: int = 0
    window: str = ""


class Drafts:
    """The drafts of one node."""

    def __init__(self, ground: Ground) -> None:
        self._store = ground.draft_store
        self._imports = ground.import_store
        self._accounts = ground.account_store
        self._audit = ground.audit
        self._clock = ground.clock
        self._review_required = ground.settings.review_required
        self._publishing = asyncio.Lock()

    def new_id(self) -> bytes:
        """An id for a draft that may come to be; nobody can guess it."""
        return self._clock.token(DRAFT_ID_BYTES)

    async def newest_of(self, user: User, count: int = LISTED_MAX) -> list[DraftRow]:
        """A user's own drafts, the last changed first."""
        return await self._store.of_user(user.number, count)

    async def of_colleagues(self, user: User) -> list[DraftRow]:
        """What others write, for an editor; for anybody else nothing."""
        if not user.role.covers(Role.EDITOR):
            return []
        return [row for row in await self._store.newest(LISTED_MAX) if row.user_no != user.number]

    async def to_review(self, user: User, count: int) -> list[DraftRow]:
        """What waits for a user as the second person, the last changed first."""
        if not user.role.covers(Role.EDITOR):
            return []
        return await self._store.handed_in(count, but_of=user.number)

    async def of_record(self, record: bytes) -> list[DraftRow]:
        """Changes to a record that somebody is writing: so that two who do the same hear of it."""
        return await self._store.of_record(record)

    async def open(self, user: User, draft_id: bytes) -> Draft | None:
        """A draft, or None when it is not there or not for this user."""
        found = await self._store.get(draft_id)
        return found if found is not None and may_open(user, found) else None

    async def save(self, user: User, written: Written) -> Draft:
        """Keep a text; raises as `DraftStore.save`."""
        await self._require(user, written)
        return await self._store.save(_writing(user, written), self._clock.time_ms())

    async def keep_own(self, user: User, written: Written, aside: bytes) -> Draft:
        """Go on with the own text where another was saved; the other becomes a draft of its own.

        Raises as `DraftStore.replace`.
        """
        await self._require(user, written)
        return await self._store.replace(_writing(user, written), aside, self._clock.time_ms())

    async def keep_saved(self, user: User, written: Written, aside: bytes) -> None:
        """Go on with the text that is saved; the own one becomes a draft of its own."""
        found = await self.open(user, written.draft_id)
        if found is None:
            raise DraftGoneError("the draft was published or thrown away")
        own = _writing(user, written._replace(draft_id=aside, record=found.record, window=""))
        await self._store.set_aside(own, self._clock.time_ms())

    async def throw_away(self, user: User, draft_id: bytes) -> bool:
        """Delete a draft; false when it is not there or not for this user."""
        if await self.open(user, draft_id) is None:
            return False
        return await self._store.remove(draft_id)

    async def publish(
        self, user: User, written: Written, publish: Callable[[], Awaitable[bytes]]
    ) -> bytes:
        """Publish a text once, whatever window it comes from, and let its draft go.

        Raises as `save`, before anything is published, and what `publish` raises; then the draft
        is there still. What was saved while it was published stays a draft.
        """
        async with self._publishing:
            try:
                saved = await self.save(user, written)
            except TooManyDraftsError:
                if self._review_required:
                    raise
                return await publish()
            if not self.may_publish(user, saved):
                raise ReviewNeededError("A second person has to look at the text first.")
            record = await publish()
            await self._imports.published(saved.draft_id, record)
            await self._store.remove(saved.draft_id, saved.version)
        await self._credit(user, saved, record)
        return record

    def may_publish(self, user: User, draft: DraftRow | None) -> bool:
        """Whether a user may publish a draft: where review is required, only a second person."""
        if not self._review_required:
            return True
        is_in = draft is not None and draft.handed_in_ms is not None
        return is_in and self.may_review(user, draft)

    def may_review(self, user: User, draft: DraftRow | None) -> bool:
        """Whether a user is a second person for a draft: an editor who is not its author."""
        return draft is not None and draft.user_no != user.number and user.role.covers(Role.EDITOR)

    async def hand_in(self, user: User, written: Written) -> None:
        """Save the own text and let it wait for a second person; raises as `save`."""
        saved = await self.save(user, written)
        if saved.user_no != user.number:
            raise ReviewNeededError("Only whoever wrote a draft hands it in.")
        await self._store.hand_in(saved, user.name, self._clock.time_ms())

    async def send_back(self, user: User, draft: DraftRow, words: str) -> None:
        """Give a draft back with words about what is missing."""
        writer = await self._accounts.get(draft.user_no)
        if writer is None or not self.may_review(user, draft) or draft.handed_in_ms is None:
            raise ReviewNeededError("Only what was handed in to somebody else is sent back.")
        now_ms = self._clock.time_ms()
        await self._store.send_back(draft, words, user.name, writer.name, now_ms)

    async def _credit(self, user: User, saved: DraftRow, record: bytes) -> None:
        """Whoever wrote what somebody else published may change it like an own record."""
        writer = await self._accounts.get(saved.user_no)
        if writer is not None and writer.number != user.number:
            now_ms = self._clock.time_ms()
            await self._audit.record(writer.name, "write experience", record.hex(), "", now_ms)

    async def _require(self, user: User, written: Written) -> None:
        """Raise as for a draft that is gone when it is somebody else's."""
        found = await self._store.get(written.draft_id)
        if found is not None and not may_open(user, found):
            raise DraftGoneError("the draft was published or thrown away")


def may_open(user: User, draft: DraftRow) -> bool:
    """Whether a user may read and change a draft."""
    own = draft.user_no == user.number and user.role.covers(Role.AUTHOR)
    return own or user.role.covers(Role.EDITOR)


def _writing(user: User, written: Written) -> Writing:
    printable = "".join(
        sign if sign.isprintable() else " " for sign in written.typed.get("title", "")
    )
    return Writing(
        draft_id=written.draft_id,
        user_no=user.number,
        record=written.record,
        title=" ".join(printable.split())[:TITLE_CHARS_MAX],
        typed=written.typed,
        version=written.version,
        window=written.window,
    )
