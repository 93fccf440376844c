"""A disk that is full or may not be written: said clearly, and nothing acknowledged is lost.

`make processes` has a file system that the kernel turns read-only as well.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from random import Random

import pytest
from aiohttp import ClientSession

from leaving_out import leave_out
from node_factories import until
from tests.kills.checking import Checking
from tests.kills.load import Load
from tests.kills.served import Served
from tests.processes.read_only import TOLD, refusing_writes

DISK_BYTES = 24 * 1024 * 1024
ROOM_BYTES = 400 * 1024


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of its own with very little room; only root can have one."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tidan", place]
    if os.geteuid() or subprocess.run(mount, check=False).returncode:
        leave_out("Only root can mount a small disk; run the tests as root to fill one")
    yield place
    subprocess.run(["umount", "--lazy", place], check=True)


def _remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", disk], check=True)


async def _told(served: Served) -> bool:
    """Whether a person is told that nothing can be stored."""
    examined = await served.ask("examine")
    return TOLD in [alert["code"] for alert in examined["alerts"]]


async def _page_answers(served: Served) -> int:
    async with ClientSession() as client, client.get(f"{served.url}/") as response:
        return response.status


async def test_a_full_disk_is_said_and_survived(small_disk: Path) -> None:
    """The node refuses with a reason, tells a person and goes on showing its pages; it writes again
    by itself as soon as there is room, or the disk may be written again, and nothing that was
    acknowledged is lost, also when it is killed. Where it may not write at all it says so and does
    not start."""
    if shutil.which("strace") is None:
        leave_out("strace is not installed; install the package `strace`")
    served = Served(small_disk / "nod")
    load, checking = Load(served, Random(2)), Checking(served)
    await served.create()
    await served.start()
    try:
        await load.publish()
        room, ballast = os.statvfs(small_disk), small_disk / "ballast"
        ballast.write_bytes(bytes(room.f_bavail * room.f_frsize - ROOM_BYTES))
        load.begin()
        await until(partial(_has_refused, load), "the node refuses to write")
        await load.end()
        pages, told = [await _page_answers(served)], [await _told(served)]
        ballast.unlink()
        await load.publish()
        told.append(await _told(served))
        refusals, load.refused = load.refused, []
        load.begin()
        async with refusing_writes(served.process_id):
            await until(partial(_has_refused, load), "the node refuses to write again")
            await load.end()
            pages.append(await _page_answers(served))
            told.append(await _told(served))
        await load.publish()
        told.append(await _told(served))
        problems = await checking.problems(load.take())
        await served.kill()
        _remount(small_disk, "ro")
        code, words = await served.command("serve", "--port", str(served.port))
        _remount(small_disk, "rw")
        await served.start()
        problems += await checking.all_problems()
    finally:
        await served.kill()

    codes = [refusal.partition(":")[0] for refusal in (*refusals, *load.refused)]
    assert set(codes) == {"database_failed"}
    assert pages == [200, 200]
    assert told == [True, False, True, False]
    assert problems == []
    assert code == 1
    assert "Read-only file system" in words
    assert "What to do: Check the path, who owns it, and that the disk has room." in words
    assert "Traceback" not in words


async def _has_refused(load: Load) -> bool:
    return bool(load.refused)
