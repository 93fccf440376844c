"""`python -m node` is the same command as `tidan`."""

from __future__ import annotations

from node.cli.root import main

if __name__ == "__main__":
    main(prog_name="tidan")
