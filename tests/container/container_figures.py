"""What the container is held to, and what was measured of it."""

from __future__ import annotations

import statistics
from dataclasses import dataclass, field

from tests.proof_results import Line, keep

SIZE_MB_MAX = 200
START_SECONDS_MAX = 2


@dataclass(slots=True)
class Figures:
    """Filled by the tests; ``shown`` holds what held, in words."""

    size_bytes: int = 0
    packed_bytes: int = 0
    parts: int = 0
    start_seconds: list[float] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)

    def lines(self) -> list[Line]:
        """The figures that were measured."""
        found = []
        if self.size_bytes:
            size = f"{self.size_bytes / 1e6:.0f} MB, {self.packed_bytes / 1e6:.0f} MB compressed"
            found.append(Line("image, all layers", size, f"at most {SIZE_MB_MAX} MB"))
        if self.start_seconds:
            middle, slowest = statistics.median(self.start_seconds), max(self.start_seconds)
            start = f"{middle:.2f} s, slowest of {len(self.start_seconds)} {slowest:.2f} s"
            held = f"at most {START_SECONDS_MAX} s"
            found.append(Line("`podman run` until `/readyz` answers 200, median", start, held))
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
        assert len(self.lines()) == 3, "only part of the tests ran"
        keep(
            "container",
            title="The container",
            command="make container ARGS=--keep",
            lines=self.lines(),
            notes=self.shown,
        )
