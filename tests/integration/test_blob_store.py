"""Which files are wanted, held, passed on and shown; on both databases, with real files."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.blob_messages import Blob
from protocol.content import Attachment, Withdraw
from protocol.directory import Standing
from storage.blob_files import BlobFiles
from storage.blob_store import BlobStore, BlobUsage, Quota
from storage.blob_sweep import GRACE_MS, BlobSweep
from storage.database import Database
from storage.log_store import LogStore
from storage.projections import Projections
from storage.record_views import MEMBERS, PUBLIC
from storage_factories import RECEIVED_MS, store, write

ROOMY = Quota(10**9, 10**9)
LATER_MS = RECEIVED_MS + GRACE_MS


def blob_of(data: bytes) -> Blob:
    """The file with these bytes."""
    return Blob(hashlib.sha256(data).digest(), len(data))


def naming(*blobs: Blob, **fields: object) -> object:
    """A record that names files."""
    attachments = tuple(
        Attachment(
            sha256=blob.digest.hex(),
            name="Exempel.txt",
            media_type="text/plain",
            size_bytes=blob.size_bytes,
            description="Exempel",
        )
        for blob in blobs
    )
    return an_experience(attachments=attachments, **fields)


async def publish(database: Database, maker: LogMaker, *contents: object) -> bytes:
    """Store records of a member log and project them; returns the last one's id."""
    for content in contents:
        entry = write(maker, "experience", content).entry
    await store(database, maker)
    await Projections(database).catch_up()
    return entry.id


async def wanted(blob_store: BlobStore, quota: Quota = ROOMY) -> list[Blob]:
    """What is to be fetched now."""
    return (await blob_store.wanted(100, LATER_MS, quota)).fitting


async def test_a_file_tried_while_the_clock_was_wrong_is_wanted(database: Database) -> None:
    """One that was tried lately waits; one that was tried in the future does not."""
    blob, blob_store = blob_of(b"plan"), BlobStore(database)
    await publish(database, LogMaker(1), naming(blob))
    await blob_store.note_tried([blob], LATER_MS - 1)
    await blob_store.forget_tries_after(LATER_MS - 1)
    lately = (await blob_store.wanted(100, LATER_MS - 1, ROOMY)).fitting
    await blob_store.forget_tries_after(LATER_MS - 2)

    assert lately == []
    assert (await blob_store.wanted(100, LATER_MS - 1, ROOMY)).fitting == [blob]


async def test_a_named_file_is_wanted_until_it_is_here(database: Database) -> None:
    """A record's file is wanted, then held; then it may be passed on, before that it may not."""
    blob, blob_store = blob_of(b"plan"), BlobStore(database)
    await publish(database, LogMaker(1), naming(blob))
    before = (await wanted(blob_store), await blob_store.may_pass_on([blob]))
    await blob_store.hold(blob, LATER_MS)

    assert before == ([blob], set())
    assert await wanted(blob_store) == []
    assert await blob_store.may_pass_on([blob, blob._replace(size_bytes=5)]) == {blob}
    assert await blob_store.held([blob.digest, bytes(32)]) == {blob.digest: blob}


async def test_what_no_standing_record_names_is_not_passed_on(database: Database) -> None:
    """An upload, a replaced version's file and a withdrawn record's file never leave the node."""
    old, new, upload = blob_of(b"old"), blob_of(b"new"), blob_of(b"upload")
    blob_store, maker = BlobStore(database), LogMaker(1)
    for blob in (old, new, upload):
        await blob_store.hold(blob, LATER_MS)
    record = await publish(database, maker, naming(old))
    await publish(database, maker, naming(new, replaces=record.hex()))
    replaced = await blob_store.may_pass_on([old, new, upload])
    write(maker, "withdraw", Withdraw(target=record.hex(), reason="Fel"))
    await store(database, maker)
    await Projections(database).catch_up()

    assert replaced == {new}
    assert not await blob_store.may_pass_on([new])
    assert await blob_store.may_read(new.digest, MEMBERS) is None


async def test_a_blocked_log_gets_no_file_fetched_or_passed_on(database: Database) -> None:
    """Only accepted logs name files; a block takes effect at once and so does its end."""
    held, missing = blob_of(b"held"), blob_of(b"missing")
    blob_store, maker = BlobStore(database), LogMaker(1)
    await publish(database, maker, naming(held, missing))
    await blob_store.hold(held, LATER_MS)
    log_store = LogStore(database)
    await log_store.set_standing(maker.log, Standing.BLOCKED, "Exempel", now_ms=LATER_MS)
    blocked = (await wanted(blob_store), await blob_store.may_pass_on([held]))
    seen = await blob_store.may_read(held.digest, MEMBERS)
    await log_store.set_standing(maker.log, Standing.MEMBER, now_ms=LATER_MS)

    assert (*blocked, seen) == ([], set(), None)
    assert await wanted(blob_store) == [missing]


