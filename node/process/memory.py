"""The C library's memory, set for a node: what is freed goes back to the machine.

By itself glibc keeps an area for each thread and raises its bounds after the largest piece it has
seen, so what a page, a batch or a bulk once took stays with the process in free pieces: after some
minutes of both they were half of it (docs/performance.md). Pieces between others never go back
unless somebody asks for it.
"""

from __future__ import annotations

import asyncio
import ctypes
from typing import Final

# Numbers and meanings: mallopt(3).
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
LARGE_BYTES: Final = 128 * 1024
"""From this size on a piece is had from the machine alone: glibc's own bound until it raises it."""
ARENAS_MAX: Final = 2
"""Threads of a node take turns in Python anyway."""
GIVE_BACK_SECONDS: Final = 60
"""It takes some 7 ms when there is little, 25 for 170 MB."""


def settle_memory() -> None:
    """Hold the C library to these bounds; another one than glibc keeps to its own."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return
    mallopt(M_ARENA_MAX, ARENAS_MAX)
    mallopt(M_MMAP_THRESHOLD, LARGE_BYTES)
    mallopt(M_TRIM_THRESHOLD, LARGE_BYTES)


def give_back() -> None:
    """Let the machine have all free pages, wherever they lie; malloc_trim(3)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)


async def keep_giving_back() -> None:
    """Do so again and again until cancelled, beside everything else."""
    while True:
        await asyncio.sleep(GIVE_BACK_SECONDS)
        await asyncio.to_thread(give_back)
