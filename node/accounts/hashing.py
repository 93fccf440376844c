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
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """The hash of a password, with a salt of its own; raises `OverloadedError`."""
        return await self._run(partial(self._hasher.hash, normalised(password)))

    async def matches(self, stored: str | None, password: str) -> bool:
        """Whether a password is the one that was hashed; raises `OverloadedError`.

        Without a hash (nobody has that name) it does the same work, and is False.
        """
        nobodys = await self._nobodys_hash()
        is_right = await self._run(partial(self._verify, stored or nobodys, password))
        return is_right and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether a hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Take no more work."""
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, normalised(password))
        except (VerificationError, InvalidHashError):
            return False

    async def _nobodys_hash(self) -> str:
        """What an unknown name is compared with; whoever is first waits for it, known or not."""
        if self._nobodys is None:
            self._nobodys = await self.hash("nobody has this password")
        return self._nobodys

    async def _run(self, work: Callable[[], ResultT]) -> ResultT:
        if self._begun >= AT_ONCE_MAX + WAITING_MAX:
            raise OverloadedError("Too many passwords are being checked at once.")
        self._begun += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._begun -= 1
