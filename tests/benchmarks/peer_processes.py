"""The peers Tidan is measured against, each in processes of its own; see peers/*.js.

They come from npm, pinned in peers/package-lock.json, and are installed by `make bench-peers`.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.processes import ROOT, Worker, listening, process
from tests.free_ports import free_port

SCRIPTS = Path(__file__).parent / "peers"
MODULES = ROOT / ".peers" / "node_modules"


@dataclass(frozen=True, slots=True)
class Peer:
    """One of the others: its script, and what its receiver checks and keeps."""

    name: str
    script: str
    note: str
    live: bool = False


HYPERCORE = Peer(
    "hypercore",
    "hypercore_peer.js",
    "verified: a Merkle proof of each block, the author's signed head; "
    "kept: written to RocksDB, no fsync",
    live=True,
)
SSB = Peer(
    "ssb-db2",
    "ssb_peer.js",
    "verified: every signature, links; kept: written to its log and fsynced",
)
PEERS = (HYPERCORE, SSB)


def peer_versions() -> dict[str, str]:
    """Which Node.js and which packages are measured, as installed."""
    node = subprocess.run(("node", "--version"), capture_output=True, text=True, check=True)
    wanted = json.loads((SCRIPTS / "package.json").read_text("utf-8"))["dependencies"]
    return {"Node.js": node.stdout.strip()} | {
        name: json.loads((MODULES / name / "package.json").read_text("utf-8"))["version"]
        for name in wanted
    }


@asynccontextmanager
async def peer_process(peer: Peer, folder: Path) -> AsyncIterator[Worker]:
    """A peer with its data in ``folder``."""
    node = shutil.which("node")
    if node is None or not MODULES.is_dir():
        raise RuntimeError("Node.js or the peers are missing; run `make bench-peers`")
    await asyncio.to_thread(folder.mkdir, parents=True)
    command = (node, str(SCRIPTS / peer.script), str(folder), str(free_port()))
    async with process(*command, environment={"NODE_PATH": str(MODULES)}) as running:
        worker = Worker(running)
        async with listening(worker):
            yield worker
