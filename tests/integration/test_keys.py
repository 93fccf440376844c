"""The municipality's key: the sheet is rehearsed, the key rotates, and one key alone ever signs."""

from __future__ import annotations

import json
import shutil
import stat
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from command_line import document, run
from node.cli.root import main
from node.errors import ArgumentError, RecoveringError
from node.process.asking import run_verb
from node.process.recovery_key import code_text
from node_factories import TestNode, nodes, until, until_equal
from protocol.entry import Envelope
from protocol.identity import SigningKey, next_key_digest


def typed(text: str, *arguments: str | Path) -> Result:
    """Run a command that is given this at its standard input."""
    return CliRunner().invoke(main, [str(part) for part in arguments], input=text)


def made(folder: Path) -> dict[str, str]:
    """A new node's document, its sheet and key in it."""
    return document("--data", folder, "init", "--code", "1497")


def test_the_page_is_one_private_file_that_loads_nothing(tmp_path: Path) -> None:
    """A sheet named .html has text and code, is its owner's alone, and asks nobody for anything."""
    sheet = tmp_path / "blad.html"
    found = document(
        "--data", tmp_path / "nod", "init", "--code", "1497", "--recovery-sheet", sheet
    )
    page = sheet.read_text("utf-8")

    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    assert found["log"] in page
    assert "<svg" in page
    for words in ("Återställningsnyckel", "tidan key rotate", "tidan recover", "Blad nummer"):
        assert words in page
    for loading in ("src=", "href=", "@import", "url("):
        assert loading not in page


def test_a_sheet_is_not_put_where_backups_take_it(tmp_path: Path) -> None:
    """A file in the node's own folder is refused before a key is made."""
    folder = tmp_path / "nod"
    result = run("--data", folder, "init", "--code", "1497", "--recovery-sheet", folder / "b.txt")

    assert result.exit_code == 1
    assert "backed up" in result.stderr
    assert not (folder / "signing.key").exists()


def test_a_rehearsal_proves_the_sheet_and_uses_nothing_up(tmp_path: Path) -> None:
    """The key as typed, or as its code says, fits; no entry is written, and the date is kept."""
    found = made(tmp_path)
    before = document("--data", tmp_path, "key", "status")
    first = typed(found["recovery_key"].upper(), "--data", tmp_path, "key", "rehearse")
    seed = bytes.fromhex(found["recovery_key"].replace(" ", "")[:64])
    code = code_text(seed, bytes.fromhex(found["log"]))
    again = typed(code, "--json", "--data", tmp_path, "key", "rehearse")

    assert before["rehearsed_ms"] is None
    assert first.exit_code == 0, first.output
    assert "The sheet works: number 1 of Hjo kommun" in first.stdout
    assert json.loads(again.stdout)["rehearsed_ms"] is not None
    after = document("--data", tmp_path, "key", "status")
    assert after["sequence"] == before["sequence"] == 1
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        assert seed not in path.read_bytes()
        assert seed.hex().encode() not in path.read_bytes()


async def test_a_rehearsal_is_in_the_audit(tmp_path: Path) -> None:
    """Who rehearsed which sheet, and when, can be looked up."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    assert node.created is not None
    digest = next_key_digest(SigningKey(node.created.sheet.seed).public_key)
    await run_verb(node.settings, "rehearse_key", digest=digest.hex())
    await node.start()
    try:
        (entry,) = await node.node.audit.newest(5)
        assert (entry.action, entry.detail) == ("key rehearse", "sheet 1")
    finally:
        await node.stop()


def test_a_wrong_sheet_is_told_apart(tmp_path: Path) -> None:
    """Mistyped, another municipality's, and one that was used before: each is said in words."""
    ours, theirs = made(tmp_path / "a"), made(tmp_path / "b")
    data = ("--data", tmp_path / "a")
    first = ours["recovery_key"]
    slip = first[:-1] + ("0" if first[-1] != "0" else "1")
    other_seed = bytes.fromhex(theirs["recovery_key"].replace(" ", "")[:64])
    other_code = code_text(other_seed, bytes.fromhex(theirs["log"]))

    assert "mistyped" in typed(slip, *data, "key", "rehearse").stderr
    assert "eighteen groups" in typed("", *data, "key", "rehearse").stderr
    assert (
        "no sheet of Hjo kommun" in typed(theirs["recovery_key"], *data, "key", "rehearse").stderr
    )
    assert "belongs to another log" in typed(other_code, *data, "key", "rehearse").stderr
    assert typed(first, *data, "key", "rotate", "--yes").exit_code == 0
    used = typed(first, *data, "key", "rehearse")
    assert used.exit_code == 1
    assert "has been used" in used.stderr
    assert "sheet number 2" in used.stderr


