"""One bit of the database file flips while nobody has it open: never another entry is read."""

from __future__ import annotations

import re
from pathlib import Path
from random import Random

from content_factories import an_experience
from factories import LogMaker, flipped
from protocol.entry import Envelope
from storage.database import DATABASE_FILE_NAME, Database
from storage.errors import StorageError
from storage.log_store import LogStore
from storage.log_walk import Walker
from storage_factories import store_singly, whole_log, write

POSITIONS = 40
ZSTD_FRAME = b"\x28\xb5\x2f\xfd"


async def judged(folder: Path, log: bytes) -> tuple[bool, list[Envelope] | None]:
    """Whether the check finds fault with a database; what is read of the log, None for an error."""
    try:
        database = await Database.open(str(folder))
    except StorageError:
        return True, None
    try:
        log_store = LogStore(database)
        walk = await Walker(database, log_store).begin(0)
        assert walk is not None
        while await walk.step():
            pass
        found = await walk.found(1)
        try:
            return bool(found) or walk.contradicts, await whole_log(log_store, log)
        except StorageError:
            return bool(found) or walk.contradicts, None
    except StorageError:
        return True, None
    finally:
        await database.close()


async def test_no_flipped_bit_of_the_file_is_read(migrated_folder: Path, tmp_path: Path) -> None:
    """Wherever in and around the rows of the log a bit flips, the entries are read as they were or
    not at all; what cannot be read, the check has found. Random places: seed 7."""
    random = Random(7)
    maker = LogMaker(1)
    for number in range(12):
        write(maker, "experience", an_experience(title=f"Exempel: {number}"))
    database = await Database.open(str(migrated_folder))
    await store_singly(database, maker)
    await database.close()
    whole = (migrated_folder / DATABASE_FILE_NAME).read_bytes()
    frames = [found.start() for found in re.finditer(re.escape(ZSTD_FRAME), whole)]

    unread = 0
    for number in range(POSITIONS):
        folder = tmp_path / str(number)
        folder.mkdir(mode=0o700)
        place = random.choice(frames) + random.randrange(-80, 400)
        spoiled = flipped(whole, place, random.randrange(8))
        (folder / DATABASE_FILE_NAME).write_bytes(spoiled)
        is_found, read = await judged(folder, maker.log)
        assert read is None or read == maker.envelopes, place
        assert is_found or read is not None, place
        unread += read is None

    assert unread > POSITIONS // 2
