"""The C library's memory, set for a node: what is freed goes back to the machine.

By itself glibc keeps an area for each thread, and what lies between other pieces stays with the
process: after some minutes of pages, batches and bulks a third of a node was free pieces
(docs/adr/0055).
"""

from __future__ import annotations

import asyncio
import ctypes
from typing import Final

M_ARENA_MAX: Final = -8
"""Its number for mallopt(3)."""
ARENAS_MAX: Final = 2
"""Threads of a node take turns in Python anyway."""
GIVE_BACK_SECONDS: Final = 10
"""It takes some 7 ms when there is little, 25 for 170 MB."""


def settle_memory() -> None:
    """Hold the C library to few areas; another one than glibc keeps to its own ways."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_ARENA_MAX, ARENAS_MAX)


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
