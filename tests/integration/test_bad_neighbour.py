"""Whatever a neighbour sends ends in a named error for one log or session; all else goes on."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from factories import LogMaker, resigned, signing_key
from hostile_neighbour import (
    HostileNeighbour,
    RefusedByNodeError,
    answer_evidence_with_nothing,
    approved,
    open_socket,
    shake_hands,
)
from node.sync.endpoint import STRANGERS_MAX
from node_factories import TestNode, nodes, until
from poisoned_runs import (
    Poison,
    bomb,
    changed_content,
    flipped_entry,
    foreign_link,
    gap,
    garbage,
    other_log,
)
from protocol.directory import Item
from protocol.limits import FRAME_BYTES_MAX
from protocol.messages import Auth, Bye, Have, Hello, Refused, Run, Stored, Want, encode


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[TestNode]:
    """A running node with nothing but its own log."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        yield node


@pytest.mark.parametrize(
    ("poison", "code"),
    [
        (changed_content, "wrong_commitment"),
        (other_log, "wrong_log"),
        (garbage, "malformed"),
        (bomb, "limit"),
        (flipped_entry, "malformed"),
        (gap, "broken_link"),
        (foreign_link, "broken_link"),
    ],
)
async def test_a_poisoned_log_ends_alone(target: TestNode, poison: Poison, code: str) -> None:
    """The log is refused by name; the session goes on and takes the next log; nothing is stored."""
    bad, good, sender = LogMaker(2, code="9102"), LogMaker(3, code="9103"), LogMaker(4, code="9104")
    for maker in (bad, good):
        await target.node.operations.add_neighbour(maker.log.hex())
    async with approved(sender, target) as hostile:
        await hostile.offer(sender)
        await hostile.send_run(bad.log, bad.envelopes)
        await hostile.receive(Stored)
        await hostile.send_payload(bad.log, 2, 1, poison(bad))
        if code == "broken_link":
            await answer_evidence_with_nothing(hostile, bad)
        refused = await hostile.receive(Refused)
        good.extend(3)
        await hostile.send_run(good.log, good.envelopes)

        async def good_is_stored() -> bool:
            return await target.head(good.log) == 4

        await until(good_is_stored, "the other log of the same session was stored")
        await target.node.chores.settled()
        shown = {item.log: item for item in await target.node.operations.neighbours()}

    assert (refused.log, refused.code) == (bad.log, code)
    assert await target.head(bad.log) == 1
    assert shown[sender.log.hex()].last_error_code == code
    assert shown[sender.log.hex()].last_error


async def test_an_uncovered_entry_is_never_stored(target: TestNode) -> None:
    """A forged signature is neither stored nor acknowledged, and the true entry still is."""
    sender = LogMaker(4, code="9104")
    async with approved(sender, target) as hostile:
        await hostile.offer(sender)
        await hostile.send_run(sender.log, sender.envelopes)
        await hostile.receive(Stored)
        true = sender.append()
        forged = resigned(true, signing_key(99).sign(true.entry.payload))
        await hostile.send_run(sender.log, [forged])
        acknowledged = await hostile.receive(Stored)
        await hostile.send_run(sender.log, [true])

        async def true_is_stored() -> bool:
            return await target.head(sender.log) == 2

        await until(true_is_stored, "the true entry was stored")
        stored = await target.node.log_store.entry(sender.log, 2)

    assert acknowledged.item.sequence == 1
    assert stored is not None
    assert stored.entry.raw == true.entry.raw


async def test_unreadable_content_blocks_nothing(target: TestNode) -> None:
    """Unknown kinds and broken content are stored and passed over; what follows is shown."""
    sender = LogMaker(4, code="9104")
    sender.append("later", b'{"schema":1}')
    sender.append("experience", b'{"schema":9,"later":true}')
    sender.append("experience", b"\xff\xfe not JSON \x00")
    async with approved(sender, target) as hostile:
        await hostile.offer(sender)
        await hostile.send_run(sender.log, sender.envelopes)

        async def stored() -> bool:
            return await target.head(sender.log) == 4

        await until(stored, "unreadable entries were stored")
        await target.node.projector.settled()
        counts = await target.node.queries.counts()

    assert counts.unreadable == 3
    assert (await target.node.operations.verify_log(sender.log.hex(), True)).error == ""


