"""An approved neighbour that turns bad, or a disk that does, holds up nothing else."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factories import LogMaker
from hostile_neighbour import approved
from node.ground.recovery import OWN_LOG_CLAIM
from node_factories import TestNode, nodes, until
from protocol.directory import Item
from protocol.messages import Have, Refused, Run, Stored, Want
from storage_factories import spoil_run


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[TestNode]:
    """A running node with nothing but its own log."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        yield node


async def test_a_damaged_entry_holds_up_no_other_log(target: TestNode) -> None:
    """A log that the disk has changed is refused by name; the next request is served."""
    sender = LogMaker(4, code="9104")
    async with approved(sender, target) as neighbour:
        await neighbour.offer(sender)
        await neighbour.send_run(sender.log, sender.envelopes)
        await neighbour.receive(Stored)
        await spoil_run(target.node.log_store._database, sender.log, 1)
        await neighbour.send(Want(sender.log, 0, 1))
        refused = await neighbour.receive(Refused)
        await neighbour.send(Want(target.log_id, 0, 1))
        served = await neighbour.receive(Run)

    assert (refused.log, refused.code) == (sender.log, "not_held")
    assert served.log == target.log_id


async def test_a_neighbour_holds_no_more_than_there_is(target: TestNode) -> None:
    """What a neighbour says it stored counts only as far as we hold the log ourselves."""
    sender, unknown = LogMaker(4, code="9104"), LogMaker(7, code="9107")
    async with approved(sender, target) as neighbour:
        await neighbour.offer(sender)
        await neighbour.send(Stored(Item(unknown.log, 9, unknown.head.id), 0))
        await neighbour.send_run(sender.log, sender.envelopes)
        await neighbour.receive(Stored)
        await neighbour.send(Stored(Item(sender.log, 1, sender.head.id), 0))

        async def counted() -> bool:
            return target.node.sync.contacts.holders(sender.log, 1) == [sender.log]

        await until(counted, "the neighbour's word about a log we hold was counted")

    assert target.node.sync.contacts.holders(unknown.log, 1) == []


async def test_a_flood_of_claims_is_said_once(target: TestNode) -> None:
    """A neighbour that claims ever more of our log fills neither our log lines nor our chores."""
    sender = LogMaker(4, code="9104")
    async with approved(sender, target) as neighbour:
        await neighbour.offer(sender)
        for number in range(2, 2_002, 500):
            numbers = range(number, number + 500)
            await neighbour.send(Have(tuple(Item(target.log_id, n, bytes(32)) for n in numbers)))

        async def claimed() -> bool:
            return target.node.recovery.needed_sequence == 2_001

        await until(claimed, "the last claim arrived")
        await target.node.chores.settled()
        kept = await target.node.facts.get(OWN_LOG_CLAIM)

    assert kept == "2001"
    assert target.log_lines.getvalue().count("a neighbour has more of our log") == 1
    assert "was dropped" not in target.log_lines.getvalue()
