"""The guard: a database restored from an old copy is always noticed."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.guard_file import Guard, GuardFile, GuardState

A, B = b"\xaa" * 32, b"\xbb" * 32
SLOT_BYTES = 4096


def ids(sequence: int) -> bytes:
    """An id that differs from one number to the next."""
    return bytes((sequence,)) * 32


@pytest.mark.parametrize(
    ("head", "id_at_guard", "state"),
    [
        ((7, A), None, GuardState.OK),
        ((7, B), None, GuardState.DIVERGED),
        ((6, A), None, GuardState.DATABASE_BEHIND),
        (None, None, GuardState.DATABASE_BEHIND),
        ((8, B), A, GuardState.DATABASE_AHEAD),
        ((20, B), A, GuardState.DATABASE_AHEAD),
        ((8, B), B, GuardState.DIVERGED),
        ((8, B), None, GuardState.DIVERGED),
    ],
)
def test_every_relation_has_its_state(
    tmp_path: Path, head: tuple[int, bytes] | None, id_at_guard: bytes | None, state: GuardState
) -> None:
    """Equal, behind, ahead by an interrupted write, and another history are told apart."""
    guard = GuardFile(tmp_path / "guard")
    guard.write(7, A)

    assert guard.check(head, id_at_guard) is state


def test_what_was_written_is_read(tmp_path: Path) -> None:
    """The newest head written is the one read, by another process, too."""
    GuardFile(tmp_path / "guard").write(1, A)
    GuardFile(tmp_path / "guard").write(2**53 - 1, B)

    assert GuardFile(tmp_path / "guard").read() == Guard(2**53 - 1, B)


def test_a_missing_guard_is_missing(tmp_path: Path) -> None:
    """No guard is a state of its own: nobody knows how far the log went."""
    guard = GuardFile(tmp_path / "guard")

    assert guard.read() is None
    assert guard.check((1, A)) is guard.check(None) is GuardState.MISSING


@given(st.data())
def test_any_changed_byte_is_noticed(data: st.DataObject) -> None:
    """A guard in which any one byte was changed is unreadable, never another head."""
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"tidan-guard-{os.getpid()}"
    guard = GuardFile(path)
    guard.write(1234567, A)
    written = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, SLOT_BYTES - 1))
    written[place] = data.draw(st.integers(0, 255).filter(lambda value: value != written[place]))
    path.write_bytes(bytes(written))
    state = guard.check((1234567, A))
    path.unlink()

    assert state is GuardState.UNREADABLE


@given(st.integers(2, 6), st.integers(0, 1), st.binary(min_size=1, max_size=SLOT_BYTES))
def test_a_torn_write_leaves_the_guard_before(steps: int, where: int, torn: bytes) -> None:
    """Whatever becomes of the place being written, the other still holds a head that was true:
    the newest, or the one before it."""
    path = Path(os.environ.get("TMPDIR", "/tmp")) / f"tidan-guard-{os.getpid()}"
    guard = GuardFile(path)
    guard.write(1, ids(1))
    for sequence in range(2, steps + 1):
        guard.advance(sequence, ids(sequence))
    assert guard.read() == Guard(steps, ids(steps))
    with path.open("r+b") as file:
        file.seek(where * SLOT_BYTES)
        file.write(torn)
    left = guard.read()
    path.unlink()

    assert left in (Guard(steps, ids(steps)), Guard(steps - 1, ids(steps - 1)))


def test_a_guard_of_an_earlier_version_is_read_and_goes_on(tmp_path: Path) -> None:
    """The file once was one line, shorter than a page; nobody has to recover from an upgrade."""
    guard = GuardFile(tmp_path / "guard")
    guard.write(7, A)
    guard.path.write_bytes(guard.path.read_bytes().partition(b"\0")[0])
    assert guard.read() == Guard(7, A)
    guard.advance(8, B)

    assert guard.read() == Guard(8, B)
    assert guard.path.stat().st_size == 2 * SLOT_BYTES


@pytest.mark.parametrize("is_earlier_version", [False, True])
def test_a_guard_never_moves_backwards(tmp_path: Path, is_earlier_version: bool) -> None:
    """Whoever comes late with an older head changes nothing."""
    guard = GuardFile(tmp_path / "guard")
    guard.write(7, A)
    if is_earlier_version:
        guard.path.write_bytes(guard.path.read_bytes().partition(b"\0")[0])
    guard.advance(6, B)
    guard.advance(7, B)

    assert guard.read() == Guard(7, A)


def test_a_guard_that_is_gone_is_written_anew(tmp_path: Path) -> None:
    """Moving on makes the file when somebody has removed it."""
    guard = GuardFile(tmp_path / "guard")
    guard.advance(8, B)

    assert guard.read() == Guard(8, B)


def test_moving_on_is_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The new head is on the disk when the call returns."""
    steps: list[str] = []
    pwrite, fdatasync = os.pwrite, os.fdatasync
    guard = GuardFile(tmp_path / "guard")
    guard.write(1, A)

    def note_write(descriptor: int, data: bytes, offset: int) -> int:
        steps.append(f"write at {offset}")
        return pwrite(descriptor, data, offset)

    def note_sync(descriptor: int) -> None:
        steps.append("sync")
        fdatasync(descriptor)

    monkeypatch.setattr(os, "pwrite", note_write)
    monkeypatch.setattr(os, "fdatasync", note_sync)
    guard.advance(2, B)
    guard.advance(3, A)

    assert steps == [f"write at {SLOT_BYTES}", "sync", "write at 0", "sync"]


@pytest.mark.parametrize("content", [b"", b"\n", b"tidan-guard-1", b"\xff" * 300, b"a b c d"])
def test_nonsense_is_unreadable(tmp_path: Path, content: bytes) -> None:
    """A file that was never a guard is unreadable, not an error and not a head."""
    path = tmp_path / "guard"
    path.write_bytes(content)

    assert GuardFile(path).check((1, A)) is GuardState.UNREADABLE
    assert GuardFile(path).read() is None


def test_a_crash_while_writing_leaves_the_old_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If writing stops before the end, the guard is still the one before, whole."""
    guard = GuardFile(tmp_path / "guard")
    guard.write(1, A)

    def fail(descriptor: int) -> None:
        raise OSError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(OSError, match="power cut"):
            guard.write(2, B)
    assert guard.read() == Guard(1, A)
    guard.write(3, B)
    assert guard.read() == Guard(3, B)


def test_file_and_folder_are_synchronised(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The bytes are fsynced before the name changes, and the name after: in this order."""
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        steps.append("fsync folder" if is_folder else "fsync file")
        fsync(descriptor)

    def note_replace(self: Path, target: Path) -> Path:
        steps.append("rename")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_replace)
    GuardFile(tmp_path / "guard").write(1, A)

    assert steps == ["fsync file", "rename", "fsync folder"]
