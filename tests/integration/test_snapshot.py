"""A whole machine put back from an old copy, guard and database together: nothing on it knows that
it is old, but its neighbours do, and they are asked before anything is signed."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

import aiohttp
import pytest

from node.errors import NotAllHeardError, RecoveringError, StoppingError
from node.ground.last_run import LAST_RUN, OFF_SECONDS_MAX
from node.process.asking import run_verb
from node_factories import TestNode, example_record, nodes, signs, until, until_equal
from storage.account_views import Role
from web_site import Site


async def put_back(ours: TestNode, neighbour: TestNode) -> int:
    """Publish what the neighbour gets, and put the whole folder back as it was before; it is
    stopped then. Returns how far the neighbour has our log."""
    await until_equal([ours, neighbour])
    await ours.stop()
    copy = ours.folder.with_name("kopia")
    shutil.copytree(ours.folder, copy)
    await ours.start()
    await ours.publish("Exempel: efter kopian")
    await until_equal([ours, neighbour])
    held = await neighbour.head(ours.log_id)
    await ours.stop()
    shutil.rmtree(ours.folder)
    copy.rename(ours.folder)
    return held


async def test_what_is_published_at_once_comes_after_what_the_neighbour_has(
    tmp_path: Path,
) -> None:
    """Somebody publishes before any neighbour has been reached: nothing is signed at a number that
    was used, and in the end both have everything and no log is frozen."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await ours.publish("Exempel: före kopian")
        held = await put_back(ours, neighbour)
        await ours.start()
        assert ours.node.recovery.reason is None, "the folder agrees with itself"
        assert await ours.head(ours.log_id) < held

        await until(lambda: signs(ours), "the log was back and the entry signed")
        await until_equal([ours, neighbour])

        assert await neighbour.head(ours.log_id) == held + 1
        for node in (ours, neighbour):
            assert not any(view.frozen for view in node.node.directory.views())


