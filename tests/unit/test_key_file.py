"""The key file: for its owner alone, created once, never anything but a key."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from storage.errors import KeyFileError
from storage.key_file import KeyFile

SEED, OTHER = bytes(range(32)), bytes(range(1, 33))


def test_a_key_comes_back(tmp_path: Path) -> None:
    """What was created is loaded, and only its owner can read it."""
    key_file = KeyFile(tmp_path / "key")
    assert not key_file.exists()
    key_file.create(SEED)

    assert key_file.exists()
    assert KeyFile(tmp_path / "key").load() == SEED
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_key_is_never_overwritten(tmp_path: Path) -> None:
    """Creating a key where one is changes nothing."""
    key_file = KeyFile(tmp_path / "key")
    key_file.create(SEED)
    with pytest.raises(KeyFileError, match="already"):
        key_file.create(OTHER)

    assert key_file.load() == SEED


def test_a_rotation_replaces_a_present_key_only(tmp_path: Path) -> None:
    """Replacing needs a readable key to replace."""
    key_file = KeyFile(tmp_path / "key")
    with pytest.raises(KeyFileError, match="no key file"):
        key_file.replace(OTHER)
    key_file.create(SEED)
    key_file.replace(OTHER)

    assert key_file.load() == OTHER
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_what_a_crash_left_half_written_goes(tmp_path: Path) -> None:
    """A key that was being written is a secret, and lies where nobody looks for it."""
    key_file = KeyFile(tmp_path / "key")
    key_file.create(SEED)
    (tmp_path / ".key.new").write_text(OTHER.hex())
    key_file.remove_unfinished()

    assert [path.name for path in tmp_path.iterdir()] == ["key"]
    assert key_file.load() == SEED


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o666, 0o610, 0o777])
def test_a_looser_mode_is_refused(tmp_path: Path, mode: int) -> None:
    """A key that others may read or change is not used; the error says which mode it has."""
    key_file = KeyFile(tmp_path / "key")
    key_file.create(SEED)
    (tmp_path / "key").chmod(mode)

    with pytest.raises(KeyFileError, match=f"mode {mode:04o}"):
        key_file.load()


@pytest.mark.parametrize(
    "content", [b"", b"\n", b"00" * 31, b"00" * 33, b"zz" * 32, b"\xff" * 64, SEED, b"00 " * 32]
)
def test_only_a_key_is_a_key(tmp_path: Path, content: bytes) -> None:
    """Anything but 32 bytes in hexadecimal is refused, and never shown in the error."""
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(KeyFileError) as caught:
        KeyFile(path).load()
    assert "00" * 8 not in str(caught.value)


def test_links_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    """A key is a plain file: a link may lead to something others control."""
    KeyFile(tmp_path / "key").create(SEED)
    (tmp_path / "link").symlink_to(tmp_path / "key")
    (tmp_path / "folder").mkdir(mode=0o700)
    os.mkfifo(tmp_path / "pipe", 0o600)

    for name in ("link", "folder", "pipe"):
        with pytest.raises(KeyFileError):
            KeyFile(tmp_path / name).load()


def test_a_seed_has_32_bytes(tmp_path: Path) -> None:
    """A seed of another length never reaches the disk."""
    with pytest.raises(KeyFileError, match="32 bytes"):
        KeyFile(tmp_path / "key").create(b"short")

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    """An impossible place gives our own error with the path."""
    with pytest.raises(KeyFileError, match="missing/key"):
        KeyFile(tmp_path / "missing" / "key").create(SEED)
