"""A burned server, and a copied one: the log comes back from a neighbour, and never forks."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from test_keys import rotated, thief_of
from test_serving_process import process

from node.cli.root import main
from node.errors import RecoveringError
from node.process.asking import run_verb
from node_factories import TestNode, nodes, until, until_equal
from protocol.effects import ForkFound
from protocol.fork import encode_proof, make_proof
from protocol.identity import SigningKey, next_key_digest


def recover(folder: Path, neighbour: TestNode, log: str, *more: str | Path, typed: str) -> Result:
    """`tidan recover` on an empty folder, given this at standard input."""
    words = ["--json", "--data", folder, "recover", "--neighbour", neighbour.url, neighbour.log]
    arguments = [str(word) for word in [*words, "--log", log, "--yes", *more]]
    return CliRunner().invoke(main, arguments, input=typed)


async def burned(tmp_path: Path) -> tuple[TestNode, TestNode, int]:
    """A node that shared ten entries, one with a file, and burned; its neighbour; its length."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        for number in range(10):
            await ours.publish(f"Exempel: {number}")
        await neighbour.publish("Exempel: grannens")
        await until_equal([ours, neighbour])
        length = await ours.head(ours.log_id)
    return ours, neighbour, length


async def test_a_burned_server_comes_back_with_the_sheet(tmp_path: Path) -> None:
    """With the sheet, a neighbour's address and its id an empty machine gets all of it back,
    brings the sheet's key in force and signs; the neighbour follows by itself."""
    await comes_back(tmp_path)


async def test_it_comes_back_into_postgresql(tmp_path: Path, postgresql_url: str) -> None:
    """The same where the database is PostgreSQL."""
    await comes_back(tmp_path, database_url=postgresql_url)


async def comes_back(tmp_path: Path, **flags: str) -> None:
    """Recover on an empty machine from a neighbour that runs as a process of its own."""
    ours, neighbour, length = await burned(tmp_path)
    assert ours.created is not None
    sheet, key = tmp_path / "blad2.txt", ours.created.sheet.key
    new = TestNode(tmp_path / "new", ours.code, ours.name, **flags)
    new.created = ours.created
    async with process(neighbour):
        more = ("--new-sheet", sheet)
        with pytest.MonkeyPatch.context() as patched:
            for name, value in flags.items():
                patched.setenv(f"TIDAN_{name.upper()}", value)
            done = await asyncio.to_thread(
                recover, new.folder, neighbour, ours.log, *more, typed=key
            )
        assert done.exit_code == 0, done.output
        found = json.loads(done.stdout)
        assert found["sequence"] >= length + 1
        assert found["records"] == 11
        assert found["rotation"]["sequence"] == length + 1
        assert found["everything_fetched"]
        assert "Blad nummer:    2" in sheet.read_text("utf-8")
    await neighbour.start()
    await new.start()
    try:
        await new.publish("Exempel: efter branden")
        await until_equal([new, neighbour])
        verified = await neighbour.node.operations.verify_log(ours.log, every_signature=True)
        assert verified.error == ""
        assert not any(view.frozen for view in neighbour.node.directory.views())
        seed = (new.folder / "signing.key").read_text().strip()
        assert seed == ours.sheet_seed.hex()
    finally:
        await new.stop()
        await neighbour.stop()


async def test_a_copy_of_the_key_needs_no_rotation(tmp_path: Path) -> None:
    """With a copy of signing.key the log comes back under the same key; the sheet still counts."""
    ours, neighbour, length = await burned(tmp_path)
    copy = tmp_path / "copy.key"
    shutil.copy(ours.folder / "signing.key", copy)
    async with process(neighbour):
        done = await asyncio.to_thread(
            recover, tmp_path / "new", neighbour, ours.log, "--key-file", copy, typed=""
        )
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["rotation"] is None
    assert found["sequence"] >= length
    assert found["recovering"] is None


