"""A node that could be missing its own entries reads and syncs, but signs nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from factories import LogMaker
from hostile_neighbour import approved
from node.errors import ArgumentError, NotCreatedError, RecoveringError
from node.ground.data_folder import GUARD_NAME
from node.process.asking import run_verb
from node_factories import TestNode, nodes, signs, until, until_equal
from protocol.identity import SigningKey, next_key_digest
from protocol.messages import Want
from storage.database import DATABASE_FILE_NAME


async def rotated(node: TestNode, *, without_rest: bool = False, reason: str = "") -> None:
    """Bring the sheet's key in force, as `tidan key rotate` does."""
    following = next_key_digest(SigningKey(b"\x07" * 32).public_key).hex()
    seed = node.sheet_seed.hex()
    await node.node.operations.rotate_key(seed, following, reason=reason, without_rest=without_rest)


async def set_back(ours: TestNode, neighbour: TestNode, count: int) -> int:
    """Publish so many entries that the neighbour gets, and put back the database from before them;
    both are stopped then. Returns how far the neighbour has our log."""
    await ours.stop()
    database = ours.folder / DATABASE_FILE_NAME
    before = database.read_bytes()
    await ours.start()
    for number in range(count):
        await ours.publish(f"Exempel: efter kopian {number}")
    await until_equal([ours, neighbour])
    held = await neighbour.head(ours.log_id)
    await neighbour.stop()
    await ours.stop()
    database.write_bytes(before)
    return held


async def test_an_old_backup_is_filled_in_by_neighbours(tmp_path: Path) -> None:
    """A database restored from a copy signs nothing until the neighbour has given back the rest."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await ours.publish("Exempel: före kopian")
        await until_equal([ours, neighbour])
        full = await set_back(ours, neighbour, 10)
        await ours.start()
        assert not await signs(ours)
        assert "older than the guard" in (ours.node.recovery.reason or "")
        await neighbour.start()

        async def back() -> bool:
            return ours.node.recovery.reason is None

        await until(back, "the node had its log back")
        assert await ours.head(ours.log_id) == full
        assert await signs(ours)
        await until_equal([ours, neighbour])


async def test_a_lost_database_comes_back_from_neighbours(tmp_path: Path) -> None:
    """With key, guard and log id kept, an empty database fills up again, own log and all."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await ours.publish("Exempel: bevarad")

        async def introduced() -> bool:
            return await ours.head(ours.log_id) == 3

        await until(introduced, "our introduction of the neighbour was written")
        await until_equal([ours, neighbour])
        full = await ours.head(ours.log_id)
        await ours.stop()
        (ours.folder / DATABASE_FILE_NAME).unlink()

        await ours.start()
        assert not await signs(ours)
        await ours.node.operations.add_neighbour(neighbour.log, neighbour.url)
        await until_equal([ours, neighbour])

        async def back() -> bool:
            return ours.node.recovery.reason is None

        await until(back, "the node had its log back")
        assert await ours.head(ours.log_id) >= full
        assert await signs(ours)


async def test_a_missing_guard_waits_for_every_neighbour_and_takes_a_new_key(
    tmp_path: Path,
) -> None:
    """Without its guard a node signs nothing but a rotation, and that only once each neighbour has
    compared logs: what none of them holds may have been signed all the same."""
    names = ("Exempelby", "Provstad", "Mellanby")
    async with nodes(tmp_path, *names, introductions="auto-1") as (ours, first, second):
        await ours.befriend(first)
        await ours.befriend(second)
        await ours.publish("Exempel: ett")
        await until_equal([ours, first, second])
        await ours.stop()
        await second.stop()
        (ours.folder / GUARD_NAME).unlink()

        await ours.start()

        async def compared() -> bool:
            link = ours.node.sync.link_to(first.log_id)
            return link is not None and link.reconciled

        await until(compared, "one neighbour has compared logs")
        assert not await signs(ours)
        with pytest.raises(RecoveringError, match="not every neighbour"):
            await rotated(ours)
        await second.start()

        async def heard() -> bool:
            doubt = (await ours.node.operations.key_status()).doubt
            return doubt is not None and doubt.may_rotate

        await until(heard, "both neighbours have compared logs")
        assert not await signs(ours)
        await ours.stop()
        await ours.start()
        await until(heard, "they have done so again after a restart, which forgets nothing")
        assert not await signs(ours)
        await rotated(ours)
        assert await signs(ours)
        await ours.stop()
        await ours.start()
        assert await signs(ours)
        await until_equal([ours, first, second])
        assert not any(view.frozen for view in first.node.directory.views())


