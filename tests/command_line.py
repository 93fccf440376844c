"""The command `tidan` as typed, run in the test's own process."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from node.cli.root import main


def run(*arguments: str | Path, **environment: str) -> Result:
    """Run a command in this process, as typed."""
    return CliRunner(env=environment).invoke(main, [str(part) for part in arguments])


def document(*arguments: str | Path) -> Any:
    """What a command that must succeed prints with --json."""
    result = run("--json", *arguments)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)