async def test_a_file_is_as_visible_as_its_record(database: Database) -> None:
    """What only federation records name is for who is signed in; one public record opens it."""
    blob, blob_store, maker = blob_of(b"x"), BlobStore(database), LogMaker(1)
    await blob_store.hold(blob, LATER_MS)
    await publish(database, maker, naming(blob, visibility="federation"))
    inside = [await blob_store.may_read(blob.digest, who) for who in (PUBLIC, MEMBERS)]
    await publish(database, maker, naming(blob))

    assert inside == [None, blob]
    assert await blob_store.may_read(blob.digest, PUBLIC) == blob


async def test_a_lie_about_the_size_keeps_nobody_from_the_file(database: Database) -> None:
    """Two sizes for one digest are two wishes; once the true one is here the other is settled."""
    true, lie = blob_of(b"truth"), blob_of(b"truth")._replace(size_bytes=1)
    blob_store = BlobStore(database)
    await publish(database, LogMaker(1), naming(lie))
    await publish(database, LogMaker(2), naming(true))
    before = await wanted(blob_store)
    await blob_store.hold(true, LATER_MS)

    assert sorted(before) == sorted([true, lie])
    assert await wanted(blob_store) == []
    assert await blob_store.held([true.digest]) == {true.digest: true}


async def test_quotas_leave_room_for_others(database: Database) -> None:
    """What exceeds a log's room or the node's is not fetched; other logs' files still are."""
    large, small, others = blob_of(b"x" * 90), blob_of(b"y" * 20), blob_of(b"z" * 50)
    blob_store = BlobStore(database)
    await publish(database, LogMaker(1), naming(large), naming(small))
    await publish(database, LogMaker(2), naming(others))
    await blob_store.hold(small, LATER_MS)
    by_log = await blob_store.wanted(100, LATER_MS, Quota(1_000, 100))
    by_node = await blob_store.wanted(100, LATER_MS, Quota(75, 1_000))

    assert (by_log.fitting, by_log.without_room) == ([others], [large])
    assert (by_node.fitting, by_node.without_room) == ([others], [large])
    assert await blob_store.usage() == BlobUsage(1, 20, 2, 140)


async def test_what_is_full_is_named(database: Database) -> None:
    """Only the room, the node's or a log's, that a wanted file does not fit; nothing when all do or
    nothing is wanted.
    """
    one, other = LogMaker(1), LogMaker(2)
    blob_store, small = BlobStore(database), blob_of(b"y" * 20)
    assert await blob_store.without_room(Quota(0, 0)) == (False, [])
    await publish(database, one, naming(blob_of(b"x" * 90)), naming(small))
    await publish(database, other, naming(blob_of(b"z" * 50)))
    await blob_store.hold(small, LATER_MS)

    assert await blob_store.without_room(ROOMY) == (False, [])
    assert await blob_store.without_room(Quota(1_000, 100)) == (False, [one.log])
    assert await blob_store.without_room(Quota(100, 1_000)) == (True, [])
    assert await blob_store.without_room(Quota(0, 0)) == (True, sorted([one.log, other.log]))


async def test_what_nobody_could_give_waits_behind_the_rest(database: Database) -> None:
    """A file tried in vain goes to the end of the line and is left alone for a while."""
    first, second = sorted([blob_of(b"1"), blob_of(b"2")])
    blob_store = BlobStore(database)
    await publish(database, LogMaker(1), naming(first, second))
    await blob_store.note_tried([first], RECEIVED_MS)
    in_line = await wanted(blob_store)
    await blob_store.note_tried([first], LATER_MS)

    assert in_line == [second, first]
    assert await wanted(blob_store) == [second]


