"""Names of files and folders are as durable as what is in them, when that is acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pytest

from leaving_out import leave_out
from tests.power.cutting import check_complete
from tests.power.disk_left import Disk
from tests.power.disk_recording import MISSING, is_installed, record

SCRIPT = """
import sys
from pathlib import Path
from storage.blob_files import BlobFiles
from storage.folder_lock import FolderLock
from storage.search.search_index import SearchIndex
from storage.sqlite_settings import create_private_file

folder = Path(sys.argv[1])
FolderLock(folder / "made" / "nod").acquire()
growing = BlobFiles(folder / "made" / "nod" / "blobs").upload("exempel")
growing.append(b"Exempel")
growing.finish()
index = SearchIndex(folder / "made" / "nod" / "search", bytes(16))
index.apply([], [bytes(32)], {1: 7})
index.commit()
index.close_merged()
create_private_file(folder / "elsewhere" / "tidan.sqlite")
"""
LOCKED, ELSEWHERE = "made/nod", "elsewhere"
INDEXED = ("made/nod/search/state.json", "made/nod/search/index/meta.json")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """What the script made, and what is left of it when nothing survives that was not synced."""
    if not is_installed():
        leave_out(MISSING)
    made, left = tmp_path_factory.mktemp("made"), tmp_path_factory.mktemp("left")
    history = record([sys.executable, "-c", SCRIPT, str(made)], made)
    check_complete(history, made)
    disk = Disk(history)
    for moment in history.moments:
        disk.advance(moment)
    disk.leave(left, Random(1), chance=0)
    return made, left


def test_a_new_data_folder_is_durable(folders: tuple[Path, Path]) -> None:
    """Also those above it that were made for it: keys that are written into it would be lost."""
    _, left = folders

    assert (left / LOCKED).is_dir()
    assert (left / ELSEWHERE).is_dir()


def test_an_attachment_is_durable_with_all_its_folders(folders: tuple[Path, Path]) -> None:
    """The first attachment of a node as well, for which the folders are made."""
    made, left = folders
    blobs = list((made / LOCKED / "blobs").glob("??/*"))

    assert len(blobs) == 1
    assert (left / blobs[0].relative_to(made)).read_bytes() == b"Exempel"


def test_the_index_is_as_far_as_it_says(folders: tuple[Path, Path]) -> None:
    """How far each log is indexed becomes durable after the index itself, or records would never
    be found again."""
    made, left = folders

    for name in INDEXED:
        assert (left / name).read_bytes() == (made / name).read_bytes()
