"""What `tidan` and `python -m node` run."""

from __future__ import annotations

import gc

THRESHOLDS = (100_000, 50, 100)
"""For what is loaded later. With Python's own a tenth of a start is looking through it for cycles,
again and again."""


def main() -> None:
    """Carry out the command that was typed."""
    gc.disable()
    from node.cli.root import main as commands  # noqa: PLC0415  # what this is about

    gc.freeze()  # what importing makes stays: nobody need ever look through it
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
    commands(prog_name="tidan")


if __name__ == "__main__":
    main()
