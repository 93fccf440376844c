"""Nodes behind a line that delays, narrows, stalls and cuts agree in the end; a partition heals."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from chaos_proxy import CALM, ROUGH, ChaosProxy, Weather
from node_factories import TestNode, until, until_equal

RECORDS = 5
STUCK, DEAF = Weather(stuck=True), Weather(deaf=True)


@asynccontextmanager
async def behind_lines(
    folder: Path, names: Sequence[str], weather: Weather
) -> AsyncIterator[tuple[list[TestNode], list[ChaosProxy]]]:
    """Nodes in a row, each dialling the one before it over a line of its own."""
    made = [TestNode(folder, str(9001 + number), name, introductions="auto-1")
            for number, name in enumerate(names)]  # fmt: skip
    async with AsyncExitStack() as stack:
        lines = []
        for node in made:
            line = ChaosProxy(node.port, Random(node.code), weather)
            lines.append(await stack.enter_async_context(line))
            node.add_origin(line.url)
            stack.push_async_callback(node.stop)
            await node.start()
        for before, after, line in zip(made, made[1:], lines, strict=False):
            await before.node.operations.add_neighbour(after.log)
            await after.node.operations.add_neighbour(before.log, line.url)
        yield made, lines


@pytest.mark.parametrize(
    "weather",
    [ROUGH, Weather(piece_bytes_max=1_000, cut_after_bytes=6_000)],
    ids=["slow, narrow and stalling", "cut again and again"],
)
async def test_nodes_behind_a_bad_line_agree(tmp_path: Path, weather: Weather) -> None:
    """Whatever a line does short of changing octets, what was written on both sides arrives."""
    async with behind_lines(tmp_path, ["Exempelby", "Provstad"], weather) as (made, lines):
        for number in range(RECORDS):
            for node in made:
                await node.publish(f"Exempel {number}")

        async def both_have_both() -> bool:
            for one, other in (made, made[::-1]):
                one.node.dialer.try_now(other.log_id)
                if await one.head(other.log_id) < await other.head(other.log_id):
                    return False
            return True

        await until(both_have_both, "each has what the other wrote")
        lines[0].become(CALM)
        await until_equal(made)


@pytest.mark.parametrize("weather", [STUCK, DEAF], ids=["nothing passes", "one way only"])
async def test_a_partition_heals(tmp_path: Path, weather: Weather) -> None:
    """Both sides go on writing while nothing passes, or only one way, and are equal afterwards."""
    names = ["Exempelby", "Provstad", "Försöksköping"]
    async with behind_lines(tmp_path, names, CALM) as (made, lines):
        await made[0].publish("Exempel: före")
        await until_equal(made)
        lines[0].become(weather)
        for node in made:
            await node.publish("Exempel: medan ledningen är bruten")
        written = await made[1].head(made[1].log_id)

        async def the_others_agree() -> bool:
            return await made[2].head(made[1].log_id) == written

        await until(the_others_agree, "the two on one side of the partition go on")
        held_beyond = await made[0].head(made[1].log_id)
        lines[0].become(CALM)
        await until_equal(made)

    assert held_beyond == written - 1
