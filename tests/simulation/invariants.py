"""What must hold, whatever happens, by the numbers of the programme of proof (docs/simulation.md).

Each check names the invariant it stands for, so a failure says which promise is broken and the
coverage gate can see that each was looked at.
"""

from __future__ import annotations

from enum import Enum


class Invariant(Enum):
    """The promises; the text is what a broken one is called."""

    I1 = "what a node acknowledged as stored is never lost, save by restoring an older copy"
    I2 = "what k others have acknowledged survives any loss of fewer than k of them"
    I3 = "every stored chain verifies from its first entry and has no gap"
    I4 = "a correct node never signs two entries at one number"
    I5 = "a fork is known to every correct node, kept as proof, and its log is frozen whole"
    I6 = "nothing is stored without a signature that the log's keys allow at that point"
    I7 = "after healing all correct nodes hold equal logs and equal projections in bounded time"
    I8 = "any order of delivery gives the same projection"
    I9 = "a hostile neighbour holds up nobody else"
    I10 = "what was refused stays refused, later, from others and after a restart"
    I11 = "no wall clock decides about order or admission"
    I12 = "what its owner has withdrawn is not shown, and nobody else can withdraw it"
    I13 = "a file is what its digest says, and a missing one blocks no log"
    I14 = "who has lost the disk gets back everything that neighbours held"
    I15 = "where nothing is new nothing is sent"


class InvariantError(AssertionError):
    """An invariant is broken; the text says which and where."""


def broken(invariant: Invariant, where: str) -> InvariantError:
    """Return the error to raise."""
    return InvariantError(f"{invariant.name} ({invariant.value}): {where}")
