"""What the container is held to, and what was measured of it."""

from __future__ import annotations

import os
import statistics
from dataclasses import dataclass, field
from typing import NamedTuple

from tests.proof_results import Line, keep

SIZE_MB_MAX = 200
START_SECONDS_MAX = 2
START = "`podman run` until `/readyz` answers 200, median"
BUSY = "processor time of the node until then, median"


class Start(NamedTuple):
    """From `podman run` until `/readyz` answers 200, and what the node's process did of it."""

    seconds: float
    processor_seconds: float


@dataclass(slots=True)
class Figures:
    """Filled by the tests; ``shown`` holds what held, in words."""

    size_bytes: int = 0
    packed_bytes: int = 0
    parts: int = 0
    starts: list[Start] = field(default_factory=list)
    load: float = 0
    shown: list[str] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """The figures that were measured."""
        found = []
        if self.size_bytes:
            size = f"{self.size_bytes / 1e6:.0f} MB, {self.packed_bytes / 1e6:.0f} MB compressed"
            found.append(Line("image, all layers", size, f"at most {SIZE_MB_MAX} MB"))
        if self.starts:
            seconds, processor_seconds = zip(*self.starts, strict=True)
            held = f"at most {START_SECONDS_MAX} s"
            found += [
                Line(START, f"{statistics.median(seconds):.2f} s, best {min(seconds):.2f} s", held),
                Line(BUSY, f"{statistics.median(processor_seconds):.2f} s"),
            ]
        if self.parts:
            found.append(Line("parts in its bill of materials (CycloneDX 1.6)", str(self.parts)))
        return found

    def table(self) -> str:
        """The figures for a terminal."""
        return "\n".join(
            f"{line.figure}: {line.measured}{line.at_least and f' ({line.at_least})'}"
            for line in self.lines()
        )

    def keep(self) -> None:
        """Write docs/results/container.json; all must have been measured."""
        assert len(self.lines()) == 4, "only part of the tests ran"
        keep(
            "container",
            title="The container",
            command="make container ARGS=--keep",
            lines=self.lines(),
            notes=[
                *self.shown,
                (
                    f"{len(self.starts)} starts, each a new container on one node's volume, on"
                    f" {os.cpu_count()} cores under a load of {self.load:.0f}."
                ),
            ],
        )
