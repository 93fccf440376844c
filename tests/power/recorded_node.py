"""The process that is recorded: `python -m tests.power.recorded_node '{…}'`, told what to do."""

from __future__ import annotations

import json
import sys
from typing import Any


def main(given: dict[str, Any]) -> None:
    """Choose the SQLite before anything else is loaded, then do what was given."""
    if given.get("own_sqlite"):
        # As where the package is not to be had: Python's own, with whatever journal suits it.
        sys.modules["pysqlite3.dbapi2"] = None  # type: ignore[assignment]
    from tests.power.node_workload import Given, carry_out  # noqa: PLC0415  # chosen above

    carry_out(Given(**given))


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
