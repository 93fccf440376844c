"""What an administrator has ended stays ended: removed neighbours, introductions taken back."""

from __future__ import annotations

from pathlib import Path

import pytest

from factories import LogMaker
from node.errors import ArgumentError
from node_factories import TestNode, nodes, until, until_equal
from protocol.content import Introduction
from protocol.directory import Standing
from web_site import open_site, write


async def test_a_removed_neighbour_never_comes_back(tmp_path: Path) -> None:
    """Neither introductions, nor auto-k, nor its own calls, nor a restart add it again."""
    async with nodes(
        tmp_path, "Skara kommun", "Hjo kommun", "Tibro kommun", introductions="auto-1"
    ) as (skara, hjo, tibro):
        await skara.befriend(hjo)
        await skara.befriend(tibro)
        await tibro.befriend(hjo)
        await until_equal([skara, hjo, tibro])
        await skara.node.acting("anna").remove_neighbour(hjo.log, "de har bytt server")
        await hjo.publish("Exempel: efter avskedet")
        await until_equal([skara, hjo, tibro])
        await skara.node.introductions.review()
        await skara.stop()
        await skara.start()
        await until_equal([skara, hjo, tibro])
        await skara.node.introductions.review()

        async def knocks() -> bool:
            return bool(await skara.node.operations.knocks())

        await hjo.node.operations.add_neighbour(skara.log, skara.url)
        await until(knocks, "Hjo knocked")
        (knock,) = await skara.node.operations.knocks()
        names = [item.name for item in await skara.node.operations.neighbours()]
        rows = await skara.node.audit.newest(20)

    assert names == ["Tibro kommun"]
    assert knock.removed_ms is not None
    assert ("anna", "de har bytt server") in {(row.actor, row.detail) for row in rows}


async def test_a_removed_member_that_was_ignored_stays_ignored(tmp_path: Path) -> None:
    """What a person refused is not accepted because others introduce it."""
    async with open_site(tmp_path, introductions="auto-1") as site:
        node = site.served.node
        hjo, tibro = LogMaker(2, code="1497", name="Hjo kommun"), LogMaker(3, code="1472")
        await node.operations.add_neighbour(tibro.log.hex())
        await node.operations.add_neighbour(hjo.log.hex())
        await node.operations.remove_neighbour(hjo.log.hex())
        await node.operations.decide_member("ignore", hjo.log.hex())
        said = Introduction(log=hjo.log.hex(), code="1497", name="Hjo kommun")
        write(tibro, "introduction", said)
        await site.receive(tibro)
        await node.introductions.review()
        view = node.directory.get(hjo.log)

    assert view is not None
    assert view.standing is Standing.IGNORED
    assert hjo.log not in node.directory.neighbours


async def test_an_introduction_is_taken_back_for_all(tmp_path: Path) -> None:
    """The reason is published, others see it, and only adding the neighbour anew says it again."""
    async with nodes(tmp_path, "Skara kommun", "Hjo kommun", "Tibro kommun") as towns:
        skara, hjo, tibro = towns
        await skara.befriend(hjo)
        await skara.befriend(tibro)
        await until_introduced(skara, hjo)
        with pytest.raises(ArgumentError):
            await skara.node.operations.withdraw_introduction(hjo.log, " ")
        await skara.node.acting("anna").withdraw_introduction(hjo.log[:10], "ny server kommer")
        await skara.node.introductions.review()
        after = await skara.node.operations.own_introductions()

        async def forgotten() -> bool:
            await tibro.node.projector.settled()
            said = await tibro.node.introductions.introducers()
            return skara.log_id not in said.get(hjo.log_id, ())

        await until(forgotten, "Tibro saw that it was taken back")
        row = (await skara.node.audit.newest(1))[0]
        await skara.node.operations.add_neighbour(hjo.log, hjo.url)  # still a neighbour
        await skara.node.introductions.review()
        unchanged = await skara.node.operations.own_introductions()
        await skara.node.operations.remove_neighbour(hjo.log)
        await skara.node.operations.add_neighbour(hjo.log, hjo.url)
        await until_introduced(skara, hjo)

    assert [item.log for item in after] == [item.log for item in unchanged] == [tibro.log]
    assert (row.actor, row.action, row.detail) == (
        "anna",
        "introduction withdraw",
        "ny server kommer",
    )
    assert row.subject == hjo.log


async def until_introduced(one: TestNode, other: TestNode) -> None:
    """Wait until one has introduced the other."""

    async def said() -> bool:
        await one.node.introductions.review()
        found = await one.node.operations.own_introductions()
        return other.log in {item.log for item in found}

    await until(said, "the introduction was published")
