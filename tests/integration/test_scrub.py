"""A bit flips on a node's disk: found, given to nobody, and had again of a neighbour."""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from factories import flipped
from node.cli.root import main
from node.errors import LeftError, RecoveringError
from node_factories import TestNode, example_record, nodes, until, until_equal
from protocol.blob_messages import Blob
from storage import schema
from storage.errors import DamagedLogError
from storage.settings_store import SCRUBBING
from storage_factories import spoil_run


async def shared(ours: TestNode, theirs: TestNode, count: int = 4) -> None:
    """Make two nodes neighbours that hold the same."""
    await ours.befriend(theirs)
    for number in range(count):
        await ours.publish(f"Exempel: vår {number}")
        await theirs.publish(f"Exempel: deras {number}")
        await until_equal([ours, theirs])  # so each entry arrives as a run of its own


async def spoil(node: TestNode, log: bytes, first: int, **columns: object) -> None:
    """Flip a bit of a stored run, or change its row."""
    await spoil_run(node.node.log_store._database, log, first, **columns)


async def whole(node: TestNode, log: bytes) -> list[bytes]:
    """The ids of all entries of a log as they are stored."""
    run = await node.node.log_store.read_run(log, 0, 10_000)
    return [envelope.entry.id for envelope in run]


async def is_whole(node: TestNode) -> bool:
    """Whether nothing keeps the node from signing on top of its own log."""
    return node.node.recovery.reason is None


async def no_damage(node: TestNode) -> bool:
    """Whether all that was damaged is back."""
    return not await node.node.walker.damage.open()


async def is_mended(node: TestNode, log: bytes, first: int) -> None:
    """Flip a bit, check, and wait until the entries are what they were."""
    before = await whole(node, log)
    digest = await node.digest()
    await spoil(node, log, first)
    with pytest.raises(DamagedLogError):
        await whole(node, log)

    found = await node.node.operations.scrub()
    assert found.last is not None
    assert found.last.damaged_entries == 1
    await until(lambda: no_damage(node), "the entries came back")
    assert await whole(node, log) == before
    assert await node.digest() == digest
    assert (await node.node.operations.verify_log(log.hex(), every_signature=True)).error == ""
    again = await node.node.operations.scrub()
    assert again.last is not None
    assert (again.last.damaged_entries, again.left_entries) == (0, 0)


async def test_a_flipped_bit_is_had_again(tmp_path: Path) -> None:
    """Of a neighbour's log: found, asked for, and put back with the same ids."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await shared(ours, theirs)
        await is_mended(ours, theirs.log_id, 3)
        assert "stored entries were changed by the disk" in ours.log_lines.getvalue()
        assert "damaged entries are back" in ours.log_lines.getvalue()


async def test_a_flipped_bit_of_our_own_log_is_had_again(tmp_path: Path) -> None:
    """Also where the entries are our own; what lies after them goes on being signed on."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await shared(ours, theirs)
        await is_mended(ours, ours.log_id, 3)
        await ours.publish("Exempel: efteråt")
        await until_equal([ours, theirs])


async def test_the_same_on_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    """A server that returns other bytes is met in the same way."""
    async with nodes(tmp_path, "Provstad") as (theirs,):
        ours = TestNode(tmp_path, "9003", "Exempelby", database_url=postgresql_url)
        await ours.start()
        try:
            await shared(ours, theirs)
            await is_mended(ours, theirs.log_id, 3)
        finally:
            await ours.stop()


async def test_what_only_describes_a_run_needs_no_neighbour(tmp_path: Path) -> None:
    """When the entries themselves can be read, the node mends its row alone."""
    async with nodes(tmp_path, "Exempelby") as (ours,):
        for number in range(3):
            await ours.publish(f"Exempel: {number}")
        await ours.digest()
        before = await whole(ours, ours.log_id)
        await spoil(ours, ours.log_id, 2, digest=bytes(32))
        found = await ours.node.operations.scrub()
        assert (found.last and found.last.damaged_entries, found.left_entries) == (1, 0)
        assert await whole(ours, ours.log_id) == before


async def test_a_damaged_run_is_asked_for_as_soon_as_it_is_met(tmp_path: Path) -> None:
    """A page or a neighbour that meets damage does not wait for the night: it is had again."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await shared(ours, theirs)
        before = await whole(ours, theirs.log_id)
        await spoil(ours, theirs.log_id, 3)
        try:
            await ours.node.log_store.packed_run(theirs.log_id, 2, 3)
        except DamagedLogError as error:
            ours.node.sync.mender.met(error)

        async def back() -> bool:
            try:
                return await whole(ours, theirs.log_id) == before
            except DamagedLogError:
                return False

        await until(back, "what was met came back")


async def test_nothing_is_signed_on_a_damaged_head(tmp_path: Path) -> None:
    """While the newest own entry cannot be read the node recovers, also over a restart; a
    neighbour's copy ends that."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await shared(ours, theirs)
        head = await ours.head(ours.log_id)
        await theirs.stop()
        await spoil(ours, ours.log_id, head)
        found = await ours.node.operations.scrub()
        assert found.left_entries == 1
        with pytest.raises(RecoveringError, match="damaged on the disk"):
            await ours.publish("Exempel: för tidigt")
        codes = [alert.raised.code for alert in await ours.node.alerts.look()]
        assert {"own_log_damaged", "disk_damaging", "recovering"} <= set(codes)

        await ours.stop()
        await ours.start()
        assert "damaged on the disk" in str(ours.node.recovery.reason)
        await theirs.start()
        await until(lambda: is_whole(ours), "the head came back")
        await ours.publish("Exempel: efteråt")
        await until_equal([ours, theirs])
        codes = [alert.raised.code for alert in await ours.node.alerts.look()]
        assert codes == ["disk_damaging"]


