"""The node as a process of its own: killed without warning, stopped politely, either database."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from node.errors import LogMismatchError
from node.operations.control import NotServingError, ask
from node_factories import TestNode, example_record, nodes, until, until_equal

ROOT = Path(__file__).resolve().parents[2]


@asynccontextmanager
async def process(node: TestNode) -> AsyncIterator[Process]:
    """`tidan serve` on a node's folder, serving; killed at the end if it still runs."""
    command = [sys.executable, "-m", "node", "serve", "--data", str(node.folder)]
    running = await asyncio.create_subprocess_exec(
        *command, "--port", str(node.port), cwd=ROOT, stdout=DEVNULL, stderr=PIPE
    )
    try:
        await until(lambda: _answers(node), "the process serves")
        yield running
    finally:
        if running.returncode is None:
            running.kill()
        await running.communicate()


async def _answers(node: TestNode) -> bool:
    try:
        return bool(await ask(node.folder, "status", {}))
    except NotServingError:
        return False


async def publish(node: TestNode, title: str) -> str:
    """Publish through the control socket; returns the acknowledged entry's id."""
    content = example_record(title)
    arguments = {"kind": "experience", "content": content}
    return str((await ask(node.folder, "publish", arguments))["entry"])


async def test_kill_9_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    """Whatever was acknowledged before the process is killed is there afterwards, and signs on."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    acknowledged: list[str] = []
    for round_number in range(3):
        async with process(node) as running:
            titles = [f"Exempel {round_number}.{number}" for number in range(5)]
            acknowledged += [await publish(node, title) for title in titles]
            under_way = asyncio.create_task(publish(node, "Exempel: under vägen"))
            await asyncio.sleep(0)
            running.kill()
            await asyncio.gather(under_way, return_exceptions=True)
    await node.start()
    try:
        entries = await node.node.log_store.read_run(node.log_id, 0, 1_000)
        verified = await node.node.operations.verify_log(node.log, every_signature=True)
        assert set(acknowledged) <= {item.entry.id.hex() for item in entries}
        assert verified.error == ""
        assert node.node.recovery.reason is None
    finally:
        await node.stop()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_polite_stop_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    """On SIGTERM or SIGINT the process ends with 0, tells its neighbours and frees its folder."""
    node = await TestNode(tmp_path, "9001", "Exempelby").create()
    async with nodes(tmp_path / "other", "Provstad") as (other,):
        async with process(node) as running:
            await ask(node.folder, "add_neighbour", {"log": other.log})
            await other.node.operations.add_neighbour(node.log, node.url)

            async def connected() -> bool:
                link = other.node.sync.link_to(node.log_id)
                return link is not None and link.reconciled

            await until(connected, "the two are connected")
            running.send_signal(number)
            _, errors = await running.communicate()

        assert running.returncode == 0
        assert b"Traceback" not in errors
        assert "code=going_away" in other.log_lines.getvalue()
        await node.start()
        await node.stop()


async def test_a_node_on_postgresql_syncs_like_any_other(
    tmp_path: Path, postgresql_url: str
) -> None:
    """One node on PostgreSQL and one on SQLite end up with equal logs and equal pages."""
    large = TestNode(tmp_path / "large", "9101", "Storstad", database_url=postgresql_url)
    async with nodes(tmp_path, "Exempelby") as (small,):
        await large.start()
        try:
            await small.befriend(large)
            for number in range(10):
                await small.publish(f"Exempel: liten {number}")
                await large.publish(f"Exempel: stor {number}")
            await until_equal([small, large])
        finally:
            await large.stop()


async def test_a_database_of_another_node_is_refused(tmp_path: Path, postgresql_url: str) -> None:
    """A data folder beside the wrong database is found out before anything is signed."""
    one = await TestNode(tmp_path, "9001", "Exempelby", database_url=postgresql_url).create()
    other = await TestNode(tmp_path, "9002", "Provstad").create()
    mixed = TestNode(tmp_path, "9002", "Provstad", database_url=postgresql_url)
    mixed.created = other.created

    with pytest.raises(LogMismatchError):
        await mixed.start()
    await one.start()
    await one.stop()
