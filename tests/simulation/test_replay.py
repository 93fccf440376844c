"""What the simulator finds out holds for the real node: its traces, over real sockets."""

from __future__ import annotations

from pathlib import Path

import pytest

from simulation.memo import memoised_verification
from simulation.replay import replay

SEEDS = (1, 2)


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_real_node_lives_through_a_recorded_trace(seed: int, tmp_path: Path) -> None:
    """Told the same frames in the same order, it stores the same logs, byte for byte."""
    with memoised_verification():
        replayed = await replay(seed, tmp_path)
    print(replayed)

    assert replayed.faults == []
    assert replayed.frames > 0
    assert replayed.from_frames >= 0.9 * replayed.entries
