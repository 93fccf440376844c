"""Files that nothing names are removed by a node that runs, however briefly it runs."""

from __future__ import annotations

import os
import time
from pathlib import Path

from node.sync.blob_sweeping import sweep
from node_factories import TestNode, until
from storage.blob_files import BlobFiles
from storage.blob_sweep import GRACE_MS

FORGOTTEN, FRESH = b"forgotten", b"fresh"


def leave_behind(folder: Path, data: bytes, age_seconds: float) -> Path:
    """Write a whole file that no row knows, as a crash leaves one, so long ago."""
    growing = BlobFiles(folder).upload(data.decode())
    growing.append(data)
    path = BlobFiles(folder).path_of(growing.finish().digest)
    written = time.time() - age_seconds
    os.utime(path, (written, written))
    return path


async def test_a_node_sweeps_when_it_starts(tmp_path: Path) -> None:
    """What was left more than 30 days ago is gone soon after a start, not first in an hour."""
    served = await TestNode(tmp_path, "1498", "Tidaholms kommun").create()
    old = leave_behind(served.folder / "blobs", FORGOTTEN, GRACE_MS / 1000 + 60)
    new = leave_behind(served.folder / "blobs", FRESH, 60)

    async def swept() -> bool:
        return not old.exists()

    await served.start()
    try:
        await until(swept, "the forgotten file was removed")
    finally:
        await served.stop()

    assert new.exists()


async def test_a_node_that_may_lack_entries_removes_nothing(tmp_path: Path) -> None:
    """What an old database has not heard of is perhaps named by what is about to come back."""
    served = await TestNode(tmp_path, "1498", "Tidaholms kommun").create()
    old = leave_behind(served.folder / "blobs", FORGOTTEN, GRACE_MS / 1000 + 60)
    (served.folder / "guard").unlink()
    await served.start()
    try:
        node = served.node
        while_recovering = (await sweep(node), old.exists())
        node.recovery.override(await served.head(served.log_id))
        afterwards = (await sweep(node), old.exists())
    finally:
        await served.stop()

    assert while_recovering == (0, True)
    assert afterwards == (1, False)