async def test_what_a_thief_signed_gives_way_when_the_machine_is_lost_as_well(
    tmp_path: Path,
) -> None:
    """With the last genuine entry named, an empty machine comes back without what was forged; a
    number that does not fit, or no reason, is refused and leaves no sheet behind."""
    ours, neighbour, length = await burned(tmp_path)
    thief = await thief_of(ours, tmp_path / "thief")
    await neighbour.start()
    await thief.start()
    forged = [await thief.publish(f"Exempel: falsk {number}") for number in range(2)]
    await until_equal([thief, neighbour])
    await thief.stop()
    await neighbour.stop()
    assert ours.created is not None
    key, folder, sheet = ours.created.sheet.key, tmp_path / "new", tmp_path / "blad2.txt"
    reason = ("--reason", "Exempel: stulen och bränd", "--new-sheet", sheet)

    def again(*more: str | Path) -> Result:
        return recover(folder, neighbour, ours.log, *more, typed=key)

    async with process(neighbour):
        unsaid = await asyncio.to_thread(again, "--continue-from", str(length))
        too_far = await asyncio.to_thread(again, "--continue-from", str(length + 3), *reason)
        left_behind = sheet.exists()
        done = await asyncio.to_thread(again, "--continue-from", str(length), *reason)

    assert "--reason" in unsaid.output
    assert f"continues from entry 1 to {length + 2}" in too_far.output
    assert not left_behind
    assert done.exit_code == 0, done.output
    rotation = json.loads(done.stdout)["rotation"]
    assert (rotation["sequence"], rotation["given_way"]) == (length + 1, 2)
    await neighbour.start()
    try:
        held = await neighbour.node.operations.log_entries(ours.log)
        assert not {item.entry for item in held.entries} & set(forged)
        assert await neighbour.head(ours.log_id) >= length + 1
    finally:
        await neighbour.stop()


async def test_a_stranger_s_key_opens_nothing(tmp_path: Path) -> None:
    """A key that the log has not committed to is no neighbour, and is told nothing of the log."""
    ours, neighbour, _ = await burned(tmp_path)
    await neighbour.start()
    other = await TestNode(tmp_path / "other", "9001", "Exempelby").create()
    folder = tmp_path / "new"
    folder.mkdir()
    shutil.copy(other.folder / "signing.key", folder / "signing.key")
    (folder / "log_id").write_text(ours.log + "\n")
    stranger = TestNode(tmp_path, "9001", "Exempelby")
    stranger.folder, stranger.created = folder, ours.created
    await stranger.start()
    try:
        await stranger.node.operations.add_neighbour(neighbour.log, neighbour.url)

        async def turned_away() -> bool:
            (status,) = await stranger.node.operations.neighbours()
            return status.last_error_code == "bad_handshake"

        await until(turned_away, "the neighbour refuses the key")
        assert await stranger.head(ours.log_id) == 0
        with pytest.raises(RecoveringError):
            await stranger.publish("Exempel: falsk")
    finally:
        await stranger.stop()
        await neighbour.stop()


async def test_a_sheet_that_lost_its_rotation_is_brought_in_force_later(tmp_path: Path) -> None:
    """A node with the sheet's key fetches and signs nothing, until the key is in force."""
    ours, neighbour, length = await burned(tmp_path)
    await neighbour.start()
    new = TestNode(tmp_path / "new", ours.code, ours.name)
    new.created = ours.created
    new.folder.mkdir(parents=True)
    (new.folder / "signing.key").write_text(ours.sheet_seed.hex() + "\n")
    (new.folder / "signing.key").chmod(0o600)
    (new.folder / "log_id").write_text(ours.log + "\n")
    await new.start()
    try:
        await new.node.operations.add_neighbour(neighbour.log, neighbour.url)

        async def fetched() -> bool:
            reason = new.node.recovery.reason or ""
            return await new.head(ours.log_id) == length and "in force" in reason

        await until(fetched, "the log is back and waits for its key")
        with pytest.raises(RecoveringError):
            await new.publish("Exempel: för tidigt")
        await rotated(new)
        await new.publish("Exempel: nu")
        await until_equal([new, neighbour])
    finally:
        await new.stop()
        await neighbour.stop()