async def test_entries_that_turn_up_after_a_new_key_give_way(tmp_path: Path) -> None:
    """An old database without its guard, and the one who has the rest is away: a person goes on
    without it. When the other is back it follows, and nobody finds two versions."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await until_equal([ours, neighbour])
        held = await set_back(ours, neighbour, 3)
        (ours.folder / GUARD_NAME).unlink()
        await ours.start()
        with pytest.raises(ArgumentError, match="reason"):
            await rotated(ours, without_rest=True)

        await rotated(ours, without_rest=True, reason="Exempel: Provstad svarar inte")

        assert await ours.head(ours.log_id) < held
        assert await signs(ours)
        (said,) = [one for one in await ours.node.audit.newest(9) if one.action == "key rotate"]
        assert "guard file is missing" in said.detail
        assert "Provstad svarar inte" in said.detail
        await neighbour.start()
        await until_equal([ours, neighbour])
        assert await signs(ours)
        await until_equal([ours, neighbour])
        assert not any(view.frozen for view in neighbour.node.directory.views())


async def test_what_was_signed_and_is_missing_is_never_signed_anew(tmp_path: Path) -> None:
    """While the guard knows of more than the database has, no decision lets the old key sign."""
    node = await TestNode(tmp_path, "9001", "Exempelby").start()
    await node.stop()
    copy = tmp_path / "copy.sqlite"
    shutil.copyfile(node.folder / DATABASE_FILE_NAME, copy)
    await node.start()
    await node.publish("Exempel: efter kopian")
    await node.stop()
    shutil.copyfile(copy, node.folder / DATABASE_FILE_NAME)
    await node.start()
    try:
        operations = node.node.operations
        for same_key in (False, True):
            with pytest.raises(ArgumentError, match="older than the guard"):
                await operations.override_recovery("Exempel", same_key)
        doubt = (await operations.key_status()).doubt
        assert doubt is not None
        assert (doubt.sequence, doubt.signed_through) == (1, 2)
        await rotated(node, without_rest=True, reason="Exempel: ingen har den")
        assert await signs(node)
        assert (await operations.key_status()).doubt is None
    finally:
        await node.stop()


async def test_a_neighbour_that_knows_more_stops_signing_until_it_has_shared(
    tmp_path: Path,
) -> None:
    """Database and guard both restored from old copies: the neighbour's copy is fetched first."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await until_equal([ours, neighbour])
        await ours.stop()
        copy = tmp_path / "copy"
        shutil.copytree(ours.folder, copy)
        await ours.start()
        for number in range(5):
            await ours.publish(f"Exempel: {number}")
        await until_equal([ours, neighbour])
        full = await ours.head(ours.log_id)
        await ours.stop()
        shutil.rmtree(ours.folder)
        shutil.copytree(copy, ours.folder)

        await ours.start()

        async def whole() -> bool:
            return await ours.head(ours.log_id) == full and ours.node.recovery.reason is None

        await until(whole, "the rest of our log came back")
        assert "more of our log" in ours.log_lines.getvalue()
        assert await signs(ours)
        await until_equal([ours, neighbour])
        assert not any(view.frozen for view in neighbour.node.directory.views())


@pytest.mark.parametrize("answers", [True, False])
async def test_a_false_claim_does_not_stop_signing_for_ever(tmp_path: Path, answers: bool) -> None:
    """Whoever claims to have more of our log is found out by what it sends, or removed."""
    async with nodes(tmp_path, "Exempelby") as (ours,):
        liar, invented = LogMaker(4, code="9104"), LogMaker(5, code="9105")
        invented.log = ours.log_id
        async with approved(liar, ours) as hostile:
            invented.head = invented.head._replace(sequence=50)
            await hostile.offer(liar, invented)

            async def stopped() -> bool:
                return ours.node.recovery.reason is not None

            await until(stopped, "the claim is taken seriously")
            assert not await signs(ours)
            want = await hostile.receive(Want)
            while want.log != ours.log_id:
                want = await hostile.receive(Want)
            if answers:
                await hostile.send_payload(ours.log_id, want.after + 1, 1, b"nothing of the kind")
            else:
                await ours.node.operations.remove_neighbour(liar.log.hex())

            async def found_out() -> bool:
                return ours.node.recovery.reason is None

            await until(found_out, "the claim is dropped")
            assert await signs(ours)


async def test_an_override_is_audited_and_lasts(tmp_path: Path) -> None:
    """Whoever has lost the sheet can take the responsibility for the present key, in so many words;
    the reason is kept and the next start signs."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    (node.folder / GUARD_NAME).unlink()
    reason = "Exempel: enda noden"
    with pytest.raises(ArgumentError, match="new one"):
        await run_verb(node.settings, "override_recovery", reason=reason)

    await run_verb(node.settings, "override_recovery", reason=reason, same_key=True)

    await node.start()
    try:
        audit = await node.node.audit.newest(5)
        assert await signs(node)
        assert [item.action for item in audit] == ["recover override"]
        assert "Exempel: enda noden" in audit[0].detail
    finally:
        await node.stop()


async def test_an_interrupted_set_up_is_no_node(tmp_path: Path) -> None:
    """A folder without the last file of a set-up is not opened as a node."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    (node.folder / "log_id").unlink()

    with pytest.raises(NotCreatedError, match="interrupted"):
        await node.start()
