"""A disk as a power cut may leave it.

What was synced is there. Of what was not, each write survives with p = 1/2, some of them torn into
sectors of 512 bytes of which each survives alone; each change of size or of a name likewise, a name
only once its folder was synced. A rename is one change. Nothing is ordered by anything but syncs,
which is more than any file system in use takes away.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from random import Random

from tests.power.history import SHARED_MEMORY, Cut, History, Moment, Names, Said, Sync, Write

SECTOR_BYTES = 512
EVEN = 1 / 2
_TORN = 1 / 3


@dataclass(slots=True)
class _File:
    """Bytes that are durable, and what has been done to them since."""

    durable: bytearray = field(default_factory=bytearray)
    pending: list[tuple[int, Write | Cut]] = field(default_factory=list)

    def left(self, random: Random, chance: float) -> bytearray:
        """The bytes after a power cut."""
        data = bytearray(self.durable)
        for _, change in self.pending:
            if random.random() < chance:
                _apply(data, change, random if random.random() < _TORN else None)
        return data

    def whole(self) -> bytearray:
        """The bytes while the power stays on."""
        data = bytearray(self.durable)
        for _, change in self.pending:
            _apply(data, change, None)
        return data


@dataclass(slots=True)
class _Folder:
    """Names that are durable, and the changes since."""

    durable: dict[str, int] = field(default_factory=dict)
    pending: list[tuple[int, Names]] = field(default_factory=list)


class Disk:
    """The disk at one moment of a history; `advance` takes it to the next."""

    def __init__(self, history: History) -> None:
        self._folders = {number: _Folder() for number in history.folders}
        self._files: dict[int, _File] = {}
        self.said: list[Said] = []
        """What somebody counts on by now."""

    @property
    def is_settled(self) -> bool:
        """Whether a power cut now could only leave one disk."""
        files = any(file.pending for file in self._files.values())
        return not files and not any(folder.pending for folder in self._folders.values())

    def advance(self, moment: Moment) -> None:
        """Let one thing happen."""
        match moment.event:
            case Said() as said:
                self.said.append(said)
            case Write() | Cut() as change:
                self._file(change.file).pending.append((moment.at, change))
            case Names() as names:
                self._folders[names.folder].pending.append((moment.at, names))
            case Sync(number, begun) if number in self._folders:
                self._sync_names(self._folders[number], begun)
            case Sync(number, begun):
                file = self._file(number)
                for at, change in file.pending:
                    if at < begun:
                        _apply(file.durable, change, None)
                file.pending = [item for item in file.pending if item[0] >= begun]

    def leave(self, target: Path, random: Random, chance: float = EVEN) -> None:
        """Write a disk into an empty folder, as a power cut now may leave it.

        ``chance`` is that of each thing which was not synced to survive.
        """
        names = self._names(lambda: random.random() < chance)
        data = cache(lambda number: self._file(number).left(random, chance))
        _write_folder(target, 0, names, data)

    def leave_all(self, target: Path) -> None:
        """Write the disk as it is while the power stays on."""
        names = self._names(lambda: True)
        _write_folder(target, 0, names, lambda number: self._file(number).whole())

    def _names(self, survives: Callable[[], bool]) -> dict[int, dict[str, int]]:
        """The names in each folder, with those of the pending changes that survive."""
        names = {number: dict(folder.durable) for number, folder in self._folders.items()}
        pending = [item for folder in self._folders.values() for item in folder.pending]
        for _, change in sorted(pending, key=lambda item: item[0]):
            if survives():
                _put(names, change)
        return names

    def _sync_names(self, folder: _Folder, begun: int) -> None:
        """Make the changes of a folder durable, and those elsewhere that they follow upon."""
        durable = {number: folder.durable for number, folder in self._folders.items()}
        for at, names in [item for item in folder.pending if item[0] < begun]:
            places = {change[:2] for change in names.changes}
            for number in {place[0] for place in places}:
                other = self._folders[number]
                before = [
                    item
                    for item in other.pending
                    if item[0] < at and places & {change[:2] for change in item[1].changes}
                ]
                for item in before:
                    _put(durable, item[1])
                    other.pending.remove(item)
            _put(durable, names)
        folder.pending = [item for item in folder.pending if item[0] >= begun]

    def _file(self, number: int) -> _File:
        return self._files.setdefault(number, _File())


def _write_folder(
    target: Path,
    number: int,
    names: dict[int, dict[str, int]],
    data: Callable[[int], bytearray],
) -> None:
    for name, file in sorted(names[number].items()):
        if file in names:
            (target / name).mkdir(mode=0o700)
            _write_folder(target / name, file, names, data)
        elif not name.endswith(SHARED_MEMORY):
            (target / name).write_bytes(data(file))
            (target / name).chmod(0o600)


def _put(names: dict[int, dict[str, int]], change: Names) -> None:
    for folder, name, file in change.changes:
        if file is None:
            names[folder].pop(name, None)
        else:
            names[folder][name] = file


def _apply(data: bytearray, change: Write | Cut, torn: Random | None) -> None:
    """Change bytes; with ``torn`` each sector on its own comes to the disk or does not."""
    if isinstance(change, Cut):
        grown = change.size_bytes - len(data)
        data[change.size_bytes :] = bytes(max(0, grown))
        return
    start, end = change.offset, change.offset + len(change.data)
    while start < end:
        stop = min(end, (start // SECTOR_BYTES + 1) * SECTOR_BYTES) if torn else end
        if torn is None or torn.random() < EVEN:
            if len(data) < start:
                data.extend(bytes(start - len(data)))
            data[start:stop] = change.data[start - change.offset : stop - change.offset]
        start = stop