def test_a_rotation_makes_the_sheet_s_key_sign(tmp_path: Path) -> None:
    """The new key signs and lies alone on the machine; the new sheet is the one that counts."""
    folder, sheet = tmp_path / "nod", tmp_path / "blad2.txt"
    data = ("--data", folder)
    found = made(folder)
    old_key = (folder / "signing.key").read_bytes()
    words = ("key", "rotate", "--new-sheet", sheet, "--yes")
    done = typed(found["recovery_key"], "--json", *data, *words)

    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["sequence"] == 2
    assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
    seed = found["recovery_key"].replace(" ", "")[:64]
    assert (folder / "signing.key").read_text() == seed + "\n"
    assert stat.S_IMODE((folder / "signing.key").stat().st_mode) == 0o600
    assert not (folder / "signing.key.new").exists()
    for path in filter(Path.is_file, folder.rglob("*")):
        assert old_key.strip() not in path.read_bytes()
    text = sheet.read_text("utf-8")
    assert "Blad nummer:    2" in text
    groups = text.split("kontroll):")[1].split("Tidan är")[0]
    assert typed(groups, *data, "key", "rehearse").exit_code == 0
    archive = tmp_path / "log.cbor"
    document(*data, "log", "export", found["log"], "--output", archive)
    assert run("log", "verify", archive, "--every-signature").exit_code == 0


def test_a_refused_rotation_leaves_no_second_sheet(tmp_path: Path) -> None:
    """When nothing was signed, no new sheet and no key is left that somebody could trust."""
    folder, sheet = tmp_path / "nod", tmp_path / "blad2.html"
    found = made(folder)
    words = ("key", "rotate", "--yes", "--new-sheet", sheet)
    wrong = ("--continue-from", "7", "--reason", "Exempel")
    refused = typed(found["recovery_key"], "--data", folder, *words, *wrong)

    assert refused.exit_code == 1
    assert "continues from entry 1 to 1" in refused.stderr
    assert "Nothing was changed" in refused.stderr
    assert not sheet.exists()
    assert not (folder / "signing.key.new").exists()
    assert document("--data", folder, "key", "status")["sequence"] == 1


async def rotated(node: TestNode, keep: int | None = None) -> bytes:
    """Rotate a running node's key with the seed of its sheet; returns the new sheet's seed."""
    assert node.created is not None
    seed = node.sheet_seed
    following = next_key_digest(SigningKey(seed[::-1]).public_key)
    reason = "Exempel: stulen nyckel"
    await node.node.operations.rotate_key(seed.hex(), following.hex(), keep, reason)
    return seed[::-1]


async def test_a_crash_in_the_middle_of_a_rotation_is_finished_or_undone(tmp_path: Path) -> None:
    """A waiting key takes over when its entry is in the log, and is deleted when it is not."""
    node = await TestNode(tmp_path, "9001", "Exempelby").start()
    old = (node.folder / "signing.key").read_bytes()
    waiting = node.folder / "signing.key.new"
    await node.stop()
    waiting.write_text(node.sheet_seed.hex() + "\n")
    waiting.chmod(0o600)
    half_written = node.folder / ".signing.key.new.new"
    half_written.write_text(node.sheet_seed.hex())

    await node.start()  # announced, not committed
    assert not waiting.exists()
    assert not half_written.exists()
    assert (node.folder / "signing.key").read_bytes() == old
    await rotated(node)
    await node.stop()
    waiting.write_text(node.sheet_seed.hex() + "\n")
    waiting.chmod(0o600)
    (node.folder / "signing.key").write_bytes(old)

    await node.start()  # committed, not adopted
    try:
        assert not waiting.exists()
        await node.publish("Exempel: efter kraschen")
        assert node.node.recovery.reason is None
    finally:
        await node.stop()


async def test_a_running_node_rotates_and_its_neighbours_follow(tmp_path: Path) -> None:
    """Old and new entries verify everywhere, sessions go on and begin anew, nothing is asked."""
    async with nodes(tmp_path, "Exempelby", "Provstad", "Mellanby", introductions="auto-1") as made:
        ours, near, far = made
        await ours.befriend(near)
        await near.befriend(far)
        await ours.publish("Exempel: före bytet")
        await until_equal(made)
        await rotated(ours)
        await ours.publish("Exempel: efter bytet")
        await until_equal(made)
        await near.stop()
        await near.start()
        await ours.publish("Exempel: efter omstarten")
        await until_equal(made)
        for node in made:
            verified = await node.node.operations.verify_log(ours.log, every_signature=True)
            assert verified.error == ""
            assert not any(view.frozen for view in node.node.directory.views())


async def test_a_used_key_rotates_nothing(tmp_path: Path) -> None:
    """The signing key, and the key of a spent sheet, are refused with nothing written."""
    node = await TestNode(tmp_path, "9001", "Exempelby").start()
    try:
        await rotated(node)
        with pytest.raises(ArgumentError, match="not the key of this log's recovery sheet"):
            await rotated(node)
        assert (await node.node.operations.key_status()).sequence == 2
    finally:
        await node.stop()


def forged(entries: list[Envelope]) -> int:
    """How many of these the thief has written."""
    return sum(b"falsk" in (item.body.content if item.body else b"") for item in entries)


