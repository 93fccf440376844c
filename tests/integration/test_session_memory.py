"""What a session leaves in memory when it has ended."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp._websocket.reader import WebSocketDataQueue
from aiohttp.web_protocol import RequestHandler

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, approved, hang_up
from node.process import garbage
from node.sync.link import Link
from node_factories import nodes, until
from protocol.messages import Run, encode
from protocol.run import encode_run
from protocol.session import Session

FRAMES = 3_000
OF_A_SESSION = (web.WebSocketResponse, RequestHandler, Link, Session)


@pytest.fixture
def collector_off(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing goes because the collector of cycles happens to come by, or the node calls it."""
    monkeypatch.setattr(garbage, "COLLECT_SECONDS", 3_600)
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def unread() -> int:
    """How many messages from outside are held that nobody has read, of sessions that have ended as
    well."""
    queues = [one for one in gc.get_objects() if isinstance(one, WebSocketDataQueue)]
    return sum(len(one._buffer) for one in queues if isinstance(one._protocol, RequestHandler))


@pytest.mark.usefixtures("collector_off")
async def test_what_was_not_read_is_let_go(tmp_path: Path) -> None:
    """A neighbour that sends much and is gone leaves nothing of it, however often it does so."""
    sender, other = LogMaker(4, code="9104"), LogMaker(5, code="9105")
    other.extend(3)
    frame = encode(Run(other.log, 1, 4, encode_run(other.envelopes)))
    async with nodes(tmp_path, "Exempelby") as (target,):
        held = 0
        for _ in range(5):
            async with approved(sender, target) as hostile:
                held += await flood(hostile, frame)

            async def is_gone() -> bool:
                return not target.node.sync.link_count

            await until(is_gone, "the session has ended")
        left = unread()

    assert held > 0, "everything was read: nothing could be left"
    assert left == 0


@pytest.mark.usefixtures("collector_off")
@pytest.mark.parametrize("politely", [True, False])
async def test_a_session_that_ended_is_gone(tmp_path: Path, politely: bool) -> None:
    """Nothing of a session waits for the collector, however it ended: a neighbour that comes and
    goes by the hundred would fill the memory (found by an attack that went on for half an hour)."""
    sender = LogMaker(4, code="9104")
    async with nodes(tmp_path, "Exempelby") as (target,):
        for _ in range(5):
            async with approved(sender, target) as hostile:
                await hostile.offer(sender.fork())
                if not politely:
                    hang_up(hostile)

        async def are_gone() -> bool:
            return not any(isinstance(one, OF_A_SESSION) for one in gc.get_objects())

        await until(are_gone, "nothing of the sessions is left")


async def flood(hostile: HostileNeighbour, frame: bytes) -> int:
    """Send a frame over and over, and be gone before all is read; returns how much was not."""
    held = 0
    for number in range(FRAMES):
        await hostile.socket.send_bytes(frame)
        if number % 500 == 0:
            await asyncio.sleep(0.01)  # some of it comes, and less is read
            held = max(held, unread())
    hang_up(hostile)
    return held
