"""A whole machine put back from an old copy, guard and database together: nothing on it knows that
it is old, but its neighbours do, and they are asked before anything is signed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from node.errors import RecoveringError
from node.process.asking import run_verb
from node_factories import TestNode, example_record, nodes, until, until_equal


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

        async def published() -> bool:
            try:
                await ours.publish("Exempel: efter återläsningen")
            except RecoveringError:
                return False
            return True

        await until(published, "the log was back and the entry signed")
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
