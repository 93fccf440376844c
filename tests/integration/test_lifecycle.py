"""A municipality moves, leaves, or goes on in another: real nodes over sockets, and the command."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from command_line import document, run
from factories import LogMaker
from node.errors import ArgumentError, LeftError
from node.operations.neighbour_status import (
    USE_NEW_ADDRESS,
    NeighbourState,
    NeighbourStatus,
)
from node_factories import TestNode, example_record, nodes, until, until_equal
from protocol.content import Continue, Leave
from protocol.identity import SigningKey, next_key_digest
from tests.free_ports import free_port
from web_site import open_site, write


async def test_who_leaves_is_told_of_everywhere_and_signs_no_more(tmp_path: Path) -> None:
    """Neighbours and theirs see it and pass its log on; a restart changes nothing."""
    towns = ("Skara kommun", "Hjo kommun", "Tibro kommun")
    async with nodes(tmp_path, *towns, introductions="auto-1") as (skara, hjo, tibro):
        await skara.befriend(hjo)
        await skara.befriend(tibro)
        await hjo.publish("Exempel: skrivet före")
        await until_equal([skara, hjo, tibro])
        await hjo.node.acting("anna").leave("Exempel: vi slutar")
        with pytest.raises(LeftError):
            await hjo.publish("Exempel: för sent")
        await until_equal([skara, hjo, tibro])
        (row,) = [one for one in await skara.node.operations.neighbours() if one.log == hjo.log]
        far = await tibro.node.lifecycle_queries.all()
        own = await hjo.node.operations.lifecycle()
        facts = await skara.node.alerts._gathering.facts((), None)
        await hjo.stop()
        await hjo.start()
        with pytest.raises(LeftError):
            await hjo.publish("Exempel: efter omstart")
        last = (await hjo.node.operations.log_entries(hjo.log)).entries[-1]
        audited = (await hjo.node.audit.newest(3))[0]

    assert row.state == NeighbourState.LEFT
    assert row.left_ms is not None
    assert far[hjo.log_id].reason == "Exempel: vi slutar"
    assert own.left_ms is not None
    assert (own.held_by, own.neighbours) == (1, 1)
    assert {one.log: one.has_left for one in facts.neighbours} == {hjo.log: True, tibro.log: False}
    assert last.kind == "leave"
    assert (audited.actor, audited.action) == ("anna", "leave")


async def test_nothing_is_signed_on_top_of_a_leave(tmp_path: Path) -> None:
    """Whatever waits to be written when the last word is said comes before it, or not at all."""
    node = await TestNode(tmp_path, "1497", "Hjo kommun").start()
    try:
        content = example_record("Exempel: samtidigt")
        tasks: list[asyncio.Future[object]] = [
            asyncio.ensure_future(node.node.publisher.publish("experience", content))
            for _ in range(40)
        ]
        tasks.insert(20, asyncio.ensure_future(node.node.operations.leave()))
        tasks += [
            asyncio.ensure_future(node.node.publisher.publish("experience", content))
            for _ in range(40)
        ]
        results = await asyncio.gather(*tasks, return_exceptions=True)
        entries = (await node.node.operations.log_entries(node.log, 0, 200)).entries
    finally:
        await node.stop()

    failed = [one for one in results if isinstance(one, BaseException)]
    assert all(isinstance(one, LeftError) for one in failed)
    assert len(entries) == 1 + len(results) - len(failed)
    assert [one.kind for one in entries].index("leave") == len(entries) - 1


async def test_the_key_on_paper_opens_the_log_again(tmp_path: Path) -> None:
    """A rotation takes a leave back, here and at the neighbour; nothing else does."""
    async with nodes(tmp_path, "Skara kommun", "Hjo kommun") as (skara, hjo):
        await skara.befriend(hjo)
        await until_equal([skara, hjo])
        with pytest.raises(ArgumentError):
            await hjo.node.operations.publish("leave", {"schema": 1})
        await hjo.node.operations.leave()
        following = next_key_digest(SigningKey(hjo.sheet_seed[::-1]).public_key)
        await hjo.node.operations.rotate_key(hjo.sheet_seed.hex(), following.hex())
        await hjo.publish("Exempel: vi är kvar")
        await until_equal([skara, hjo])
        (row,) = await skara.node.operations.neighbours()
        own = await hjo.node.operations.lifecycle()

    assert row.left_ms is None
    assert row.state == NeighbourState.IN_STEP
    assert own.left_ms is None


async def test_a_new_address_is_taken_over_with_one_press(tmp_path: Path) -> None:
    """It is seen and not followed by itself; the old one works meanwhile; then it fails with words
    that say what to do, and the new one works."""
    old_port, new_port = free_port(), free_port()
    old = f"http://127.0.0.1:{old_port}"
    new = f"http://localhost:{new_port}"
    skara = await TestNode(tmp_path, "9001", "Skara kommun").start()
    hjo = TestNode(tmp_path, "9002", "Hjo kommun", old_port, public_url=old)
    try:
        await hjo.start()
        await hjo.node.operations.add_neighbour(skara.log)
        await skara.node.operations.add_neighbour(hjo.log, old)
        await until_equal([skara, hjo])
        with pytest.raises(ArgumentError, match="does not answer"):
            await hjo.node.operations.publish_address(new)
        await hjo.stop()
        hjo._flags = {"public_url": new, "other_origins": (old,)}
        await hjo.start()
        await until_equal([skara, hjo])
        await hjo.node.operations.publish_address()
        await until_equal([skara, hjo])
        before = await status_of(skara)
        await hjo.stop()
        hjo.port = new_port
        await hjo.start()

        async def failed() -> bool:
            await skara.node.operations.try_neighbour_now(hjo.log)
            return (await status_of(skara)).action == USE_NEW_ADDRESS

        await until(failed, "the old address failed, and the page says what to do")
        with pytest.raises(ArgumentError):
            await skara.node.operations.use_new_address(hjo.log, "http://localhost:9")
        untouched = await status_of(skara)
        after = await skara.node.acting("anna").use_new_address(hjo.log, new)
        await hjo.publish("Exempel: från den nya adressen")
        await until_equal([skara, hjo])
        last = await status_of(skara)
        audited = (await skara.node.audit.newest(1))[0]
    finally:
        await skara.stop()
        await hjo.stop()

    assert (before.state, before.url, before.moved_to) == (NeighbourState.IN_STEP, old, new)
    assert (untouched.url, untouched.moved_to) == (old, new)
    assert (after.url, after.moved_to) == (new, None)
    assert last.state == NeighbourState.IN_STEP
    assert (audited.actor, audited.action) == ("anna", "neighbour move")
    assert audited.detail == f"{old} → {new}"


async def status_of(node: TestNode) -> NeighbourStatus:
    """How it goes with the only neighbour of a node."""
    (status,) = await node.node.operations.neighbours()
    return status


async def test_two_logs_and_one_successor(tmp_path: Path) -> None:
    """Both say it, at their own nodes; a third sees it when both have, and not before."""
    towns = ("Habo kommun", "Mullsjö kommun", "Hjo kommun")
    async with nodes(tmp_path, *towns, introductions="auto-1") as (habo, mullsjo, hjo):
        await habo.befriend(mullsjo)
        await habo.befriend(hjo)
        await until_equal([habo, mullsjo, hjo])
        record = bytes.fromhex(await mullsjo.publish("Exempel: från Mullsjö"))
        await habo.node.operations.continue_log(mullsjo.log[:12])
        await until_equal([habo, mullsjo, hjo])
        early = await hjo.node.queries.record(record, visible=("public",))
        asked = await mullsjo.node.operations.lifecycle()
        await mullsjo.node.operations.leave("Exempel: vi går ihop", habo.log)
        await until_equal([habo, mullsjo, hjo])
        late = await hjo.node.queries.record(record, visible=("public",))
        own = await habo.node.operations.lifecycle()
        with pytest.raises(ArgumentError, match="already"):
            await habo.node.operations.continue_log(mullsjo.log)

    assert early is not None
    assert late is not None
    assert (early.left_ms, early.heir) == (None, None)
    assert late.heir is not None
    assert late.heir.log == habo.log_id
    assert asked.continues == []
    assert [(one.log, one.both_say) for one in own.continues] == [(mullsjo.log, True)]


async def test_a_successor_is_no_rival_and_others_are(tmp_path: Path) -> None:
    """The alarm about one kommunkod is for strangers: not for a log that goes on for the other."""
    old, new, thief = (LogMaker(n, code="1497", name="Hjo kommun") for n in (2, 3, 4))
    async with open_site(tmp_path) as site:
        node = site.served.node
        await site.receive(old)
        await site.receive(new)
        before = {one.log: one.alarm for one in await node.operations.members()}
        write(old, "leave", Leave(successor=new.log.hex()))
        write(new, "continue", Continue(predecessor=old.log.hex()))
        await site.receive(old)
        await site.receive(new)
        linked = {one.log: one.alarm for one in await node.operations.members()}
        await site.receive(thief)
        after = {one.log: one.alarm for one in await node.operations.members()}

    assert before[old.log.hex()]
    assert before[new.log.hex()]
    assert not any(linked.values())
    assert after[new.log.hex()]
    assert after[thief.log.hex()]


def test_the_commands_say_the_same(tmp_path: Path) -> None:
    """Leave with a reason, see it in status and merge show, and be refused afterwards."""
    data = ("--data", tmp_path)
    document(*data, "init", "--code", "1497")
    unready = run(*data, "move")
    refused = run(*data, "leave")
    left = document(*data, "leave", "--yes", "--reason", "Exempel")
    status = run(*data, "status")
    shown = run(*data, "merge", "show")
    again = run(*data, "leave", "--yes")

    assert unready.exit_code == 1
    assert "public_url" in unready.stderr
    assert refused.exit_code == 2
    assert left["left_ms"] is not None
    assert "HAS LEFT" in status.stdout
    assert "Left" in shown.stdout
    assert again.exit_code == 1
    assert "has left the network" in again.stderr
    assert "tidan key rotate" in again.stderr
