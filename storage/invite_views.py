"""Invites as the store hands them out; times are milliseconds since 1970."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StoredInvite:
    """One invite made here, without its secret; ``used_by`` is the log that showed it."""

    number: int
    key_digest: bytes
    note: str
    made_by: str
    made_ms: int
    expires_ms: int
    used_by: bytes | None = None
    used_ms: int | None = None

    def may_be_used(self, log: bytes, now_ms: int) -> bool:
        """Whether a log may show it: the first one in time, and later only that one."""
        return self.used_by == log if self.used_by is not None else now_ms < self.expires_ms

    def is_over(self, now_ms: int) -> bool:
        """Whether nobody can use it any more."""
        return self.used_by is None and now_ms >= self.expires_ms
