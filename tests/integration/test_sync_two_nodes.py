"""Two real nodes with real sockets and databases keep each other's logs."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from node.errors import ServeError
from node_factories import TestNode, nodes, until, until_equal
from tests.free_ports import free_port


async def test_a_record_travels_to_a_neighbour(tmp_path: Path) -> None:
    """What one municipality publishes shows on its neighbour's node, from the right sender."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        record = await ours.publish("Exempel: nattillsyn med kamera")
        await until_equal([ours, theirs])

        found = await theirs.node.queries.record(bytes.fromhex(record))

        assert found is not None
        assert (found.row.log, found.row.municipality) == (ours.log_id, "Exempelby")


async def test_records_travel_both_ways_whoever_dialled(tmp_path: Path) -> None:
    """One outbound connection is enough for entries in both directions."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (dialling, answering):
        await dialling.befriend(answering)
        for number in range(30):
            await dialling.publish(f"Exempel: utåt {number}")
            await answering.publish(f"Exempel: inåt {number}")

        await until_equal([dialling, answering])

        counts = await dialling.node.queries.counts()
        assert counts.records == 60


async def test_two_nodes_that_dial_each_other_keep_one_session(tmp_path: Path) -> None:
    """When both have the other's address, one connection remains and everything arrives."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (one, other):
        await one.node.operations.add_neighbour(other.log, other.url)
        await other.node.operations.add_neighbour(one.log, one.url)
        await one.publish("Exempel: ett")
        await other.publish("Exempel: två")

        await until_equal([one, other])

        async def one_link() -> bool:
            return one.node.sync.link_count == other.node.sync.link_count == 1

        await until(one_link, "one session is left")


async def test_a_restart_continues_where_it_stopped(tmp_path: Path) -> None:
    """After a restart the neighbour is dialled by itself and gets only what is new."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        await ours.publish("Exempel: före")
        await until_equal([ours, theirs])

        await ours.stop()
        await theirs.publish("Exempel: medan grannen var borta")
        await ours.start()

        await until_equal([ours, theirs])


async def test_adding_a_neighbour_introduces_it(tmp_path: Path) -> None:
    """Its first entry's name and kommunkod stand in a signed introduction, published once."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        await until_equal([ours, theirs])

        async def introduced() -> bool:
            await ours.node.introductions.review()
            return theirs.log_id in await ours.node.introductions.introducers()

        await until(introduced, "the introduction was published")
        await ours.node.introductions.review()
        run = await ours.node.log_store.read_run(ours.log_id, 0, 100)

        statements = [
            json.loads(item.body.content)
            for item in run
            if item.body is not None and item.entry.header.kind == "introduction"
        ]
        assert [(item["log"], item["code"], item["name"], item["url"]) for item in statements] == [
            (theirs.log, theirs.code, "Provstad", theirs.url)
        ]


async def test_a_removed_neighbour_is_let_go_and_told(tmp_path: Path) -> None:
    """Removing ends the session; the log stays a member; the other side learns why it waits."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        await until_equal([ours, theirs])

        await theirs.node.operations.remove_neighbour(ours.log)

        async def told() -> bool:
            status = (await ours.node.operations.neighbours())[0]
            return status.last_error_code == "not_a_neighbour"

        await until(told, "the removed side was told")
        status = (await ours.node.operations.neighbours())[0]
        assert status.state == "Väntar på motparten"
        assert status.next_try_ms is not None
        assert theirs.node.directory.accepts(ours.log_id)


async def test_a_paused_neighbour_is_resumed(tmp_path: Path) -> None:
    """While paused nothing is exchanged; resuming brings both up to date."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        await until_equal([ours, theirs])

        paused = await ours.node.operations.pause_neighbour(theirs.log)
        await theirs.publish("Exempel: under pausen")
        await ours.node.operations.resume_neighbour(theirs.log)

        await until_equal([ours, theirs])
        assert paused.state == "Pausad här"


