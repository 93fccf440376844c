"""One seed: a small federation, what its people do, what breaks, and the verdict.

A run has two phases. In the safety phase entries are written while faults happen; nothing
wrong may be stored, but nothing need arrive. Then everything is mended, and in the liveness
phase all correct nodes must become equal within bounded virtual time, twice: first what was
missed, then one new entry each, pushed live. After that, with nobody hostile, two hours without
news must pass without a frame.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from memory_blobs import blob_of
from simulation.checkers import InvariantError
from simulation.faults import NETWORK_AND_NODE_FAULTS, TWIN, Faults
from simulation.hostile import HOSTILITIES, HostileNode
from simulation.invariants import Invariant, broken
from simulation.plans import build
from simulation.projection import check_projections
from simulation.workload import Workload
from simulation.world import HOSTILE, World

__all__ = [
    "HOSTILE", "HOSTILITIES", "NETWORK_AND_NODE_FAULTS", "InvariantError", "Outcome", "Scenario",
    "World", "build", "finish", "run_seed",
]  # fmt: skip

SAFETY_MS = (120_000, 1_200_000, 3_600_000)
CATCH_UP_MS = 240_000
LIVE_PUSH_MS = 5_000
BESIDE_HOSTILE_MS = 90_000
STEP_MS = 1_000
SETTLE_MS = 150_000
QUIET_MS = 7_200_000


@dataclass
class Outcome:
    """What one seed came to; ``violation`` is None when every invariant held.

    ``size`` is how many nodes the federation had to begin with, hostile and second ones left out;
    ``equal_after_ms`` is how long after healing all correct nodes held the same; ``hostile`` says
    that somebody went on breaking rules meanwhile.
    """

    seed: int
    violation: str | None = None
    digest: str = ""
    virtual_ms: int = 0
    nodes: int = 0
    size: int = 0
    events: int = 0
    entries: int = 0
    equal_after_ms: int | None = None
    hostile: bool = False
    fired: Counter[str] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    lines: list[str] = field(default_factory=list)

    def report(self) -> str:
        """Return a short readable account of a failure."""
        replay = f"make simulate SEED={self.seed} COUNT=1 ARGS=--trace"
        return "\n".join([f"seed={self.seed}: {self.violation}", *self.lines, f"replay: {replay}"])


def finish(world: World, play: Callable[[World], None]) -> Outcome:
    """Play a world to its end and return what came of it."""
    outcome = Outcome(world.seed, nodes=len(world.nodes))
    try:
        play(world)
    except InvariantError as error:
        outcome.violation = str(error)
    except Exception as error:  # noqa: BLE001  # whatever was sent, a node never raises
        place = traceback.extract_tb(error.__traceback__)[-1]
        outcome.violation = f"a node raised {error!r} at {place.name}:{place.lineno}"
    outcome.digest = world.trace.digest()
    outcome.virtual_ms = world.scheduler.now_ms
    outcome.events = world.scheduler.events
    outcome.entries = world.oracle.entries
    outcome.fired = world.fired
    outcome.checked = Counter(
        {invariant.name: times for invariant, times in world.oracle.checked.items()}
    )
    outcome.lines = list(world.trace.everything or world.trace.lines)
    return outcome


class Scenario:
    """Plays one seed to its end."""

    def __init__(self, seed: int, *, keep_lines: bool = False) -> None:
        self.world = build(seed, keep_lines=keep_lines)
        self._random = self.world.fork_random("workload")
        self.safety_ms = self._random.choice(SAFETY_MS)
        self.faults = Faults(self.world, self.world.fork_random("faults"))
        self.workload = Workload(self.world, self.world.fork_random("work"))
        self._equal_after_ms: int | None = None

    def run(self) -> Outcome:
        """Play both phases and return what came of it."""
        size = len(self.world.correct_nodes())
        outcome = finish(self.world, self._play)
        outcome.size = size
        outcome.equal_after_ms, outcome.hostile = self._equal_after_ms, self._is_hostile
        return outcome

    @property
    def _is_hostile(self) -> bool:
        nodes = self.world.nodes.values()
        return any(isinstance(node, HostileNode) and node.hostile for node in nodes)

    def _play(self, _: World) -> None:
        self._safety()
        self._liveness()

    def _safety(self) -> None:
        swarm = self.world.fork_random("swarm")
        names = swarm.sample(NETWORK_AND_NODE_FAULTS, len(NETWORK_AND_NODE_FAULTS) // 2)
        self.faults.schedule(names, self.safety_ms)
        if swarm.random() < 0.2:
            self.world.scheduler.after(swarm.uniform(0, self.safety_ms), self._clone)
        for node in self.world.nodes.values():
            self.world.scheduler.after(self._random.uniform(0, 2_000), node.start)
        self.workload.schedule(self.safety_ms)
        self.world.scheduler.run_until(self.safety_ms)

    def _clone(self) -> None:
        """Let a municipality run two machines with one key: sooner or later its log forks."""
        world = self.world
        free = [node for node in world.correct_nodes() if node.name not in world.relied_on]
        original = self._random.choice(free) if free else None
        others = [node for node in world.correct_nodes() if node is not original]
        if original is None or len(others) < 2:
            return
        world.count("cloned_machine")
        twin = world.clone(original, TWIN)
        for other in self._random.sample(others, 2):
            world.join(TWIN, other.name)
        twin.start()
        for name in (original.name, TWIN):
            world.scheduler.after(self._random.uniform(0, 5_000), self.workload.write, name, 2)

    def _liveness(self) -> None:
        world = self.world
        world.trace.note("", "heal everything")
        self.faults.heal()
        healed_ms = world.scheduler.now_ms
        for node in list(world.nodes.values()):
            if isinstance(node, HostileNode) and self._random.random() < 0.5:
                node.behave()  # else it goes on, and the others must become equal beside it
        for node, log in world.undecided():
            node.accept_log(log)
        self._must_become_equal(CATCH_UP_MS, "after healing")
        self._equal_after_ms = world.scheduler.now_ms - healed_ms
        self._must_be_connected(CATCH_UP_MS)
        self._must_publish_live()
        self._must_hold_files(CATCH_UP_MS)
        world.oracle.check_everything(world.correct_nodes())
        check_projections(world.correct_nodes(), world.oracle, world.fork_random("orders"))
        world.oracle.checked.update((Invariant.I7, Invariant.I11))
        if self._is_hostile:
            world.oracle.checked[Invariant.I9] += 1
        else:
            self._must_be_quiet()

    def _must_publish_live(self) -> None:
        """Let everybody sign again, and everybody's new entry reach all within seconds."""
        world = self.world
        for node in world.correct_nodes():
            node.override()
        before = {node.name: node.own_sequence() for node in world.correct_nodes()}
        for node in world.correct_nodes():
            node.publish("comment", b'{"schema":1,"text":"live"}')
        self._must_become_equal(
            BESIDE_HOSTILE_MS if self._is_hostile else LIVE_PUSH_MS, "with live entries"
        )
        for node in world.correct_nodes():
            if node.own_sequence() == before[node.name] and not node.disk.lacks_own_log(node.log):
                why = node.own.recovery.reason
                raise broken(Invariant.I7, f"{node.name} can no longer publish: {why}")

    def _must_hold_files(self, within_ms: int) -> None:
        """Let every file come to everybody, whatever was sent instead of it."""

        def lacking() -> str:
            nodes = self.world.correct_nodes()
            return ", ".join(
                n.name for n in nodes if n.files.held.keys() != self.world.files.keys()
            )

        self._must_hold(lacking, within_ms, Invariant.I13, "files have not come to")
        for node in self.world.correct_nodes():
            if any(blob_of(data) != blob for blob, data in node.files.held.items()):
                raise broken(Invariant.I13, f"{node.name} holds a wrong file")
        self.world.oracle.checked[Invariant.I13] += 1

    def _must_be_connected(self, within_ms: int) -> None:
        """Let everybody who lost a neighbour find it again, whatever the backoff."""

        def apart() -> str:
            return ", ".join(f"{a}-{b}" for a, b in self.world.apart())

        self._must_hold(apart, within_ms, Invariant.I7, "no connection after healing:")

    def _must_become_equal(self, within_ms: int, when: str) -> None:
        self.world.scheduler.run_until(self.world.scheduler.now_ms + STEP_MS)

        def difference() -> str | None:
            return self.world.oracle.difference(self.world.correct_nodes())

        self._must_hold(difference, within_ms, Invariant.I7, f"not equal {when}:")

    def _must_hold(
        self, what_is_wrong: Callable[[], str | None], within_ms: int, which: Invariant, text: str
    ) -> None:
        """Let time pass until nothing is wrong any more; a bounded time."""
        deadline_ms = self.world.scheduler.now_ms + within_ms
        while wrong := what_is_wrong():
            if self.world.scheduler.now_ms >= deadline_ms:
                raise broken(which, f"{text} {wrong} ({within_ms} ms)")
            self.world.scheduler.run_until(self.world.scheduler.now_ms + STEP_MS)

    def _must_be_quiet(self) -> None:
        """Where nothing is new nothing is sent, for as long as it lasts."""
        world = self.world
        world.scheduler.run_until(world.scheduler.now_ms + SETTLE_MS)
        before = world.network.frames
        world.scheduler.run_until(world.scheduler.now_ms + QUIET_MS)
        world.oracle.checked[Invariant.I15] += 1
        if world.network.frames != before:
            raise broken(Invariant.I15, f"{world.network.frames - before} frames about nothing")


def run_seed(seed: int, *, keep_lines: bool = False) -> Outcome:
    """Play one seed."""
    return Scenario(seed, keep_lines=keep_lines).run()
