"""A few of what `make power-cuts` does, and that it finds a node that is careless."""

from __future__ import annotations

from random import Random

import pytest

from leaving_out import leave_out
from tests.power.cutting import cut_everywhere
from tests.power.disk_recording import MISSING, is_installed
from tests.power.judging import Judge
from tests.power.scenes import Scene, Templates, recorded
from tests.power.shared_statements import shared_statements

MOMENTS = 10


@pytest.fixture(scope="module")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """Nodes that recordings begin with; made once."""
    if not is_installed():
        leave_out(MISSING)
    return Templates(tmp_path_factory.mktemp("templates"))


async def broken(scene: Scene, templates: Templates, seed: int) -> list[str]:
    """What some power cuts, spread over a recording, have broken."""
    history = recorded(scene, templates)
    every = max(1, len(history.moments) // MOMENTS)
    random = Random(seed)
    points = cut_everywhere(history, scene.codes, Judge(), random, disks=2, every=every)
    with shared_statements():
        return [problem async for point in points for problem in point.problems]


async def is_lost(scene: Scene, templates: Templates, seed: int) -> bool:
    """Whether some moment of a recording loses what was acknowledged; tried until one does."""
    history = recorded(scene, templates)
    with shared_statements():
        async for point in cut_everywhere(history, scene.codes, Judge(), Random(seed), disks=2):
            if any("is lost" in problem for problem in point.problems):
                return True
    return False


@pytest.mark.parametrize(("kind", "journal"), [("written", "package"), ("made", "own")])
async def test_a_power_cut_loses_nothing_acknowledged(
    templates: Templates, kind: str, journal: str
) -> None:
    """Entries, attachments, drafts and accounts that were acknowledged are there, the guard agrees,
    records and search are those of the log: with a write-ahead log and with a rollback journal."""
    assert await broken(Scene(kind, journal, seed=1), templates, seed=1) == []


async def test_a_database_that_syncs_too_little_is_found(templates: Templates) -> None:
    """With `synchronous=NORMAL`, acknowledged entries are lost, and the harness sees it."""
    careless = Scene("made", "package", seed=1, planted="synchronous=NORMAL")

    assert await is_lost(careless, templates, seed=1)
