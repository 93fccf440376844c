"""How far two neighbours are behind each other, from what one of them has told; pure arithmetic."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from protocol.directory import Directory, Standing


class Lag(NamedTuple):
    """Entries missing on each side.

    ``behind_in``: of accepted logs, held by the neighbour and not by us; what is beyond the quota
    of a log is not missed. ``behind_out``: of our own
    log and of logs the neighbour holds, not held by it; which others it takes is its own choice
    and no lag.
    """

    behind_in: int
    behind_out: int


def lag(directory: Directory, heads: Mapping[bytes, int]) -> Lag:
    """Compare what is held here with a neighbour's newest sequence numbers by log.

    Costs one look at each log of either side.
    """
    behind_in = sum(
        max(0, min(sequence, directory.takes_through(log)) - directory.sequence(log))
        for log, sequence in heads.items()
        if sequence > directory.sequence(log) and directory.accepts(log)
    )
    behind_out = 0
    for item in directory.items():
        told = heads.get(item.log, 0)
        if item.sequence > told and (told or _is_own(directory, item.log)):
            behind_out += item.sequence - told
    return Lag(behind_in, behind_out)


def _is_own(directory: Directory, log: bytes) -> bool:
    view = directory.get(log)
    return view is not None and view.standing is Standing.OWN