async def test_the_sweep_removes_what_nothing_names(database: Database, tmp_path: Path) -> None:
    """After 30 days without a name a file is gone from table and disk; a named one stays."""
    files, blob_store = BlobFiles(tmp_path / "blobs"), BlobStore(database)
    sweep = BlobSweep(database, blob_store, files)
    named, unnamed = kept(files, b"named"), kept(files, b"unnamed")
    await publish(database, LogMaker(1), naming(named))
    for blob in (named, unnamed):
        await blob_store.hold(blob, RECEIVED_MS)
    early = [await sweep.run(RECEIVED_MS + day * 86_400_000) for day in (0, 29)]
    late = await sweep.run(RECEIVED_MS + GRACE_MS + 1)

    assert (early, late) == ([0, 0], 1)
    assert [files.is_whole(blob) for blob in (named, unnamed)] == [True, False]
    assert set(await blob_store.held([named.digest, unnamed.digest])) == {named.digest}


async def test_the_sweep_finds_what_a_crash_left(database: Database, tmp_path: Path) -> None:
    """A wanted file that is whole on disk is adopted, not fetched; a spoilt one is removed."""
    files, blob_store = BlobFiles(tmp_path / "blobs"), BlobStore(database)
    whole, spoilt = kept(files, b"whole"), kept(files, b"spoilt")
    await publish(database, LogMaker(1), naming(whole, spoilt))
    files.path_of(spoilt.digest).write_bytes(b"SPOILT")
    await BlobSweep(database, blob_store, files).run(LATER_MS)

    assert await wanted(blob_store) == [spoilt]
    assert not files.path_of(spoilt.digest).exists()


async def test_a_lost_file_is_wanted_again(database: Database) -> None:
    """A file that the disk lost or changed is fetched anew, before others."""
    blob, blob_store = blob_of(b"x"), BlobStore(database)
    await publish(database, LogMaker(1), naming(blob))
    await blob_store.hold(blob, RECEIVED_MS)
    await blob_store.lose(blob)

    assert await wanted(blob_store) == [blob]
    assert await blob_store.is_wanted(blob)


def kept(files: BlobFiles, data: bytes) -> Blob:
    """Write a file whole."""
    growing = files.upload(data.decode())
    growing.append(data)
    return growing.finish()


def test_a_file_has_its_name_only_when_it_is_whole(tmp_path: Path) -> None:
    """What comes in pieces is continued after a restart and named once all of it is there."""
    data, folder = bytes(range(256)) * 40, tmp_path / "blobs"
    blob = blob_of(data)
    first = BlobFiles(folder).receive(blob)
    first.append(data[:5_000])
    files = BlobFiles(folder)
    second = files.receive(blob)
    half = (second.size_bytes, files.is_whole(blob), files.read(blob, 0, 10))
    second.append(data[5_000:])

    assert half == (5_000, False, None)
    assert second.finish() == blob
    assert files.read(blob, 4_990, 20) == data[4_990:5_010]
    assert files.read(blob, len(data) - 5, 10) is None
    assert [found for found, _ in files.whole_files()] == [blob]
    assert list((folder / "partial").iterdir()) == []


def test_a_partial_file_that_is_too_long_begins_anew(tmp_path: Path) -> None:
    """A partial file that cannot become what it should be is thrown away."""
    files = BlobFiles(tmp_path / "blobs")
    growing = files.receive(Blob(bytes(32), 10))
    growing.append(bytes(11))

    assert files.receive(Blob(bytes(32), 10)).size_bytes == 0


@pytest.mark.parametrize("change", ["flip", "cut", "remove"])
def test_what_the_disk_changed_is_not_given_out(tmp_path: Path, change: str) -> None:
    """A file that is no longer what its name says is not read, also when it was checked before."""
    files = BlobFiles(tmp_path / "blobs")
    blob = kept(files, b"a plan of many words")
    before = files.read(blob, 2, 4)
    path = files.path_of(blob.digest)
    if change == "flip":
        path.write_bytes(b"A plan of many words")
    elif change == "cut":
        path.write_bytes(b"a plan")
    else:
        path.unlink()

    assert before == b"plan"
    assert files.read(blob, 2, 4) is None
    assert not files.is_whole(blob)


def test_the_folder_is_the_nodes_alone(tmp_path: Path) -> None:
    """Files and folders can be read by the owner only; a planted link is not followed."""
    files = BlobFiles(tmp_path / "blobs")
    blob = kept(files, b"x")
    path = files.path_of(blob.digest)
    victim = tmp_path / "victim"
    victim.write_bytes(b"kept")
    (tmp_path / "blobs" / "partial" / f"{bytes(32).hex()}-9").symlink_to(victim)

    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    with pytest.raises(Exception, match="attachment cannot be written"):
        files.receive(Blob(bytes(32), 9))
    assert victim.read_bytes() == b"kept"