async def test_a_last_word_that_was_damaged_is_still_the_last(tmp_path: Path) -> None:
    """Who has left signs nothing either once the entry that says so is back after a restart."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await shared(ours, theirs)
        await ours.node.operations.leave()
        await until_equal([ours, theirs])
        await theirs.stop()
        await spoil(ours, ours.log_id, await ours.head(ours.log_id))
        await ours.stop()
        await ours.start()
        await theirs.start()
        await until(lambda: is_whole(ours), "the head came back")

        with pytest.raises(LeftError):
            await ours.publish("Exempel: efter det sista ordet")


async def test_a_damaged_attachment_is_fetched_again(tmp_path: Path) -> None:
    """A file whose bytes have changed without a trace in the folder is removed and had again."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        await until_equal([ours, theirs])
        growing = theirs.node.blob_files.upload("exempel")
        growing.append(b"Exempel: en bilaga\n" * 500)
        blob = await theirs.node.sync.blobs.hold(growing)
        attachment = {
            "sha256": blob.digest.hex(),
            "name": "exempel.txt",
            "media_type": "text/plain",
            "size_bytes": blob.size_bytes,
            "description": "Exempel",
        }
        record = await theirs.publish("Exempel: med bilaga")
        content = example_record("Exempel: med bilaga", replaces=record, attachments=[attachment])
        await theirs.node.operations.publish("experience", content)
        await until(lambda: holds(ours, blob), "the file came")
        path = ours.node.blob_files.path_of(blob.digest)
        stamp = path.stat()
        path.write_bytes(flipped(path.read_bytes(), 777))
        os.utime(path, ns=(stamp.st_mtime_ns, stamp.st_mtime_ns))
        assert ours.node.blob_files.is_whole(blob), "nobody would notice without the check"

        found = await ours.node.operations.scrub()
        assert found.last is not None
        assert found.last.damaged_files == 1
        await until(lambda: holds(ours, blob), "the file came back")
        assert path.read_bytes() == b"Exempel: en bilaga\n" * 500
        assert (await ours.node.operations.scrubbed()).left_files == 0


async def holds(node: TestNode, blob: Blob) -> bool:
    """Whether a node has a file."""
    return blob.digest in await node.node.blob_store.held([blob.digest])


async def test_a_check_goes_on_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a restart breaks off is not begun anew; the end counts all of it."""
    monkeypatch.setattr("node.sync.scrub.KEEP_BYTES", 1)
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    await node.start()
    for number in range(6):
        await node.publish(f"Exempel: {number}")
    kept: list[str] = []
    put = node.node.facts.put

    class StoppedError(Exception):
        pass

    async def stopping(name: str, value: str) -> None:
        await put(name, value)
        kept.append(value)
        if name == SCRUBBING and len(kept) == 4:
            raise StoppedError

    monkeypatch.setattr(node.node.facts, "put", stopping)
    with pytest.raises(StoppedError):
        await node.node.scrub.now()
    monkeypatch.undo()
    await node.stop()
    await node.start()
    try:
        assert json.loads(await node.node.facts.get(SCRUBBING) or "")["result"]["entries"] == 4
        found = await node.node.scrub.now()
        assert found.entries == await node.head(node.log_id)
        assert not await node.node.facts.get(SCRUBBING)
    finally:
        await node.stop()


async def test_the_command_says_what_was_found(tmp_path: Path) -> None:
    """`tidan scrub` checks, `--last` and `tidan doctor` repeat it; open damage fails."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()

    def run(*words: str) -> tuple[int, str]:
        done = CliRunner().invoke(main, ["--data", str(node.folder), *words])
        return done.exit_code, done.output

    assert await asyncio.to_thread(run, "scrub", "--last") == (
        0,
        "Nothing stored has been checked yet; `tidan scrub` does it now.\n",
    )
    code, text = await asyncio.to_thread(run, "scrub")
    assert code == 0
    assert "All of it is what was stored." in text
    await node.start_alone()
    await node.node.operations.publish("experience", example_record("Exempel: skadad"))
    async with node.node.log_store._database.read() as connection:
        last = await connection.scalar(
            select(schema.runs.c.first_sequence).order_by(schema.runs.c.first_sequence.desc())
        )
    await spoil(node, node.log_id, last)
    await node.stop()
    code, text = await asyncio.to_thread(run, "scrub")
    assert code == 1
    assert "Not back yet: 1 entries" in text
    code, text = await asyncio.to_thread(run, "doctor")
    assert code == 1
    assert "Part of your own log is damaged on the disk" in text
    assert "The disk had changed 1 entries" in text
