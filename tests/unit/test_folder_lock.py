"""The folder lock: one node to a data folder, and never a lock left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage.errors import FolderLockedError
from storage.folder_lock import FolderLock

ROOT = Path(__file__).resolve().parents[2]
HOLD = """
import sys, time, pathlib
from storage.folder_lock import FolderLock
FolderLock(pathlib.Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_node_is_refused(tmp_path: Path) -> None:
    """While one holds the folder, another is told so, with the process that holds it."""
    with (
        FolderLock(tmp_path),
        pytest.raises(FolderLockedError, match=f"process {os.getpid()}") as caught,
    ):
        FolderLock(tmp_path).acquire()

    assert "--data" in caught.value.advice


def test_the_folder_is_free_afterwards(tmp_path: Path) -> None:
    """Whoever lets go leaves the folder to the next, any number of times."""
    for _ in range(3):
        with FolderLock(tmp_path):
            pass
    lock = FolderLock(tmp_path)
    lock.acquire()
    lock.release()
    lock.release()
    lock.acquire()
    lock.release()


def test_one_lock_is_taken_once(tmp_path: Path) -> None:
    """Taking the lock one already has is a mistake that is reported."""
    lock = FolderLock(tmp_path)
    with lock, pytest.raises(FolderLockedError):
        lock.acquire()


def test_other_folders_are_free(tmp_path: Path) -> None:
    """Several nodes run beside each other, each on its own folder, which is made if need be."""
    with FolderLock(tmp_path / "a" / "b"), FolderLock(tmp_path / "c"):
        assert (tmp_path / "a" / "b").is_dir()


def test_a_killed_node_leaves_no_lock(tmp_path: Path) -> None:
    """After a process was killed without warning, the folder is free at once."""
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        with pytest.raises(FolderLockedError, match=f"process {process.pid}"):
            FolderLock(tmp_path).acquire()
        process.send_signal(signal.SIGKILL)
        process.wait()

    with FolderLock(tmp_path):
        pass
