"""What a planted bug is."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest

from simulation.scenario import run_seed
from simulation.small_world import SmallWorld

Plant = Callable[[pytest.MonkeyPatch], None]


class Bug(NamedTuple):
    """One function that breaks one rule of the real code, and the world that must notice.

    Federations at random unless the rule is one that they ask about too seldom, or never.
    """

    plant: Plant
    world: SmallWorld = run_seed

    @property
    def name(self) -> str:
        """What the broken code does, in words."""
        return self.plant.__name__.replace("_", " ")

    @property
    def world_name(self) -> str:
        """Where it is looked for, in words."""
        name = self.world.__name__.replace("_", " ")
        return "federations" if self.world is run_seed else name
