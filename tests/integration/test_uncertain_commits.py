"""A commit whose answer is lost: only the database knows whether it was carried out.

Over real sockets: a relay in front of PostgreSQL ends the connection in the place of the answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from answer_losing_relay import AnswerLosingRelay
from factories import LogMaker
from node.errors import LocalError
from node.ground.data_folder import DataFolder
from node.intake.settling import Branch
from node.intake.step import Arrival, Outcome
from node_factories import TestNode, until
from protocol.directory import Standing
from protocol.identity import SigningKey, next_key_digest
from protocol.run import encode_run
from storage.errors import DatabaseFailedError
from storage.guard_file import GuardFile

COMMITS = range(1, 9)
"""More than any one piece of work has."""


@pytest.fixture
async def relay(migrated_postgresql_url: str) -> AsyncIterator[AnswerLosingRelay]:
    """In front of the server."""
    port = make_url(migrated_postgresql_url).port
    assert port is not None
    async with AnswerLosingRelay(port) as made:
        yield made


@pytest.fixture
async def node(
    migrated_postgresql_url: str, relay: AnswerLosingRelay, tmp_path: Path
) -> AsyncIterator[TestNode]:
    """Reaches its database through the relay."""
    url = make_url(migrated_postgresql_url).set(port=relay.port)
    location = url.render_as_string(hide_password=False)
    made = TestNode(tmp_path, "9001", "Exempelby", database_url=location)
    try:
        yield await made.start()
    finally:
        await made.stop()


async def at_rest(node: TestNode, log: bytes) -> int:
    """How far the database has a log, once the node has nothing else to commit."""
    await node.node.projector.settled()
    await node.node.indexer.settled()
    await node.node.chores.settled()
    return await stored_head(node, log)


async def published(node: TestNode, title: str) -> bool:
    """Whether the node said that a record is stored."""
    try:
        await node.publish(title)
    except LocalError:
        return False
    return True


async def stored_head(node: TestNode, log: bytes) -> int:
    """How far the database has a log; a connection that was ended is found out by asking."""
    while True:
        try:
            row = await node.node.log_store.log(log)
        except DatabaseFailedError:
            await asyncio.sleep(0.02)
        else:
            return row.sequence if row else 0


async def test_the_node_writes_on_whichever_answer_is_lost(
    node: TestNode, relay: AnswerLosingRelay
) -> None:
    """What was stored although nobody was told is in the log and shown; nothing is signed at its
    number, and the next record follows it."""
    stored_unsaid = 0
    for number in COMMITS:
        before = await at_rest(node, node.log_id)
        relay.lose(number)
        is_told = await published(node, f"Exempel {number}")
        relay.lose_none()
        stored_unsaid += await stored_head(node, node.log_id) > before and not is_told
        await until(lambda: published(node, "Exempel: efteråt"), "the node wrote again")

    head = await node.head(node.log_id)
    assert stored_unsaid > 0, "no answer was lost to what stored an entry"
    assert head == await stored_head(node, node.log_id)
    guard = GuardFile(node.folder / "guard").read()
    assert guard is not None
    assert guard.sequence == head
    assert "does not continue" not in node.log_lines.getvalue(), "a number was signed once more"


async def test_a_neighbour_s_log_goes_on_whichever_answer_is_lost(
    node: TestNode, relay: AnswerLosingRelay
) -> None:
    """It is offered again, as a neighbour does after a session that failed here, and taken."""
    maker = LogMaker(2, code="9002")
    await node.node.standings.decide(maker.log, Standing.MEMBER, "exempel")
    stored_unsaid = 0
    for number in COMMITS:
        maker.append()
        before = await at_rest(node, maker.log)
        relay.lose(number)
        outcome = await offered(node, maker)
        relay.lose_none()
        stored_unsaid += await stored_head(node, maker.log) > before and outcome.failed

        async def is_taken() -> bool:
            return not (await offered(node, maker)).failed

        await until(is_taken, "the run was taken")
        assert await node.head(maker.log) == await stored_head(node, maker.log) == number + 1

    assert stored_unsaid > 0, "no answer was lost to what stored an entry"


async def test_a_neighbour_s_branch_holds_whichever_answer_is_lost(
    node: TestNode, relay: AnswerLosingRelay
) -> None:
    """A branch that was stored in the place of other entries is the log, although nobody was told;
    one that was not is taken when it is sent again."""
    maker = LogMaker(2, code="9002")
    await node.node.standings.decide(maker.log, Standing.MEMBER, "exempel")
    assert not (await offered(node, maker)).failed
    for number in COMMITS:
        after, losing = maker.head.sequence, maker.fork()
        losing.extend(2)
        assert (await offered(node, losing)).head == losing.head
        maker.append()
        maker.rotate()
        await at_rest(node, maker.log)
        relay.lose(number)
        await sent_as_a_branch(node, maker, after)
        relay.lose_none()

        async def is_in_place(after: int = after) -> bool:
            return not (await sent_as_a_branch(node, maker, after)).failed

        await until(is_in_place, "the branch took the place")
        view = node.node.directory.get(maker.log)
        assert view is not None
        assert view.head == maker.head
        newest = await node.node.log_store.entry(maker.log, maker.head.sequence)
        assert newest is not None
        assert newest.entry.id == maker.head.id

    assert "stored although the commit failed" in node.log_lines.getvalue(), "no such answer"


async def sent_as_a_branch(node: TestNode, maker: LogMaker, after: int) -> Outcome:
    """What becomes of what follows an entry of a log, through its next rotation."""
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    payloads = (encode_run(maker.envelopes[after:]),)
    node.node.ingest.settle(Branch(1, maker.log, after, payloads, answered.set_result))
    outcome = await answered
    assert outcome.error is None
    return outcome


async def offered(node: TestNode, maker: LogMaker) -> Outcome:
    """What becomes of a log that a neighbour sends from its beginning."""
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    run = encode_run(maker.envelopes)
    node.node.ingest.arrive(Arrival(1, maker.log, run, answered.set_result))
    outcome = await answered
    assert outcome.error is None
    return outcome


async def test_a_new_key_holds_whichever_answer_is_lost(
    node: TestNode, relay: AnswerLosingRelay
) -> None:
    """A rotation that was stored is one, although nobody was told: the node signs with the key that
    its log names, and what it publishes follows."""
    seed, keys = node.sheet_seed, [node.node.own_key.current.public_key]
    for number in COMMITS:
        following = bytes([number]) * 32
        before = await at_rest(node, node.log_id)
        relay.lose(number)
        await rotated(node, seed, following)
        relay.lose_none()
        if await stored_head(node, node.log_id) > before:
            keys.append(SigningKey(seed).public_key)
            seed = following
        await until(lambda: published(node, "Exempel: efter bytet"), "the node wrote again")

        view = node.node.directory.get(node.log_id)
        assert view is not None
        assert view.head is not None
        assert view.head.sequence == await stored_head(node, node.log_id)
        assert keys[-1] == view.head.keys.current == node.node.own_key.current.public_key
        assert not DataFolder(node.folder).waiting_key_file.exists()

    assert "stored although the commit failed" in node.log_lines.getvalue(), "no such answer"


async def rotated(node: TestNode, seed: bytes, following: bytes) -> bool:
    """Whether the node said that it has a new key, the one with this seed."""
    digest = next_key_digest(SigningKey(following).public_key).hex()
    try:
        await node.node.operations.rotate_key(seed.hex(), digest)
    except LocalError:
        return False
    return True
