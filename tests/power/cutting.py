"""Cuts the power at every moment of a recorded history, and judges what is left."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.power.disk_left import EVEN, Disk
from tests.power.history import History, Said
from tests.power.judging import Judge, Promised, promised
from tests.power.trace import TraceError

_IN_MEMORY = Path("/dev/shm")
DISKS = _IN_MEMORY if _IN_MEMORY.is_dir() else None
"""Where disks are written: what is judged has been cut off already, and needs no sync."""


@dataclass(frozen=True, slots=True)
class Point:
    """One power cut: after which event, and what is broken.

    ``is_new`` says that it left another disk, or other promises, than all cuts before it of the
    same work; otherwise the verdict on the equal one stands for it.
    """

    event: int
    is_new: bool
    problems: tuple[str, ...]


def check_complete(history: History, folder: Path) -> None:
    """Raise `TraceError` unless the history, without a power cut, leads to what really lies in a
    folder: otherwise the recording has missed something."""
    disk = Disk(history)
    for moment in history.moments:
        disk.advance(moment)
    with tempfile.TemporaryDirectory(prefix="tidan-power-") as made:
        disk.leave_all(Path(made))
        expected, actual = _contents(Path(made)), _contents(folder)
    if expected != actual:
        differing = {
            name
            for name in expected.keys() | actual.keys()
            if expected.get(name) != actual.get(name)
        }
        raise TraceError(f"the recording does not lead to {sorted(differing)}")


async def cut_everywhere(
    history: History,
    codes: tuple[str, ...],
    judge: Judge,
    random: Random,
    *,
    disks: int,
    every: int = 1,
) -> AsyncIterator[Point]:
    """Cut after each event, or one in ``every``, and judge some of the disks it may leave.

    On the first of them nothing has survived that was not synced; where everything was, it is the
    only one. A disk that equals one already judged, with equal promises, is not judged again.
    """
    judged: dict[bytes, tuple[str, ...]] = {}
    state = Disk(history)
    has_begun = not any(_begins(moment.event) for moment in history.moments)
    offset = random.randrange(every)
    for number, moment in enumerate(history.moments):
        state.advance(moment)
        has_begun = has_begun or _begins(moment.event)
        if not has_begun or number % every != offset:
            continue
        for disk in range(1 if state.is_settled else disks):
            made = Path(tempfile.mkdtemp(prefix="tidan-power-", dir=DISKS))
            try:
                state.leave(made, random, EVEN if disk else 0)
                digest = _digest(made, [promised(state.said, code) for code in codes])
                is_new = digest not in judged
                if is_new:
                    problems = [
                        problem
                        for code in codes
                        for problem in await judge.problems(made / code, promised(state.said, code))
                    ]
                    judged[digest] = tuple(problems)
                yield Point(number, is_new, judged[digest])
            finally:
                shutil.rmtree(made)


def _digest(folder: Path, promises: list[Promised]) -> bytes:
    """A digest of all that lies in a folder and of what was promised about it."""
    digest = hashlib.sha256(repr(promises).encode())
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else None
        digest.update(f"{path.relative_to(folder)} {None if data is None else len(data)}".encode())
        digest.update(data or b"")
    return digest.digest()


def _begins(event: object) -> bool:
    return isinstance(event, Said) and event.words["what"] == "begun"


def _contents(folder: Path) -> dict[str, bytes | None]:
    """Every file and folder below, but for what is not on a disk."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
        if not path.name.endswith(("-shm", ".sock"))
    }
