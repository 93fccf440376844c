"""Time and randomness of a running node, in one place so that tests can replace both.

Two clocks with different duties: `time_ms` (wall clock) is written into entries and shown to people
and may jump; `monotonic_ms` never jumps and drives every time-out and the sync session. `protocol/`
reads neither: it is handed numbers. Salts, nonces and tokens come from the operating system;
`uniform` only spreads retries.
"""

from __future__ import annotations

import random
import secrets
import time
from typing import Protocol


class Clock(Protocol):
    """What a node needs of time and chance; `SystemClock` is the real one."""

    def time_ms(self) -> int:
        """Wall-clock milliseconds since 1970; may jump either way."""
        ...

    def monotonic_ms(self) -> int:
        """Milliseconds since an unknown start; never goes backwards."""
        ...

    def busy_ns(self) -> int:
        """Processor time that this thread has had, in nanoseconds."""
        ...

    def token(self, size_bytes: int) -> bytes:
        """Unpredictable bytes for salts, nonces and database epochs."""
        ...

    def uniform(self) -> float:
        """A number in [0, 1) for jitter; need not be unpredictable."""
        ...


class SystemClock:
    """The machine's own clocks and random source."""

    def time_ms(self) -> int:
        """Wall-clock milliseconds since 1970."""
        return time.time_ns() // 1_000_000

    def monotonic_ms(self) -> int:
        """Milliseconds that never go backwards."""
        return time.monotonic_ns() // 1_000_000

    def busy_ns(self) -> int:
        """Processor time of this thread, as the kernel counts it."""
        return time.thread_time_ns()

    def token(self, size_bytes: int) -> bytes:
        """Bytes from the operating system's random source."""
        return secrets.token_bytes(size_bytes)

    def uniform(self) -> float:
        """A number in [0, 1)."""
        return random.random()  # noqa: S311  # nosec B311  # spreads retries, guards nothing
