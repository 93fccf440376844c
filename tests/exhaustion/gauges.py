"""What a process takes of the machine, as the kernel tells it."""

from __future__ import annotations

import os
from pathlib import Path

from tests.benchmarks.processes import NodeProcess

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def resident_bytes(node: NodeProcess) -> int:
    """Memory of a node's process now."""
    pages = Path(f"/proc/{node.pid}/statm").read_text("ascii").split()[1]
    return int(pages) * PAGE_BYTES


def cpu_seconds(node: NodeProcess) -> float:
    """Processor time that a node's process has had."""
    words = Path(f"/proc/{node.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(words[11]) + int(words[12])) / TICKS_PER_SECOND


def disk_bytes(folder: Path) -> int:
    """What a node's folder takes; a file that goes away meanwhile takes nothing."""
    total = 0
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total
