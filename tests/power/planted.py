"""Faults put into a node on purpose, each of which power cuts must find.

Applied in the recorded process only; what judges a disk is the program as it is.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from storage import blob_files, durable_file, key_file, log_store, sqlite_settings


def plant(name: str) -> None:
    """Put in a fault by its name; none for an empty one."""
    if name:
        FAULTS[name]()


def _synchronous(level: int) -> Callable[[], None]:
    def plant_it() -> None:
        sqlite_settings.SYNCHRONOUS_FULL = level  # type: ignore[misc]

    return plant_it


def _files_are_not_synced() -> None:
    """Attachments are renamed into place before their bytes are on the disk."""

    class Careless:
        def __getattr__(self, name: str) -> Any:
            return (lambda _descriptor: None) if name == "fsync" else getattr(os, name)

    blob_files.os = Careless()  # type: ignore[attr-defined]


def _folders_are_not_synced() -> None:
    """Names are taken for durable as soon as they are there."""
    for module in (durable_file, blob_files, key_file):
        module.sync_folder = lambda _folder: None


def _guard_comes_first() -> None:
    """The guard remembers an entry before the entry is on the disk."""
    honest = log_store.LogStore.append_batch

    async def hasty(self: Any, new: Any, received_ms: int, afterwards: Any = None) -> None:
        if afterwards is not None:
            afterwards()
        await honest(self, new, received_ms)

    log_store.LogStore.append_batch = hasty  # type: ignore[method-assign]


FAULTS: dict[str, Callable[[], None]] = {
    "synchronous=NORMAL": _synchronous(1),
    "synchronous=OFF": _synchronous(0),
    "attachments not synced": _files_are_not_synced,
    "folders not synced": _folders_are_not_synced,
    "guard before entry": _guard_comes_first,
}
