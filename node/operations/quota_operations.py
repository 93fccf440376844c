"""Verbs about quotas: how much of a log is kept, and how much a neighbour may bring in a day.

Our own log has none. Lowering one removes nothing; when one is raised, what was kept back comes.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from node.errors import ArgumentError
from node.operations.acting import Acting
from node.operations.log_ids import find_log_id
from storage.log_registry import REASON_CHARS_MAX
from storage.quota_store import Change, EntryQuota, QuotaKind

ENTRIES_MAX: Final = 10**12
MEGABYTES_MAX: Final = 10**9
MEGABYTE_BYTES: Final = 1_000_000
DEFAULT: Final = "default"
"""What the audit says of a quota that is as the settings give it again."""
ACTIONS: Final = {QuotaKind.LOG: "member quota", QuotaKind.NEIGHBOUR: "neighbour quota"}


@dataclass(frozen=True, slots=True)
class QuotaStatus:
    """One quota and how much of it is used; sizes are before compression, attachments apart.

    `waiting` is how many entries of a log that has reached its quota neighbours are known to hold
    beyond it. `until_ms` is when a neighbour's day ends; None for a log, and before anything came.
    """

    kind: str
    entries: int
    entries_max: int
    size_bytes: int
    bytes_max: int
    default_entries: int
    default_bytes: int
    is_changed: bool
    is_reached: bool
    waiting: int
    until_ms: int | None

    @property
    def megabytes_max(self) -> int:
        """The bound as people give it."""
        return self.bytes_max // MEGABYTE_BYTES


@dataclass(frozen=True, slots=True)
class LogQuotas:
    """The quotas about one municipality; `neighbour` is None when it is no neighbour."""

    log: str
    code: str
    name: str
    kept: QuotaStatus
    neighbour: QuotaStatus | None


class QuotaOperations(Acting):
    """The part of `Operations` that is about quotas."""

    async def quotas(self, log: str) -> LogQuotas:
        """The quotas about the log that begins with `log`; raises `ArgumentError` for our own."""
        parts, found = self._parts, self._foreign_log(log)
        row = await parts.log_store.log(found)
        neighbour = await parts.neighbours.get(found)
        return LogQuotas(
            found.hex(),
            row.code if row else "",
            (row.name if row else "") or (neighbour.name if neighbour else ""),
            self._quota_status(QuotaKind.LOG, found),
            self._quota_status(QuotaKind.NEIGHBOUR, found) if neighbour else None,
        )

    async def change_quota(
        self,
        kind: str,
        log: str,
        entries: int | None = None,
        megabytes: int | None = None,
        reason: str = "",
    ) -> LogQuotas:
        """Let another quota hold for a `log` as a whole, or for a `neighbour` in a day.

        What is not given stays as it is. Raises `ArgumentError` for a number out of bounds.
        """
        which, found = await self._which(kind, log)
        now = self._parts.sync.quotas.of(which, found)
        if entries is None and megabytes is None:
            raise ArgumentError("Say how many entries, how many megabytes, or both.")
        quota = EntryQuota(
            now.entries if entries is None else _bounded(entries, ENTRIES_MAX),
            now.size_bytes
            if megabytes is None
            else _bounded(megabytes, MEGABYTES_MAX) * MEGABYTE_BYTES,
        )
        said = f"{quota.entries} / {quota.size_bytes // MEGABYTE_BYTES} MB"
        why = " ".join(reason.split())[:REASON_CHARS_MAX]
        await self._change_quota(which, found, quota, f"{said}: {why}" if why else said)
        return await self.quotas(found.hex())

    async def restore_quota(self, kind: str, log: str) -> LogQuotas:
        """Let the quota of the settings hold again."""
        which, found = await self._which(kind, log)
        await self._change_quota(which, found, None, DEFAULT)
        return await self.quotas(found.hex())

    async def _change_quota(
        self, kind: QuotaKind, log: bytes, quota: EntryQuota | None, detail: str
    ) -> None:
        change = Change(kind, log, quota, self._actor, ACTIONS[kind], detail)
        await self._parts.sync.quotas.change(change)

    async def _which(self, kind: str, log: str) -> tuple[QuotaKind, bytes]:
        if kind == QuotaKind.LOG:
            return QuotaKind.LOG, self._foreign_log(log)
        if kind != QuotaKind.NEIGHBOUR:
            raise ArgumentError(f"A quota is of a log or of a neighbour, not of {kind!r}.")
        neighbours = [one.log for one in await self._parts.neighbours.all()]
        return QuotaKind.NEIGHBOUR, find_log_id(log, neighbours, "neighbour")

    def _foreign_log(self, log: str) -> bytes:
        known: Iterable[bytes] = (view.log for view in self._parts.directory.views())
        found = find_log_id(log, known, "log")
        if found == self._parts.own_log:
            raise ArgumentError("Our own log has no quota.")
        return found

    def _quota_status(self, kind: QuotaKind, log: bytes) -> QuotaStatus:
        quotas, directory = self._parts.sync.quotas, self._parts.directory
        quota, default, day = quotas.of(kind, log), quotas.default(kind), quotas.day(log)
        is_log = kind is QuotaKind.LOG
        used = quotas.held(log) if is_log else EntryQuota(day.entries, day.size_bytes)
        is_full = is_log and directory.is_full(log)
        known = self._parts.sync.contacts.furthest(log) if is_full else 0
        return QuotaStatus(
            kind=kind.value,
            entries=used.entries,
            entries_max=quota.entries,
            size_bytes=used.size_bytes,
            bytes_max=quota.size_bytes,
            default_entries=default.entries,
            default_bytes=default.size_bytes,
            is_changed=quotas.is_changed(kind, log),
            is_reached=is_full or (not is_log and log in directory.spent),
            waiting=max(0, known - used.entries),
            until_ms=None if is_log or not day.entries else day.ends_ms,
        )


def _bounded(number: object, most: int) -> int:
    """A whole number from 1 to `most`; raises `ArgumentError`."""
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= most:
        raise ArgumentError(f"A quota is a whole number from 1 to {most}, not {number!r}.")
    return number
