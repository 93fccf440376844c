"""What a batch of seeds must have shown: what never happens tests nothing.

Names are those under which a world counts (`World.count`) and the oracle's invariants.
"""

from __future__ import annotations

from collections.abc import Mapping

from simulation.effects_model import MESSAGE_NAMES
from simulation.faults import NETWORK_AND_NODE_FAULTS
from simulation.hostile import HOSTILITIES
from simulation.invariants import Invariant
from simulation.plans import GRAPHS
from simulation.workload import WORK

GATE_SEEDS = 200
"""From so many seeds on, something that never fired fails the run."""
CONSEQUENCES = (
    "cloned_machine",
    "invited_neighbour",
    "lost_unsynced_writes",
    "restored_without_guard",
)
"""What faults lead to, counted apart because it could fail to come about."""
IN_DRILLS_ONLY = frozenset({Invariant.I14})

FAULTS = (*NETWORK_AND_NODE_FAULTS, *CONSEQUENCES)
MESSAGES = tuple(f"message {name}" for name in MESSAGE_NAMES if name)
REST = (*(f"graph {name}" for name in GRAPHS), *(f"work {name}" for name in WORK))
CHECKS = tuple(item.name for item in Invariant if item not in IN_DRILLS_ONLY)
EXPECTED = (*FAULTS, *HOSTILITIES, *MESSAGES, *REST)


def never(fired: Mapping[str, int], checked: Mapping[str, int]) -> list[str]:
    """Return the names of what has not happened and of invariants that were not checked."""
    idle = [name for name in EXPECTED if not fired.get(name)]
    return idle + [name for name in CHECKS if not checked.get(name)]


def shares(fired: Mapping[str, int]) -> str:
    """Return how many of each kind have happened, for a table."""

    def share(names: tuple[str, ...]) -> str:
        return f"{sum(bool(fired.get(name)) for name in names)} of {len(names)}"

    return " · ".join(map(share, (FAULTS, HOSTILITIES, MESSAGES)))
