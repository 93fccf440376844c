"""A little of what `make exhaustion` does: no way to exhaust a node shuts the honest out."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from aiohttp import ClientSession

from node_factories import nodes, until
from tests.exhaustion import behaviours
from tests.exhaustion.attacker import Attacker
from tests.exhaustion.crowd import PAGES, HonestNeighbour

QUOTA = 30


async def test_the_honest_are_served_beside_a_hostile_neighbour(tmp_path: Path) -> None:
    """Whatever an approved neighbour does without end, what is published meanwhile reaches another
    neighbour, and the node stands: it answers, and the hostile log keeps to its quota."""
    async with nodes(tmp_path, "Exempelby", proxy_count=1, log_entries_max=QUOTA) as (target,):
        attacker, honest = Attacker(target), HonestNeighbour(1)
        for log in (attacker.maker.log, honest.maker.log):
            await target.node.operations.add_neighbour(log.hex())

        async def full() -> bool:
            return await target.head(attacker.maker.log) == QUOTA

        async with honest.connected(target):
            async with attacking(attacker, behaviours.ENDLESS):
                await until(full, "the hostile log reached its quota")
            for name in behaviours.ALL:
                async with attacking(attacker, name):
                    await target.publish(f"Exempel: trots allt ({name})")
                    written = await target.head(target.log_id)

                    async def served(written: int = written) -> bool:
                        return honest.held == written

                    await until(served, f"the honest neighbour got what there is beside {name}")
        kept = await target.head(attacker.maker.log)
        problems = await target.node.operations.verify_log(target.log, every_signature=True)

    assert kept == QUOTA
    assert problems.error == ""


async def test_a_crowd_asks_for_pages_that_there_are(tmp_path: Path) -> None:
    """A page that is not found is answered sooner than one that is made."""
    async with nodes(tmp_path, "Exempelby") as (target,), ClientSession() as browser:
        for page in PAGES:
            async with browser.get(f"{target.url}{page}") as response:
                assert response.status == 200, page


@contextlib.asynccontextmanager
async def attacking(attacker: Attacker, name: str) -> AsyncIterator[None]:
    """Let the attack go on as long as this is entered, once it has begun."""
    attacker.done.clear()
    task = asyncio.create_task(attacker.go_on(name))
    try:

        async def begun() -> bool:
            return attacker.done.total() > 0

        await until(begun, f"{name} began")
        yield
        assert not task.done()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
