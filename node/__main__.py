"""What `tidan` and `python -m node` run."""

from __future__ import annotations

import gc

THRESHOLDS = (100_000, 50, 100)
"""What importing makes stays. With Python's own thresholds a tenth of a start is looking through it
for cycles, again and again."""


def main() -> None:
    """Carry out the command that was typed."""
    gc.set_threshold(*THRESHOLDS)
    from node.cli.root import main as commands  # noqa: PLC0415  # what this is about

    commands(prog_name="tidan")


if __name__ == "__main__":
    main()
