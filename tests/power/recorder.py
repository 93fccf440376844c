"""A traced process's calls as the history of one folder, which is empty in the beginning.

Whatever could change a file unseen (a shared writable mapping, a call that is not modelled) is an
error. Whether anything was missed all the same is seen by comparing with the real folder
(tests/power/cutting.py).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.power.history import SHARED_MEMORY, Cut, Event, History, Moment, Names, Said, Sync, Write
from tests.power.trace import Call, TraceError, read_trace, vector

_STANDARD_OUTPUT = 1
Place = tuple[int, str]
"""A folder and a name in it."""


@dataclass(slots=True)
class _Open:
    file: int
    position: int
    appends: bool


class Recorder:
    """Follows names and open files through a trace."""

    def __init__(self, working: Path, folder: Path) -> None:
        """The process works in ``working``; ``folder`` is what is recorded."""
        self._working = working
        self._folder = folder.resolve()
        self._names: dict[Place, int] = {}
        self._sizes: dict[int, int] = {0: 0}
        self._folders = {0}
        self._open: dict[int, _Open] = {}

    def read(self, trace: Iterable[str]) -> History:
        """Read the whole trace; raises `TraceError` for what is not modelled."""
        # A number is free, and may be another thread's, as soon as its closing has begun.
        calls = sorted(
            read_trace(trace), key=lambda call: call.begun if call.name == "close" else call.ended
        )
        moments = [
            Moment(call.begun if isinstance(event, Said) else call.ended, event)
            for call in calls
            for event in self._events(call)
        ]
        moments.sort(key=lambda moment: moment.at)
        return History(tuple(moments), frozenset(self._folders))

    def _events(self, call: Call) -> Iterator[Event]:
        match call.name:
            case "openat" | "open" | "creat":
                yield from self._opened(call)
            case "close":
                self._open.pop(call.descriptor(0)[0], None)
            case "lseek":
                self._seek(call)
            case "write" | "writev" | "pwrite64" | "pwritev" | "pwritev2":
                yield from self._written(call)
            case "ftruncate":
                if found := self._file(call):
                    yield self._resized(found.file, call.number(1))
            case "fsync" | "fdatasync":
                if found := self._file(call):
                    yield Sync(found.file, call.begun)
            case "mmap":
                self._refuse_shared_writing(call)
            case _:
                yield from self._names_changed(call)

    # Open files.

    def _opened(self, call: Call) -> Iterator[Event]:
        if call.name != "openat":
            raise TraceError(f"{call.name} is not modelled")
        self._open.pop(call.result, None)
        if self._whole(call, 0, 1) == self._folder:
            self._open[call.result] = _Open(0, 0, appends=False)
            return
        place = self._place(call, 0)
        if place is None:
            return
        flags = set(call.arguments[2].split("|"))
        if "O_TMPFILE" in flags:
            raise TraceError("files without a name are not modelled")
        file = self._names.get(place)
        if file is None:
            if "O_CREAT" not in flags:
                return  # a socket, or the folder that lies above all
            file = self._new_file()
            yield self._named(place, file)
        elif "O_TRUNC" in flags and self._sizes[file]:
            yield self._resized(file, 0)
        self._open[call.result] = _Open(file, 0, "O_APPEND" in flags)

    def _seek(self, call: Call) -> None:
        # What lists a folder has another number for it, and begins anew by such a call.
        if found := self._open.get(call.descriptor(0)[0]):
            found.position = call.result

    def _written(self, call: Call) -> Iterator[Event]:
        speaks = call.descriptor(0)[0] == _STANDARD_OUTPUT
        found = None if speaks else self._file(call)
        if not speaks and found is None:
            return
        data = vector(call.arguments[1]) if "v" in call.name else call.text(1)
        data = data[: call.result]
        if found is None:
            for line in data.splitlines():
                yield Said(json.loads(line))
            return
        if call.name.startswith("pwrite"):
            offset = call.number(3)
        else:
            offset = self._sizes[found.file] if found.appends else found.position
            found.position = offset + len(data)
        self._sizes[found.file] = max(self._sizes[found.file], offset + len(data))
        yield Write(found.file, offset, data)

    def _resized(self, file: int, size_bytes: int) -> Cut:
        self._sizes[file] = size_bytes
        return Cut(file, size_bytes)

    def _file(self, call: Call) -> _Open | None:
        """What an open file of a call is; None outside the folder."""
        number, path = call.descriptor(0)
        found = self._open.get(number)
        if found is None and self._is_inside(path):
            raise TraceError(f"{call.name} of {path}, which was opened unseen")
        return found

    def _refuse_shared_writing(self, call: Call) -> None:
        if {"MAP_SHARED", "PROT_WRITE"} <= set("|".join(call.arguments).split("|")):
            _, path = call.descriptor(4)
            if self._is_inside(path) and not path.endswith(SHARED_MEMORY):
                raise TraceError(f"{path} is written through mapped memory")

    # Names.

    def _names_changed(self, call: Call) -> Iterator[Event]:
        match call.name:
            case "mkdir" | "mkdirat":
                yield from self._made(call)
            case "unlink" | "unlinkat" | "rmdir":
                yield from self._removed(call)
            case "link" | "linkat":
                yield from self._linked(call)
            case "rename" | "renameat" | "renameat2":
                yield from self._renamed(call)
            case _ if any(self._is_inside(_path_in(part)) for part in call.arguments):
                raise TraceError(f"{call.name} is not modelled")

    def _made(self, call: Call) -> Iterator[Event]:
        place = self._place(call, 0 if call.name == "mkdirat" else None)
        if place is not None:
            file = self._new_file()
            self._folders.add(file)
            yield self._named(place, file)

    def _removed(self, call: Call) -> Iterator[Event]:
        place = self._place(call, 0 if call.name == "unlinkat" else None)
        if place is not None and place in self._names:  # a socket is no file
            del self._names[place]
            yield Names(((*place, None),))

    def _linked(self, call: Call) -> Iterator[Event]:
        old, new = self._two_places(call)
        if new is not None:
            yield self._named(new, self._known(old, new))

    def _renamed(self, call: Call) -> Iterator[Event]:
        old, new = self._two_places(call)
        if old is None and new is None:
            return
        if old is None or new is None:
            raise TraceError("a rename into or out of the recorded folder")
        file = self._known(old, new)
        del self._names[old]
        self._names[new] = file
        yield Names(((*old, None), (*new, file)))

    def _known(self, old: Place | None, new: Place) -> int:
        if old is None or old not in self._names:
            raise TraceError(f"{new[1]} gets its name from what was made unseen")
        return self._names[old]

    def _named(self, place: Place, file: int) -> Names:
        self._names[place] = file
        return Names(((*place, file),))

    def _new_file(self) -> int:
        file = len(self._sizes)
        self._sizes[file] = 0
        return file

    def _two_places(self, call: Call) -> tuple[Place | None, Place | None]:
        if call.name in ("link", "rename"):
            return self._place(call, None, 0), self._place(call, None, 1)
        return self._place(call, 0), self._place(call, 2)

    def _place(self, call: Call, descriptor: int | None, path: int | None = None) -> Place | None:
        """The folder and name that a call speaks of; None outside the recorded folder."""
        if path is None:
            path = 0 if descriptor is None else descriptor + 1
        whole = self._whole(call, descriptor, path)
        if not self._is_inside(str(whole)) or whole == self._folder:
            return None
        folder = 0
        for part in whole.relative_to(self._folder).parts[:-1]:
            if (folder, part) not in self._names:
                raise TraceError(f"{whole} lies in a folder that was made unseen")
            folder = self._names[folder, part]
        return folder, whole.name

    def _whole(self, call: Call, descriptor: int | None, path: int) -> Path:
        base = (
            self._working
            if descriptor is None
            else Path(call.descriptor(descriptor)[1] or self._working)
        )
        return Path(os.path.normpath(base / os.fsdecode(call.text(path))))

    def _is_inside(self, path: str) -> bool:
        return Path(path).is_relative_to(self._folder)


def _path_in(argument: str) -> str:
    """A path in an argument of a call that is not known: quoted, or of an open file."""
    found = re.search(r"((?:\\x[0-9a-f]{2})+)", argument)
    return os.fsdecode(bytes.fromhex(found[1].replace("\\x", ""))) if found else ""
