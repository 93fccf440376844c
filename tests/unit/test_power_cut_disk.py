"""What a recorded program's disk may look like after a power cut: the model itself is right."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest

from tests.power.disk_left import SECTOR_BYTES, Disk
from tests.power.history import Cut, Event, History, Moment, Names, Said, Sync, Write
from tests.power.recorder import Recorder
from tests.power.trace import TraceError, read_trace

TRIES = 200
FILE, OTHER = 1, 2


def name(text: str, file: int | None = FILE) -> Names:
    """A file gets a name in the recorded folder, or the name goes."""
    return Names(((0, text, file),))


def synced(file: int, at: int) -> Sync:
    """A sync that began after all before it had ended."""
    return Sync(file, at)


def left(folder: Path, *events: Event) -> set[tuple[tuple[str, bytes], ...]]:
    """All disks that some power cuts after these events left: names with bytes."""
    moments = tuple(Moment(at, event) for at, event in enumerate(events))
    disk = Disk(History(moments, frozenset({0})))
    for moment in moments:
        disk.advance(moment)
    found = set()
    for number in range(TRIES):
        target = folder / str(len(list(folder.iterdir())))
        target.mkdir()
        disk.leave(target, Random(number))
        found.add(tuple((path.name, path.read_bytes()) for path in sorted(target.iterdir())))
    return found


def test_what_was_synced_is_always_there(tmp_path: Path) -> None:
    """Bytes and name after a sync of the file and of its folder."""
    events = (name("a"), Write(FILE, 0, b"x"), synced(FILE, 2), synced(0, 3))

    assert left(tmp_path, *events) == {(("a", b"x"),)}


def test_a_sync_vouches_only_for_what_had_ended(tmp_path: Path) -> None:
    """A write that ended after the sync had begun may be gone."""
    events = (name("a"), synced(0, 1), Write(FILE, 0, b"x"), Sync(FILE, 2))

    assert left(tmp_path, *events) == {(("a", b""),), (("a", b"x"),)}


def test_what_was_not_synced_may_survive_or_not(tmp_path: Path) -> None:
    """Each write for itself, in any combination, and holes are zeros."""
    events = (name("a"), synced(0, 1), Write(FILE, 0, b"x"), Write(FILE, 1, b"y"))

    assert left(tmp_path, *events) == {
        (("a", b""),),
        (("a", b"x"),),
        (("a", b"\0y"),),
        (("a", b"xy"),),
    }


def test_a_write_may_be_torn_between_sectors(tmp_path: Path) -> None:
    """A sector comes whole or not at all."""
    data = b"x" * SECTOR_BYTES + b"y" * SECTOR_BYTES
    events = (name("a"), Write(FILE, 0, bytes(len(data))), synced(FILE, 2), synced(0, 3))
    found = {bytes_ for ((_, bytes_),) in left(tmp_path, *events, Write(FILE, 0, data))}

    halves = ((b"\0", b"\0"), (b"x", b"\0"), (b"\0", b"y"), (b"x", b"y"))
    assert found == {first * SECTOR_BYTES + second * SECTOR_BYTES for first, second in halves}


def test_a_shortened_file_may_have_its_old_end(tmp_path: Path) -> None:
    """A change of size is lost like a write."""
    events = (name("a"), Write(FILE, 0, b"xy"), synced(FILE, 2), synced(0, 3), Cut(FILE, 1))

    assert left(tmp_path, *events) == {(("a", b"xy"),), (("a", b"x"),)}


def test_a_rename_is_all_or_nothing_until_its_folder_is_synced(tmp_path: Path) -> None:
    """The old bytes or the new under a name, and never neither."""
    rename = Names(((0, "new", None), (0, "a", OTHER)))
    begun = (name("a"), Write(FILE, 0, b"old"), synced(FILE, 2), name("new", OTHER))
    events = (*begun, Write(OTHER, 0, b"new"), synced(OTHER, 5), synced(0, 6), rename)

    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()

    assert left(before, *events) == {(("a", b"old"), ("new", b"new")), (("a", b"new"),)}
    assert left(after, *events, synced(0, 8)) == {(("a", b"new"),)}


def hexed(text: str) -> str:
    """Text as strace shows it."""
    return "".join(f"\\x{byte:02x}" for byte in text.encode())


def test_a_trace_becomes_a_history() -> None:
    """Overlapping calls of two threads, positions of open files, failures, and what was said."""
    folder, file = hexed("/rec"), hexed("/rec/a")
    lines = [
        f'1 openat(AT_FDCWD<{hexed("/")}>, "{file}", O_RDWR|O_CREAT, 0600) = 3<{file}>',
        f'1 write(3<{file}>, "{hexed("xy")}", 2 <unfinished ...>',
        f"2 fdatasync(3<{file}> <unfinished ...>",
        "1 <... write resumed>) = 2",
        "2 <... fdatasync resumed>) = 0",
        f'1 write(3<{file}>, "{hexed("z")}", 1) = 1',
        f'2 openat(AT_FDCWD<{hexed("/")}>, "{hexed("/rec/b")}", O_RDONLY) = -1 ENOENT (No such)',
        f'2 openat(AT_FDCWD<{hexed("/")}>, "{folder}", O_RDONLY|O_DIRECTORY) = 4<{folder}>',
        f'1 write(1<{hexed("pipe:[1]")}>, "{hexed(chr(123) + chr(125))}", 2) = 2',
        f'1 rename("{file}", "{hexed("/rec/b")}") = 0',
        "1 +++ exited with 0 +++",
    ]

    assert Recorder(Path("/"), Path("/rec")).read(lines).moments == (
        Moment(0, name("a")),
        Moment(3, Write(FILE, 0, b"xy")),
        Moment(4, Sync(FILE, 2)),
        Moment(5, Write(FILE, 2, b"z")),
        Moment(8, Said({})),
        Moment(9, Names(((0, "a", None), (0, "b", FILE)))),
    )


@pytest.mark.parametrize(
    "line",
    [
        f"1 mmap(NULL, 9, PROT_READ|PROT_WRITE, MAP_SHARED, 3<{hexed('/rec/a')}>, 0) = 0x7f",
        f'1 truncate("{hexed("/rec/a")}", 3) = 0',
        f'1 write(3<{hexed("/rec/a")}>, "{hexed("x")}"..., 1) = 1',
        f'1 rename("{hexed("/rec/a")}", "{hexed("/elsewhere")}") = 0',
        "1 write(3<what is this>",
    ],
)
def test_what_is_not_modelled_is_an_error(line: str) -> None:
    """A recording that has missed something must not conclude anything."""
    with pytest.raises(TraceError):
        Recorder(Path("/"), Path("/rec")).read([line])


def test_calls_that_never_returned_are_left_out() -> None:
    """The process ended in them."""
    assert list(read_trace(["1 exit_group(0) = ?", "1 close(3 <unfinished ...>"])) == []
