"""Everything of one simulated federation: nodes, wires, an oracle, and who is whose neighbour."""

from __future__ import annotations

from collections import Counter
from random import Random

from factories import LogMaker
from protocol.blob_messages import Blob
from protocol.chain import verify_run
from protocol.directory import Standing
from simulation.checkers import Oracle
from simulation.fault_base import TWIN
from simulation.memo import Runs
from simulation.network import Network, Scheduler, Trace
from simulation.node_model import SimNode
from simulation.wiretap import Wiretap

HOSTILE = "Z"


class World:
    """Everything of one simulated federation."""

    def __init__(self, seed: int, *, keep_lines: bool = False) -> None:
        self.seed = seed
        self.scheduler = Scheduler()
        self.trace = Trace(self.scheduler)
        if keep_lines:
            self.trace.everything = []
        self.network = Network(self.scheduler, self.trace, self.fork_random("network"))
        self.oracle = Oracle(self.title)
        self.nodes: dict[str, SimNode] = {}
        self.edges: list[tuple[str, str]] = []
        self.fired: Counter[str] = Counter()
        self.disk_slowness = 1.0
        self.files: dict[Blob, bytes] = {}
        self.wiretap = Wiretap()
        self.runs = Runs()
        self.removals = 0
        self.removals_open: set[tuple[str, str]] = set()
        self.asks_first = False
        """Whether a node asks its neighbours before it signs after a start. Federations at random
        leave it out: it would hide from them what else goes wrong with a guard."""
        self.relied_on: set[str] = set()
        """Nodes that must lose nothing more: a guard was lost, and only they know."""
        self.stranger = LogMaker(99, code="0001", name="Okänd kommun")
        self.stranger.extend(3)
        self._titles: dict[bytes, str] = {self.stranger.log: "log stranger"}

    def fork_random(self, purpose: str) -> Random:
        """Return a source of randomness of its own for one purpose."""
        return Random(f"{self.seed}/{purpose}")

    def count(self, name: str) -> None:
        """Take note that something happened."""
        self.fired[name] += 1

    def title(self, log: bytes) -> str:
        """Return a log's short name for people."""
        return self._titles.get(log, log.hex()[:8])

    def add(self, name: str, number: int, kind: type[SimNode] = SimNode) -> SimNode:
        """Add a municipality with a log of one entry, and its node."""
        maker = LogMaker(number, code=f"{number:04}", name=f"Kommun {name}", seed=self.seed)
        node = kind(self, name, number, maker.envelopes[0])
        self._titles[node.log] = f"log {name}"
        self._place(node)
        node.disk.write([verify_run(None, node.log, maker.envelopes)])
        node.disk.sync()
        node.disk.standings[node.log] = Standing.OWN
        node.disk.guard = (1, node.log)
        node.disk.last_run_ms = node.now_ms()
        self.oracle.written(maker.envelopes)
        self.oracle.restored(node)
        return node

    def clone(self, original: SimNode, name: str) -> SimNode:
        """Add a second machine with the same key and log, which knows of no other.

        It signs whatever it is told, as the original does from now on: so the log forks.
        """
        node = self.copy_machine(original, name)
        for twin in (original, node):
            twin.correct, twin.signs_always = False, True
        self.oracle.may_fork(original.log)
        return node

    def copy_machine(self, original: SimNode, name: str, kind: type[SimNode] = SimNode) -> SimNode:
        """Add a machine with all that another's disk holds; it keeps the rules as any other."""
        node = kind(self, name, original.number, original.disk.chains[original.log][0])
        node.disk = original.disk.copy()
        self._place(node)
        self.oracle.restored(node)
        return node

    def _place(self, node: SimNode) -> None:
        self.nodes[node.name] = node
        self.network.stations[node.name] = node

    def join(self, dialer: str, responder: str) -> None:
        """Make two nodes neighbours; the first dials the second."""
        self.edges.append((dialer, responder))
        first, second = self.nodes[dialer], self.nodes[responder]
        first.disk.neighbours.add(second.log)
        second.disk.neighbours.add(first.log)
        for node, other in ((first, second), (second, first)):
            if node.up:
                node.directory.neighbours.add(other.log)
        first.dials.append(responder)

    def let_in(self, host: SimNode, log: bytes) -> None:
        """Take note that whoever had been removed is a neighbour again."""
        self.removals_open -= {(host.name, n.name) for n in self.nodes.values() if n.log == log}

    def correct_nodes(self) -> list[SimNode]:
        """Return the nodes that are held to the rules."""
        return [node for node in self.nodes.values() if node.correct]

    def apart(self) -> list[tuple[str, str]]:
        """Return which neighbours that relay honestly have no session in sync."""
        return [
            (dialer, responder)
            for dialer, responder in self.edges
            if not {dialer, responder} & {HOSTILE, TWIN}
            and not self.nodes[dialer].is_live_with(responder)
        ]

    def undecided(self) -> list[tuple[SimNode, bytes]]:
        """Return which nodes have not accepted which logs."""
        return [
            (node, log)
            for node in self.nodes.values()
            for log in sorted(node.disk.standings)
            if node.disk.standings[log] is Standing.INTRODUCED
        ]
