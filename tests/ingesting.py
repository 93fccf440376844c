"""Handing a node the runs of a log as a neighbour would, and asking how far it came."""

from __future__ import annotations

import asyncio

from factories import LogMaker
from node.intake.step import Arrival, Outcome
from node.operations.node import Node
from protocol.directory import Standing
from protocol.run import encode_run


async def accept(node: Node, *makers: LogMaker) -> None:
    """Make the logs members."""
    for maker in makers:
        await node.standings.decide(maker.log, Standing.MEMBER, "exempel")


async def arrive(node: Node, maker: LogMaker, start: int, end: int, link: int = 1) -> Outcome:
    """Send entries start+1..end of a log as one run, and wait for its answer."""
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    payload = encode_run(maker.envelopes[start:end])
    node.ingest.arrive(Arrival(link, maker.log, payload, answered.set_result))
    return await answered


def held(node: Node, maker: LogMaker) -> int:
    """How far the node holds a log."""
    view = node.directory.get(maker.log)
    return view.head.sequence if view and view.head else 0