async def thief_of(node: TestNode, folder: Path) -> TestNode:
    """A second machine with a stopped node's key and log, as a thief or a clone has it."""
    thief = TestNode(folder, node.code, node.name, ask_neighbours_seconds=0)
    shutil.copytree(node.folder, thief.folder)
    thief.created = node.created
    return thief


@pytest.mark.parametrize("owner_wrote", [0, 2, 9])
async def test_a_thief_s_branch_loses_everywhere(tmp_path: Path, owner_wrote: int) -> None:
    """Whatever a stolen key has signed and spread, the branch with the rotation wins at every
    node, however much shorter it is; what gave way is kept."""
    async with nodes(tmp_path, "Exempelby", "Provstad", "Mellanby", introductions="auto-1") as made:
        ours, near, far = made
        await ours.befriend(near)
        await near.befriend(far)
        await ours.publish("Exempel: äkta")
        await until_equal(made)
        genuine = await ours.head(ours.log_id)
        await ours.stop()
        thief = await thief_of(ours, tmp_path / "thief")
        thief.port = ours.port
        await thief.start()
        try:
            for number in range(5):
                await thief.publish(f"Exempel: falsk {number}")
            await until_equal([thief, near, far])
        finally:
            await thief.stop()
        neighbours = await near.node.neighbours.all()
        assert ours.log_id in [item.log for item in neighbours]
        await ours.start_alone()
        for number in range(owner_wrote):
            await ours.publish(f"Exempel: äkta igen {number}")
        await rotated(ours)
        await ours.stop()
        await ours.start()

        async def published() -> bool:
            try:
                await ours.publish("Exempel: efter stölden")
            except RecoveringError:
                return False  # a neighbour still has the thief's branch, which is longer
            return True

        await until(published, "the neighbours have let the thief's branch go")

        async def settled() -> bool:
            heads = {(await node.head(ours.log_id)) for node in made}
            return heads == {genuine + owner_wrote + 2}

        await until(settled, "the genuine branch is everywhere")
        await until_equal(made)
        for node in made:
            entries = await node.node.log_store.read_run(ours.log_id, 0, 1_000)
            assert not any(
                b"falsk" in (item.body.content if item.body else b"") for item in entries
            )
            assert not any(view.frozen for view in node.node.directory.views())
        kept = await far.node.settling_store.read(ours.log_id)
        assert forged(kept) == 5


async def test_what_a_neighbour_held_of_the_thief_s_branch_is_void(tmp_path: Path) -> None:
    """A neighbour that is gone since before the rotation is said to hold nothing of the log."""
    async with nodes(tmp_path, "Exempelby", "Provstad", "Mellanby", introductions="auto-1") as made:
        ours, near, far = made
        await ours.befriend(near)
        await near.befriend(far)
        await ours.publish("Exempel: äkta")
        await until_equal(made)
        await ours.stop()
        thief = await thief_of(ours, tmp_path / "thief")
        thief.port = ours.port
        await thief.start()
        await thief.publish("Exempel: falsk")
        await until_equal([thief, near, far])
        await thief.stop()
        held = await near.head(ours.log_id)
        contacts = near.node.sync.contacts

        async def far_has_said_so() -> bool:
            return far.log_id in contacts.holders(ours.log_id, held)

        await until(far_has_said_so, "the far one says what it holds")
        await far.stop()
        await ours.start_alone()
        await rotated(ours)
        await ours.publish("Exempel: efter stölden")
        await ours.stop()
        await ours.start()

        async def settled() -> bool:
            return await near.head(ours.log_id) == await ours.head(ours.log_id)

        await until(settled, "the neighbour follows the rotation")
        assert far.log_id not in contacts.holders(ours.log_id, 1)
        await far.start()
        await until_equal(made)
        await until(far_has_said_so, "it says so anew")


async def test_a_node_on_postgresql_settles_as_well(tmp_path: Path, postgresql_url: str) -> None:
    """What a thief has pushed into a neighbour's PostgreSQL gives way, and is kept there."""
    near = TestNode(tmp_path / "near", "9101", "Storstad", database_url=postgresql_url)
    async with nodes(tmp_path, "Exempelby") as (ours,):
        await near.start()
        try:
            await ours.befriend(near)
            await ours.publish("Exempel: äkta")
            await until_equal([ours, near])
            await ours.stop()
            thief = await thief_of(ours, tmp_path / "thief")
            thief.port = ours.port
            await thief.start()
            for number in range(3):
                await thief.publish(f"Exempel: falsk {number}")
            await until_equal([thief, near])
            await thief.stop()
            await ours.start_alone()
            await rotated(ours)
            await ours.stop()
            await ours.start()

            async def settled() -> bool:
                return await near.head(ours.log_id) == await ours.head(ours.log_id)

            await until(settled, "the neighbour follows the rotation")
            await until_equal([ours, near])
            assert forged(await near.node.settling_store.read(ours.log_id)) == 3
            verified = await near.node.operations.verify_log(ours.log, every_signature=True)
            assert verified.error == ""
        finally:
            await near.stop()