async def test_a_command_on_a_stopped_node_asks_as_well(tmp_path: Path) -> None:
    """`tidan publish` opens a node that does not serve: it calls the neighbours before it
    signs, and then does not."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.befriend(neighbour)
        await ours.publish("Exempel: före kopian")
        held = await put_back(ours, neighbour)
        record = example_record("Exempel: med kommandot")

        with pytest.raises(RecoveringError, match="a neighbour has more of our log"):
            await run_verb(ours.settings, "publish", kind="experience", content=record)

        await ours.start()
        await until_equal([ours, neighbour])
        await ours.publish("Exempel: efter återläsningen")
        await until_equal([ours, neighbour])
        assert await neighbour.head(ours.log_id) == held + 1
        assert not any(view.frozen for view in neighbour.node.directory.views())


async def be_off(node: TestNode, off_seconds: int) -> None:
    """Stop it, as if it had been that long ago."""
    stopped_ms = node.node.clock.time_ms() - off_seconds * 1000
    await node.node.chores.settled()
    await node.node.facts.put(LAST_RUN, str(stopped_ms))
    await node.stop()


async def put_back_and_cut_off(ours: TestNode, neighbour: TestNode) -> int:
    """Our old folder is back, and the only neighbour that has the rest is away."""
    await ours.befriend(neighbour)
    await ours.publish("Exempel: före kopian")
    held = await put_back(ours, neighbour)
    await ours.start_alone()  # to make the copy look as old as it is
    await be_off(ours, 3_600)
    await neighbour.stop()
    await ours.start()
    return held


async def test_an_old_copy_that_reaches_nobody_signs_nothing(tmp_path: Path) -> None:
    """However long it waits, and also after another restart; pages and command name whom it waits
    for. When the neighbour is back it signs after what that one has, and no log forks."""
    async with nodes(tmp_path, "Exempelby", "Provstad", ask_neighbours_seconds=1) as both:
        ours, neighbour = both
        held = await put_back_and_cut_off(ours, neighbour)

        for _ in range(2):
            with pytest.raises(NotAllHeardError):
                await ours.publish("Exempel: utan svar")
            await ours.stop()
            await ours.start()
        await until(lambda: waits_for(ours, "Provstad"), "it was told who has not answered")
        async with aiohttp.ClientSession() as session:
            visitor = await Site(ours, session).signed_in(Role.FEDERATION_ADMIN)
            page, form, keys = [
                await visitor.get(path) for path in ("/grannar", "/skriv", "/aterstallning")
            ]
        for shown in (page, keys):
            assert "Inget publiceras förrän alla grannar har svarat" in shown.text
        assert re.search(r"Svar saknas från\s*<a [^>]*>Provstad</a>\.", page.text)
        assert "servern har varit avstängd länge" in form.text

        await neighbour.start()
        await until(lambda: signs(ours), "the log was back and the entry signed")
        await until_equal([ours, neighbour])
        assert await neighbour.head(ours.log_id) == held + 1
        assert not any(view.frozen for view in neighbour.node.directory.views())


async def waits_for(node: TestNode, *names: str) -> bool:
    """Whether the node says that it waits for these neighbours."""
    waits = (await node.node.operations.status()).waits_for
    return tuple(one.name for one in waits) == names


async def test_a_person_may_pause_whom_nobody_reaches(tmp_path: Path) -> None:
    """A node that was off for long, and is no copy: whom it pauses it does not wait for."""
    async with nodes(tmp_path, "Exempelby", "Provstad", ask_neighbours_seconds=1) as both:
        ours, neighbour = both
        await ours.befriend(neighbour)
        await until_equal(both)
        await be_off(ours, OFF_SECONDS_MAX + 60)
        await neighbour.stop()
        await ours.start()
        with pytest.raises(NotAllHeardError):
            await ours.publish("Exempel: före pausen")

        await ours.node.operations.pause_neighbour(neighbour.log)

        await ours.publish("Exempel: efter pausen")


async def test_a_restart_waits_for_nobody_in_the_end(tmp_path: Path) -> None:
    """A node that is cut off and is started again goes on working: minutes make no copy."""
    async with nodes(tmp_path, "Exempelby", "Provstad", ask_neighbours_seconds=1) as both:
        ours, neighbour = both
        await ours.befriend(neighbour)
        await until_equal(both)
        await neighbour.stop()
        await be_off(ours, OFF_SECONDS_MAX - 60)

        await ours.start()

        await ours.publish("Exempel: ensam")


async def test_whoever_does_not_take_our_calls_is_not_waited_for(tmp_path: Path) -> None:
    """A neighbour that has not approved us yet, or has removed us, gives us nothing."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, neighbour):
        await ours.node.operations.add_neighbour(neighbour.log, neighbour.url)
        await be_off(ours, OFF_SECONDS_MAX + 60)

        await ours.start()

        await ours.publish("Exempel: innan de har godkänt oss")


async def test_a_node_that_waits_for_its_neighbours_stops_when_told_to(tmp_path: Path) -> None:
    """What waits to be signed, a person's or the node's own, is given up: it was not stored, and
    whoever asked is told."""
    names = ("Exempelby", "Provstad", "Testhem")
    async with nodes(tmp_path, *names, ask_neighbours_seconds=300) as (ours, away, new):
        await ours.befriend(away)
        await ours.publish("Exempel: före omstarten")
        await until_equal([ours, away])
        await away.stop()
        await ours.stop()
        await ours.start()
        await ours.befriend(new)
        await until(lambda: knows(ours, new), "it had the log that it is to introduce")
        asked = asyncio.create_task(ours.publish("Exempel: medan den väntar"))
        await asyncio.sleep(0)  # it has begun then

        async with asyncio.timeout(60):
            await ours.stop()

        with pytest.raises(StoppingError):
            await asked


async def knows(node: TestNode, other: TestNode) -> bool:
    """Whether it has something of the other's log."""
    return await node.head(other.log_id) > 0