async def test_a_fork_freezes_one_log_and_is_passed_on(tmp_path: Path) -> None:
    """Two signed entries at one number are proof, told to others, and stop that log only."""
    async with nodes(tmp_path, "Exempelby", "Provstad", introductions="auto-1") as (target, other):
        forked, sender = LogMaker(2, code="9102"), LogMaker(4, code="9104")
        twin = forked.fork()
        forked.append(content=b'{"schema":1,"number":1}')
        twin.append(content=b'{"schema":1,"number":2}')
        for node in (target, other):
            await node.node.operations.add_neighbour(forked.log.hex())
        await target.befriend(other)
        async with approved(sender, target) as hostile:
            await hostile.offer(sender, forked)
            await hostile.send_run(forked.log, forked.envelopes)

            async def held_by_both() -> bool:
                heads = [await node.head(forked.log) for node in (target, other)]
                return heads == [2, 2]

            await until(held_by_both, "both hold the first branch")
        async with approved(sender, target) as hostile:
            await hostile.offer(sender, twin)
            want = await hostile.receive(Want)
            while (want.after, want.through) != (1, 2):
                want = await hostile.receive(Want)
            await hostile.send_run(forked.log, twin.envelopes[1:])

            async def frozen_everywhere() -> bool:
                views = [node.node.directory.get(forked.log) for node in (target, other)]
                return all(view is not None and view.frozen for view in views)

            await until(frozen_everywhere, "both nodes froze the forked log")
        record = await target.publish("Exempel: livet går vidare")

        async def goes_on() -> bool:
            await other.node.projector.settled()
            return await other.node.queries.record(bytes.fromhex(record)) is not None

        await until(goes_on, "other logs still travel")
        assert len(await other.node.log_store.forks()) == 1


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        (b"\x00", "malformed"),
        (b"\xff" * 100, "malformed"),
        (encode(Have((Item(bytes(32), 1, bytes(32)),))), "wrong_state"),
        (encode(Run(bytes(32), 1, 1, b"x")), "wrong_state"),
        (encode(Hello((7,), bytes(32), bytes(32), bytes(16), "", 0)), "no_common_version"),
    ],
)
async def test_bad_frames_end_the_session_by_name(
    target: TestNode, frame: bytes, code: str
) -> None:
    """A stranger's bad frame is answered with a named goodbye and nothing else."""
    async with open_socket(target) as socket:
        stranger = HostileNeighbour(LogMaker(5, code="9105"), socket)
        await stranger.send(frame)
        goodbye = await stranger.ending()

    assert goodbye.code == code
    assert await still_serves(target)


async def test_a_wrong_origin_is_refused(target: TestNode) -> None:
    """A session meant for another address, as a relay would bring, is refused before any proof."""
    async with open_socket(target) as socket:
        relay = HostileNeighbour(LogMaker(5, code="9105"), socket)
        with pytest.raises(RefusedByNodeError, match="wrong_origin"):
            await shake_hands(relay, target, origin="https://tidan.example")


async def test_a_replayed_handshake_is_refused(target: TestNode) -> None:
    """Frames recorded from a good session open no second one."""
    sender = LogMaker(4, code="9104")
    async with approved(sender, target) as good:
        recorded = list(good.sent)
    async with open_socket(target) as socket:
        replay = HostileNeighbour(sender, socket)
        for frame in recorded:
            await replay.send(frame)
        goodbye = await replay.ending()

    assert goodbye.code == "bad_handshake"


async def test_a_stranger_learns_nothing_and_may_knock(target: TestNode) -> None:
    """Whoever is not approved is told so and nothing else; the admin sees the knock."""
    await target.publish("Exempel: bara för grannar")
    stranger = LogMaker(6, code="9106", name="Främlingsby")
    async with open_socket(target) as socket:
        caller = HostileNeighbour(stranger, socket)
        await shake_hands(caller, target)
        goodbye = await caller.receive(Bye)
    await target.node.chores.settled()
    knocks = await target.node.operations.knocks()

    assert goodbye.code == "not_a_neighbour"
    assert [(item.log, item.name) for item in knocks] == [(stranger.log.hex(), "Främlingsby")]


async def test_an_oversized_frame_ends_the_socket(target: TestNode) -> None:
    """A frame beyond the bound is cut off before it is held in memory."""
    async with open_socket(target) as socket:
        with contextlib.suppress(ConnectionError):  # cut while it is still being sent
            await socket.send_bytes(bytes(FRAME_BYTES_MAX + 1))
        message = await socket.receive()

    assert message.type is not aiohttp.WSMsgType.BINARY
    assert await still_serves(target)


async def test_web_pages_cannot_reach_the_sync_address(target: TestNode) -> None:
    """A browser's request, known by its Origin header, is refused before the WebSocket opens."""
    with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
        async with open_socket(target, origin="http://evil.example"):
            pass

    assert refused.value.status == 403


async def test_compression_is_never_agreed_to(target: TestNode) -> None:
    """The node declines permessage-deflate, so nothing unfolds inside the socket layer."""
    async with open_socket(target, compress=15) as socket:
        assert socket.compress == 0


async def test_auth_of_another_role_is_refused(target: TestNode) -> None:
    """The node's own proof, sent back to it, proves nothing (reflection)."""
    async with open_socket(target) as socket:
        mirror = HostileNeighbour(LogMaker(5, code="9105"), socket)
        hello = Hello((1,), mirror.maker.log, bytes(32), bytes(16), target.url, 0)
        await mirror.send(hello)
        theirs = await mirror.receive(Auth)
        await mirror.send(Auth(tuple(mirror.maker.envelopes[:1]), theirs.signature))
        goodbye = await mirror.ending()

    assert goodbye.code == "bad_handshake"


async def test_silent_callers_do_not_lock_neighbours_out(target: TestNode) -> None:
    """Sockets that say nothing are bounded; a session that is up goes on beside them."""
    sender = LogMaker(4, code="9104")
    async with contextlib.AsyncExitStack() as stack:
        hostile = await stack.enter_async_context(approved(sender, target))
        await hostile.offer(sender)
        for _ in range(STRANGERS_MAX):
            await stack.enter_async_context(open_socket(target))
        with pytest.raises(aiohttp.WSServerHandshakeError) as refused:
            await stack.enter_async_context(open_socket(target))
        await hostile.send_run(sender.log, sender.envelopes)
        stored = await hostile.receive(Stored)

    assert refused.value.status == 503
    assert stored.item.sequence == 1


async def still_serves(target: TestNode) -> bool:
    """Whether the node answers its health check."""
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{target.url}/healthz") as response,
    ):
        return response.status == 200
