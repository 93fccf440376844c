"""Hashing passwords with argon2id, beside the event loop and a few at once.

One hash takes 64 MiB and about a tenth of a second, which is the point of it. So a bounded number
runs at a time and a bounded number waits; more are refused, not queued for ever. Parameters follow
RFC 9106's second choice, with one lane: two processors have other things to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from node.accounts.passwords import normalised
from node.errors import OverloadedError

AT_ONCE_MAX = 2
WAITING_MAX = 20

ResultT = TypeVar("ResultT")


class Hashing:
    """Makes and checks hashes; `close` waits for those that run."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=1)
        self._threads = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="argon2")
        self._begun = 0
        self._nobodys: asyncio.Future[str] | None = None

    async def hash(self, password: str) -> str:
        """The hash of a password, with a salt of its own; raises `OverloadedError`."""
        return await self._run(partial(self._hasher.hash, normalised(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed; raises `OverloadedError`.

        Without a hash (nobody has that name) it takes as long, and is False.
        """
        if stored is None:
            await self._run(partial(self._verify, await self._nobodys_hash(), password))
            return False
        return await self._run(partial(self._verify, stored, password))

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    async def prepare(self) -> None:
        """Make what an unknown name is compared with, so that the first one takes no longer."""
        await self._nobodys_hash()

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, normalised(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _nobodys_hash(self) -> str:
        if self._nobodys is None:
            self._nobodys = asyncio.ensure_future(self.hash("nobody has this password"))
        return await asyncio.shield(self._nobodys)

    async def _run(self, work: Callable[[], ResultT]) -> ResultT:
        if self._begun >= AT_ONCE_MAX + WAITING_MAX:
            raise OverloadedError("Too many passwords are being checked at once.")
        self._begun += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._begun -= 1
