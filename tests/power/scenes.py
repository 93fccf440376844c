"""Which work is recorded: a kind of work, with which journal, from which seed, with which fault.

Work other than making a node begins with nodes that were made before; they are made once.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.free_ports import free_port
from tests.power.cutting import DISKS, check_complete
from tests.power.disk_recording import ROOT, record
from tests.power.history import History
from tests.power.node_workload import FIRST, KINDS, SECOND

__all__ = ["JOURNALS", "KINDS", "Scene", "Templates", "recorded"]

JOURNALS = ("package", "own")
"""Whose SQLite is used: the package's, with a write-ahead log, or Python's own, which has a
rollback journal where its version is one that must."""
MODULE = "tests.power.recorded_node"


@dataclass(frozen=True, slots=True)
class Scene:
    """What is recorded."""

    kind: str
    journal: str
    seed: int
    planted: str = ""

    @property
    def name(self) -> str:
        """What it is counted under."""
        return f"{self.kind}, SQLite of the {self.journal}"

    @property
    def codes(self) -> tuple[str, ...]:
        """The nodes that take part."""
        return (FIRST, SECOND) if self.kind == "exchanged" else (FIRST,)


def recorded(scene: Scene, templates: Templates) -> History:
    """Have a real node do the work, and return what it asked of the disk."""
    with tempfile.TemporaryDirectory(prefix="tidan-power-", dir=DISKS) as made:
        given = {
            "folder": made,
            "kind": scene.kind,
            "seed": scene.seed,
            "planted": scene.planted,
            "ports": {code: free_port() for code in scene.codes},
            **_library(scene.journal),
            **templates.given(scene),
        }
        history = record([sys.executable, "-m", MODULE, json.dumps(given)], Path(made))
        check_complete(history, Path(made))
    return history


class Templates:
    """Nodes with some records in them, made when they are first needed."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seeds: dict[str, str] = {}

    def given(self, scene: Scene) -> dict[str, object]:
        """Which of them a scene begins with."""
        if scene.kind == "made":
            return {}
        name = f"{scene.journal}-{scene.kind}"
        place = self._folder / name
        if not place.exists():
            self._seeds[name] = self._make(place, scene)
        return {"template": str(place), "sheet_seed": self._seeds[name]}

    def _make(self, place: Path, scene: Scene) -> str:
        """Make the nodes; returns the key on the first one's sheet."""
        said: list[dict[str, str]] = []
        for number, code in enumerate(scene.codes):
            kind = "aged" if scene.kind == "migrated" else "made"
            given = {
                "folder": str(place),
                "kind": kind,
                "code": code,
                "seed": number,
                "ports": {code: free_port()},
            }
            done = subprocess.run(
                [sys.executable, "-m", MODULE, json.dumps(given | _library(scene.journal))],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                check=True,
            )
            said += map(json.loads, done.stdout.splitlines())
        return said[0]["seed"]


def _library(journal: str) -> dict[str, object]:
    return {"own_sqlite": journal == "own"}
