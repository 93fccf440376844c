"""What it costs two neighbours to find out that nothing is new."""

from __future__ import annotations

from pathlib import Path

from factories import LogMaker
from many_logs import accept, receive
from node_factories import TestNode, until
from protocol import messages
from recording_relay import RecordingRelay
from tests.free_ports import free_port

LOGS = 290
BYTES_MAX = 900
MESSAGE_BYTES_MAX = 450


async def test_a_reconnect_with_nothing_new_costs_hundreds_of_bytes(tmp_path: Path) -> None:
    """With 290 logs at both: at most 900 B in all, upgrade and handshake too, 450 B of messages."""
    dialling = await TestNode(tmp_path, "9001", "Exempelby").create()
    makers = [LogMaker(number) for number in range(1, LOGS - 1)]
    port = free_port()
    async with RecordingRelay(port) as relay:
        origin = f"http://127.0.0.1:{relay.port}"
        answering = await TestNode(
            tmp_path, "9002", "Provstad", port, other_origins=(origin,)
        ).create()
        for served in (dialling, answering):
            await accept(served, makers)
            await served.start()
        try:
            await receive(answering, makers)
            await answering.node.operations.add_neighbour(dialling.log)
            await dialling.node.operations.add_neighbour(answering.log, origin)
            await until(lambda: are_equal(dialling, answering), "both hold all logs")
            await dialling.stop()
            await until(lambda: is_alone(answering), "the session ended")
            relay.reset()

            await dialling.start()
            await until(lambda: have_compared(dialling, answering), "logs were compared")

            said = relay.messages()
            assert {type(messages.decode(frame)) for frame in said} == {
                messages.Hello, messages.Auth, messages.Reconcile,
            }  # fmt: skip
            assert sum(map(len, said)) <= MESSAGE_BYTES_MAX
            assert relay.total_bytes <= BYTES_MAX, (bytes(relay.sent), bytes(relay.received))
        finally:
            await dialling.stop()
            await answering.stop()


async def are_equal(one: TestNode, other: TestNode) -> bool:
    """Whether both hold all logs, equally far, and have nothing left to say."""
    before = list(one.node.directory.items())
    for served in (one, other):
        await served.node.introductions.review()
    items = one.node.directory.items()
    return len(items) == LOGS and before == items == other.node.directory.items()


async def is_alone(served: TestNode) -> bool:
    """Whether no socket of a neighbour is open."""
    return served.node.sync.link_count == 0


async def have_compared(one: TestNode, other: TestNode) -> bool:
    """Whether both have ended the comparison of logs."""
    links = [one.node.sync.link_to(other.log_id), other.node.sync.link_to(one.log_id)]
    return all(link is not None and link.reconciled for link in links)