async def test_a_copied_machine_is_noticed_and_neither_signs(tmp_path: Path) -> None:
    """Two nodes with one key meet at a neighbour: both stop, after a restart too, until one of
    them rotates; that one goes on and the other can never sign again."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await ours.publish("Exempel: före kopian")
        await until_equal([ours, neighbour])
        await ours.stop()
        copy = await thief_of(ours, tmp_path / "copy")
        await ours.start()
        await copy.start()
        try:

            async def both_stopped() -> bool:
                reasons = [node.node.recovery.reason or "" for node in (ours, copy)]
                return all("second node" in reason for reason in reasons)

            await until(both_stopped, "both copies stopped signing")
            for node in (ours, copy):
                with pytest.raises(RecoveringError, match="second node"):
                    await node.publish("Exempel: dubbel")
            assert "code=cloned" in neighbour.log_lines.getvalue()
            await ours.stop()
            await ours.start()
            assert "second node" in (ours.node.recovery.reason or "")
            await rotated(ours)
            await ours.publish("Exempel: den rätta")

            async def replaced() -> bool:
                reason = copy.node.recovery.reason or ""
                head = await neighbour.head(ours.log_id)
                return head == await ours.head(ours.log_id) and "second node" in reason

            await until(replaced, "the neighbour follows the one that rotated")
        finally:
            await copy.stop()
        await until_equal([ours, neighbour])


async def test_an_override_lets_one_copy_go_on(tmp_path: Path) -> None:
    """When the other machine is off, a person's decision is enough, and it lasts."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await until_equal([ours, neighbour])
        await ours.stop()
        copy = await thief_of(ours, tmp_path / "copy")
        await ours.start()
        await copy.start()

        async def stopped() -> bool:
            return "second node" in (ours.node.recovery.reason or "")

        await until(stopped, "the original stopped signing")
        await copy.stop()
        await ours.node.operations.override_recovery("Exempel: kopian är avstängd")
        await ours.publish("Exempel: vidare")
        await until_equal([ours, neighbour])
        await ours.stop()
        await ours.start()
        await ours.publish("Exempel: efter omstart")
        await until_equal([ours, neighbour])


async def test_a_proof_that_a_rotation_overtook_freezes_nothing(tmp_path: Path) -> None:
    """A proof was checked before the repair and is to be kept after it: the log goes on."""
    ours = await TestNode(tmp_path / "ours", "9001", "Exempelby").start()
    await ours.stop()
    copy = await thief_of(ours, tmp_path / "copy")
    await copy.start_alone()
    await copy.publish("Exempel: kopians")
    sequence = await copy.head(ours.log_id)
    theirs = await copy.node.log_store.entry(ours.log_id, sequence)
    await copy.stop()
    await ours.start()
    await ours.publish("Exempel: originalets")
    store = ours.node.log_store
    mine, events = await store.entry(ours.log_id, sequence), await store.key_events(ours.log_id)
    assert theirs is not None
    assert mine is not None
    proof = encode_proof(make_proof(events, mine.entry, theirs.entry))

    await rotated(ours)
    await ours.node.sync.forks.freeze(ForkFound(0, ours.log_id, proof), None)

    await ours.publish("Exempel: efter lagningen")
    kept = await store.log(ours.log_id)
    assert kept is not None
    assert not kept.frozen
    await ours.stop()


async def test_a_fork_is_repaired_by_the_next_key(tmp_path: Path) -> None:
    """Two copies that both signed freeze the log everywhere; the rotation of one ends that."""
    async with nodes(tmp_path, "Exempelby", "Provstad", "Mellanby", introductions="auto-1") as made:
        ours, near, far = made
        await ours.befriend(near)
        await near.befriend(far)
        await until_equal(made)
        await ours.stop()
        copy = await thief_of(ours, tmp_path / "copy")
        await copy.start_alone()
        await copy.publish("Exempel: kopians")
        await copy.stop()
        await ours.start()
        await ours.publish("Exempel: originalets")
        await until_equal(made)
        await ours.stop()
        copy.port = ours.port
        await copy.start()

        async def frozen() -> bool:
            views = [node.node.directory.get(ours.log_id) for node in (near, far)]
            return all(view is not None and view.frozen for view in views)

        await until(frozen, "the fork is known everywhere")
        await copy.stop()
        await ours.start()
        await rotated(ours)
        await ours.publish("Exempel: efter lagningen")

        async def repaired() -> bool:
            heads = {await node.head(ours.log_id) for node in made}
            views = [node.node.directory.get(ours.log_id) for node in made]
            return len(heads) == 1 and not any(view is None or view.frozen for view in views)

        await until(repaired, "the branch with the rotation is everywhere")
        await until_equal(made)
        await near.stop()
        await near.start()
        await until_equal(made)
        assert not any(view.frozen for view in near.node.directory.views())


async def test_the_sheet_s_digest_is_all_that_is_compared(tmp_path: Path) -> None:
    """A rehearsal against a node that runs sends a digest; the key is in no file afterwards."""
    node = await TestNode(tmp_path, "9001", "Exempelby").start()
    try:
        digest = next_key_digest(SigningKey(node.sheet_seed).public_key).hex()
        found = await run_verb(node.settings, "rehearse_key", digest=digest)
        assert found["rehearsed_ms"] is not None
        assert node.sheet_seed.hex() not in node.log_lines.getvalue()
    finally:
        await node.stop()