async def test_an_unreachable_neighbour_is_explained(tmp_path: Path) -> None:
    """An address where nothing answers is said in words, with the time of the next try."""
    async with nodes(tmp_path, "Exempelby") as (ours,):
        await ours.node.operations.add_neighbour("ab" * 32, f"http://127.0.0.1:{free_port()}")

        async def explained() -> bool:
            status = (await ours.node.operations.neighbours())[0]
            return status.last_error_code == "unreachable" and status.next_try_ms is not None

        await until(explained, "the failure was explained")
        status = (await ours.node.operations.neighbours())[0]
        assert status.state == "Ingen kontakt"
        assert status.cause == "Ingenting svarar på adressen."


async def test_another_node_at_the_address_is_explained(tmp_path: Path) -> None:
    """Who answers as someone else is told as a wrong key, not as a neighbour out of reach."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.node.operations.add_neighbour("ab" * 32, theirs.url)

        async def explained() -> bool:
            (status,) = await ours.node.operations.neighbours()
            return (status.state, status.last_error_code) == ("Fel nyckel", "wrong_neighbour")

        await until(explained, "the status says that someone else answered")


async def test_a_redirect_is_never_followed(tmp_path: Path) -> None:
    """An address that redirects to a real neighbour is refused, cookies and all."""
    asked: list[str] = []

    async def redirect(request: web.Request) -> web.StreamResponse:
        asked.append(request.headers.get("Cookie", ""))
        response = web.HTTPFound(location=f"{theirs.url}/sync/v1")
        response.set_cookie("follow", "me")
        raise response

    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await theirs.node.operations.add_neighbour(ours.log)
        application = web.Application()
        application.router.add_get("/sync/v1", redirect)
        async with TestServer(application) as server:
            await ours.node.operations.add_neighbour(theirs.log, str(server.make_url("/")))

            async def asked_twice() -> bool:
                ours.node.dialer.try_now(theirs.log_id)
                return len(asked) >= 2

            await until(asked_twice, "the address was dialled again")

        assert set(asked) == {""}
        assert theirs.node.sync.link_count == 0


async def test_held_by_neighbours_is_counted(tmp_path: Path) -> None:
    """An entry counts as held by a neighbour once that neighbour says it has stored it."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.publish("Exempel: ensam")
        alone = await ours.node.operations.holders(2)
        await ours.befriend(theirs)

        async def held() -> bool:
            return await ours.node.operations.holders(2) == 1

        await until(held, "the neighbour acknowledged the entry")
        assert alone == 0


async def test_health_is_told_without_secrets(tmp_path: Path) -> None:
    """`/healthz` and `/readyz` answer 200 on a healthy node, also while it recovers."""
    async with nodes(tmp_path, "Exempelby") as (ours,), aiohttp.ClientSession() as session:
        async with session.get(f"{ours.url}/healthz") as health:
            alive = await health.json()
        async with session.get(f"{ours.url}/readyz") as ready:
            document = await ready.json()

    assert (health.status, alive) == (200, {"status": "ok"})
    assert (ready.status, document["status"], document["recovering"]) == (200, "ready", False)


async def test_a_taken_port_is_said_in_words(tmp_path: Path) -> None:
    """A node that cannot listen says so, and lets its folder go again."""
    async with nodes(tmp_path, "Exempelby") as (ours,):
        other = TestNode(tmp_path / "other", "9009", "Provstad")
        other.port = ours.port
        with pytest.raises(ServeError, match="Cannot listen"):
            await other.start()
        other.port = free_port()
        await other.start()
        await other.stop()


async def test_a_stopping_node_takes_no_new_session(tmp_path: Path) -> None:
    """A neighbour that dials again at once while a node stops is turned away."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        await until_equal([ours, theirs])

        await ours.node.sync.stop()

        async with aiohttp.ClientSession() as session:
            answer = await session.get(f"{ours.url}/sync/v1")
        assert answer.status == 503
        assert ours.node.sync.link_count == 0
