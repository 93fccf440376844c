"""All 290 municipalities: ``python -m tests.simulation.spread_run`` (`make spread`), some minutes.

Writes docs/spread.json, the plot beside the other pictures, and the tables in docs/network.md. Ends
with status 1 when a record did not reach everybody, or somebody held something wrong at the end.
``--draw`` only makes tables and plot anew from the result file.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from simulation import spread_report
from simulation.checkers import InvariantError
from simulation.memo import memoised_verification
from simulation.spread import DOWN_MS, RECORD_BYTES, Spread, play
from simulation.spread_plans import (
    BORDERS,
    BORDERS_AND_SHORTCUTS,
    SUGGESTED,
    Plan,
    everybody,
    plan,
)

RESULT = ROOT / "docs" / "spread.json"
PLOT = ROOT / "docs" / "images" / "spread.svg"
PAGE = ROOT / "docs" / "network.md"
DOWN_SHARE = 0.1
RECORDS_UP, RECORDS_DOWN = 20, 10


def figures(played: Plan, spreads: list[Spread]) -> dict[str, Any]:
    """What is kept of one network: for each share, one figure for each record."""
    shares = [float(share) for share in spread_report.SHARES]
    return {
        "name": played.name,
        "down_share": played.down_share,
        "nodes": len(played.codes),
        "links": len(played.pairs),
        "links_most": played.links_most,
        "longest_way": played.longest_way,
        "records": len(spreads),
        "hops": {str(share): [one.hops(share) for one in spreads] for share in shares},
        "ms": {str(share): [one.ms(share) for one in spreads] for share in shares},
        "sent_bytes": {str(share): [one.sent_bytes(share) for one in spreads] for share in shares},
        "up_ms": [one.up_ms for one in spreads],
        "record_bytes": [one.record_bytes for one in spreads],
        "session_bytes": [one.session_bytes for one in spreads],
        "curve_ms": [
            round(statistics.median(one.ms(percent / 100) for one in spreads))
            for percent in range(1, 101)
        ],
    }


def draw(result: dict[str, Any]) -> None:
    """Write the plot, and the tables between the marks of the page."""
    PLOT.write_text(spread_report.plot(result), "utf-8")
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(spread_report.BEGIN)
    _, _, after = rest.partition(spread_report.END)
    PAGE.write_text(before + spread_report.section(result) + after, "utf-8")


def main() -> int:
    """Play every network; returns the process's exit status."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seed", type=int, default=1, help="what decides everything (default 1)")
    parser.add_argument("--draw", action="store_true", help="only tables and plot, no simulation")
    options = parser.parse_args()
    if options.draw:
        draw(json.loads(RESULT.read_text("utf-8")))
        return 0
    os.nice(10)  # it takes minutes, and nobody waits for it
    networks = []
    for down_share, records in ((0.0, RECORDS_UP), (DOWN_SHARE, RECORDS_DOWN)):
        for name in (BORDERS, BORDERS_AND_SHORTCUTS, SUGGESTED):
            began = time.process_time()
            played = plan(name, everybody(), down_share)
            try:
                with memoised_verification():
                    networks.append(figures(played, play(played, options.seed, records)))
            except InvariantError as error:
                print(f"seed={options.seed}, {name}, {down_share:.0%} down: {error}")
                return 1
            print(f"{name}, {down_share:.0%} down: {time.process_time() - began:.0f} s", flush=True)
    result = {
        "seed": options.seed,
        "record_bytes": RECORD_BYTES,
        "down_ms": DOWN_MS,
        "networks": networks,
    }
    RESULT.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    draw(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
