"""Own entries: signed one on the other, then checked like everybody else's and packed."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from node.ground.ground import Ground
from protocol.chain import Author, Head, verify_run
from protocol.limits import SALT_BYTES
from storage.appending import NewRun

INLINE_BYTES_MAX = 8_192
"""Up to this size entries are handled on the loop: a thread would cost more time than the work."""


class Draft(NamedTuple):
    """An own entry to be: its kind and its checked content."""

    kind: str
    content: bytes


class Signer:
    """Holds the node's key; whether it may sign now is decided by who asks."""

    def __init__(self, ground: Ground) -> None:
        self._own_key = ground.own_key
        self._clock = ground.clock

    async def sign(self, drafts: Sequence[Draft], head: Head | None) -> NewRun:
        """Return the next entries after ``head``, checked and packed."""
        assert head is not None, "a node opens only with its own first entry, else it recovers"
        if sum(len(draft.content) for draft in drafts) <= INLINE_BYTES_MAX:
            return self._sign(drafts, head)
        return await asyncio.to_thread(self._sign, drafts, head)

    def _sign(self, drafts: Sequence[Draft], head: Head) -> NewRun:
        author = Author(head, self._own_key.current)
        time_ms = self._clock.time_ms()
        envelopes = [
            author.append(kind, content, time_ms=time_ms, salt=self._clock.token(SALT_BYTES))
            for kind, content in drafts
        ]
        result = verify_run(head, head.log, envelopes)
        if result.error is not None or result.pending:
            raise result.error or AssertionError("own entries did not verify")
        return NewRun.of(result)
