"""A first sync tells how far it is, at the command line and on pages, and goes on after a stop."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import aiohttp
from click.testing import CliRunner

from half_way import ENTRIES, LOGS, half_way
from node.cli.root import main
from node_factories import TestNode
from storage.account_views import Role
from web_site import Site, assert_sound


async def typed(served: TestNode, *arguments: str) -> str:
    """What a command that must succeed prints, typed beside the running node."""
    line = [*arguments, "--data", str(served.folder)]
    result = await asyncio.to_thread(CliRunner().invoke, main, line)
    assert result.exit_code == 0, result.output
    return result.stdout


async def progress_of(served: TestNode) -> dict[str, Any]:
    """The node's own figures."""
    progress: dict[str, Any] = json.loads(await typed(served, "sync", "--once", "--json"))
    return progress


async def test_a_sync_that_was_cut_short_goes_on_from_where_it_was(tmp_path: Path) -> None:
    """Stopped half-way and started again, the bar begins where it ended and reaches the end."""
    async with half_way(tmp_path) as pair:
        before = await progress_of(pair.fetching)
        await pair.fetching.stop()
        await pair.fetching.start()
        resumed = await progress_of(pair.fetching)
        pair.relay.let_go()
        at_end = json.loads(await typed(pair.fetching, "sync", "--json"))

        assert before["received_bytes"] > 0
        assert before["fetched"]["total"] >= LOGS * ENTRIES
        assert before["fetched"]["done"] < before["fetched"]["total"]
        assert resumed["fetched"]["done"] >= before["fetched"]["done"]
        assert at_end["settled"]
        assert at_end["fetched"]["done"] == at_end["fetched"]["total"] >= LOGS * ENTRIES
        assert at_end["shown"]["done"] == at_end["fetched"]["total"]


async def test_the_command_line_says_how_far_it_is(tmp_path: Path) -> None:
    """Where nobody watches, lines tell of entries and bytes; the last one that all is here."""
    async with half_way(tmp_path) as pair:
        once = await typed(pair.fetching, "sync", "--once")
        watching = asyncio.create_task(typed(pair.fetching, "sync"))
        await asyncio.sleep(0)
        pair.relay.let_go()
        watched = await watching

        assert once.startswith("Fetching: ")
        assert "kB" in once
        assert "1 of 1 neighbours in contact." in once
        assert "neighbours in contact have no more." in watched


async def test_pages_say_how_far_it_is_while_much_is_on_its_way(tmp_path: Path) -> None:
    """Start page and neighbours show a labelled bar, and nothing once all is here."""
    async with half_way(tmp_path) as pair, aiohttp.ClientSession() as session:
        site = await Site(pair.fetching, session).signed_in(Role.READER)
        for path in ("/", "/grannar"):
            page = await site.get(path)
            assert_sound(page)
            assert '<label for="hamtning">Hämtar: ' in page.text
            assert '<progress id="hamtning" value="' in page.text
        assert "<progress" in (await site.get("/grannar/hamtning")).text

        pair.relay.let_go()
        await typed(pair.fetching, "sync")

        assert "<progress" not in (await site.get("/")).text
        over = await site.get("/grannar/hamtning")
        assert "Allt från grannarna är hämtat" in over.text
        assert "data-over" in over.text


async def test_without_a_running_node_there_is_nothing_to_watch(tmp_path: Path) -> None:
    """The command says so, and what to do."""
    served = await TestNode(tmp_path, "1498", "Tidaholms kommun").create()
    result = await asyncio.to_thread(
        CliRunner().invoke, main, ["sync", "--data", str(served.folder)]
    )

    assert result.exit_code == 1
    assert "No node runs" in result.stderr
    assert "tidan serve" in result.stderr


async def test_without_neighbours_the_watching_ends_at_once(tmp_path: Path) -> None:
    """Nothing will ever come, so the command says how to add a neighbour."""
    served = await TestNode(tmp_path, "1498", "Tidaholms kommun").start()
    try:
        assert "tidan peer invite" in await typed(served, "sync")
    finally:
        await served.stop()


async def test_a_rebuild_is_watched_beside_a_running_node(tmp_path: Path) -> None:
    """The result is the same as ever, whether or not there was time for a bar."""
    served = await TestNode(tmp_path, "1498", "Tidaholms kommun").start()
    try:
        await served.publish("Exempel: ett")
        rebuilt = json.loads(await typed(served, "rebuild", "--json"))
        assert rebuilt["entries"] == await served.head(served.log_id)
        assert rebuilt["projection_digest"] == await served.digest()
    finally:
        await served.stop()
