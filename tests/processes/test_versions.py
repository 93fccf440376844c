"""Two versions of the program side by side, and the way from the earlier one to this one.

`make processes` does the same with more versions.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.processes.old_program import WITHOUT_INVITES, HistoryError, taken_out
from tests.processes.started import started
from tests.processes.versions import Between, side_by_side, upgrading


async def test_an_earlier_version_carries_what_it_cannot_read_and_comes_up_to_this_one(
    tmp_path: Path,
) -> None:
    """Between two nodes of this version an earlier one takes, keeps and passes on all of both,
    kinds it has never heard of and a file included, and shows its pages; then this version opens
    its folder, holds all it held, shows what the others show, and signs on."""
    with taken_out(WITHOUT_INVITES.commit) as program:
        async with started(Between(tmp_path, program)) as trio:
            beside = await side_by_side(trio)
            after = await upgrading(trio)

    assert beside == []
    assert after == []


def test_a_clone_without_its_history_says_what_to_do() -> None:
    """Where the earlier version is not in the clone its test fails and names the command."""
    with pytest.raises(HistoryError, match="git fetch --unshallow"), taken_out("0" * 40):
        pass
