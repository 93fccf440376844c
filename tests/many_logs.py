"""Real nodes with many logs, made quickly: one transaction decides, one batch of runs fills."""

from __future__ import annotations

import asyncio

from sqlalchemy import insert

from factories import START_MS, LogMaker
from node.intake.step import Arrival, Outcome
from node_factories import TestNode
from protocol.directory import Standing
from protocol.limits import RUN_ENTRIES_MAX
from protocol.run import encode_run
from storage.database import Database
from storage.schema import logs


async def accept(served: TestNode, makers: list[LogMaker]) -> None:
    """Make all these logs members of a node that is created and does not run."""
    database = await Database.open(served.settings.database)
    decided = [
        {
            "log_id": maker.log,
            "standing": Standing.MEMBER.value,
            "standing_ms": START_MS,
            "reason": "exempel",
            "code": "",
            "name": "",
        }
        for maker in makers
    ]
    async with database.write() as connection:
        await connection.execute(insert(logs), decided)
    await database.close()


async def receive(served: TestNode, makers: list[LogMaker]) -> None:
    """Take whole logs in, as if a neighbour had sent them; they are accepted already."""
    loop = asyncio.get_running_loop()
    waiting: list[asyncio.Future[Outcome]] = []
    for maker in makers:
        for start in range(0, len(maker.envelopes), RUN_ENTRIES_MAX):
            payload = encode_run(maker.envelopes[start : start + RUN_ENTRIES_MAX])
            waiting.append(loop.create_future())
            arrival = Arrival(1, maker.log, payload, waiting[-1].set_result)
            served.node.ingest.arrive(arrival)
    outcomes = await asyncio.gather(*waiting)
    assert all(outcome.error is None and not outcome.failed for outcome in outcomes), outcomes
