"""What a municipality's identity must outlive, drilled: a theft, a loss, an old backup, a copy.

A small federation works under light faults. Something befalls one municipality, :data:`OWNER`; its
people then do what the guide tells them. In the end every honest node holds the same, the owner
publishes again, and no node has signed two entries at one number with one key: only a thief does,
and what it signed is gone. Whether a node may sign is decided by the real node's own rules.

===============  =================================================================================
``theft``        somebody has the signing key and publishes with it, on a machine of their own
``loss``         the machine is gone; the sheet or a copy of the key and some neighbours are left
``stale``        the database is put back from a backup, at times without the guard: then whatever
                 the neighbours say, the owner goes on with the key of the sheet
``snapshot``     the whole machine is put back as it was, guard and all, at times cut off: it signs
                 nothing before all its neighbours have said what they have
``clone``        two machines run with one key, both keeping the rules
``both``         two of these at once
===============  =================================================================================
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations, pairwise
from typing import ClassVar

from node.errors import RecoveringError
from node.ground.last_run import OFF_SECONDS_MAX
from protocol.directory import Standing
from simulation.fault_base import TWIN
from simulation.faults import Faults
from simulation.invariants import Invariant, broken
from simulation.node_model import SimNode
from simulation.repair_model import begin_on_empty_machine, bring_sheet_in_force, burn
from simulation.scenario import CATCH_UP_MS, STEP_MS, Outcome, finish
from simulation.workload import Workload
from simulation.world import World

OWNER, THIEF_NAME = "A", "Y"
BEFORE_MS, INCIDENT_MS, AFTER_MS = 30_000, 20_000, 60_000
RECOVER_MS = 120_000
SPREAD_MS = 10_000
PUT_BACK_MS = (1000 * OFF_SECONDS_MAX + 1, 900_000)
LIGHT_FAULTS = (
    "drop", "delay", "reorder", "trickle", "cut", "clog", "partition", "one_way_partition",
    "duplicate_connection", "late_replay", "crash", "crash_between_effects", "power_cut", "pause",
    "slow_disk", "sync_error", "clock_drift", "clock_step",
)  # fmt: skip


class Thief(SimNode):
    """Holds a copied key and log; publishes as it likes and takes no rotation for an answer."""

    def may_sign(self, kind: str) -> bool:
        """No rule stops a thief."""
        return True

    def _on_brancharrived(self, effect: object) -> None:
        """The owner's rotation is not taken."""


class Drill:
    """One incident, or two, at one municipality of a federation of its own."""

    def __init__(self, seed: int, kind: str, *, keep_lines: bool = False) -> None:
        self.world = World(seed, keep_lines=keep_lines)
        self.world.asks_first = True
        self._random = self.world.fork_random(f"drill {kind}")
        pairs = tuple(combinations(sorted(self.INCIDENTS), 2))
        self.incidents = self._random.choice(pairs) if kind == "both" else (kind,)
        names = "ABCDEFGH"[: self._random.randint(3, 7)]
        for number, name in enumerate(names, 1):
            self.world.add(name, number).batch_entries = self._random.choice((1, 3, 50))
        self._join(names)
        self.owner = self.world.nodes[OWNER]
        self.neighbours = sorted(
            {name for edge in self.world.edges if OWNER in edge for name in edge} - {OWNER}
        )
        self._logs = [node.log for node in self.world.nodes.values()]
        for node in self.world.nodes.values():
            for log in self._logs:
                node.disk.standings.setdefault(log, Standing.MEMBER)
        self.workload = Workload(self.world, self.world.fork_random("work"))
        self.faults = Faults(self.world, self.world.fork_random("faults"))
        self._backup, self._machine = self.owner.disk.backup(), self.owner.disk.whole()
        self._must_rotate = self._is_burned = self._without_rest = False

    def _join(self, names: str) -> None:
        pairs = set(pairwise(names))
        pairs |= {tuple(sorted(self._random.sample(names, 2))) for _ in names}  # type: ignore[misc]
        for pair in sorted(pairs):
            self.world.join(*self._random.sample(pair, 2))

    def run(self) -> Outcome:
        """Play it to its end and return what came of it."""
        return finish(self.world, lambda _: self._play())

    def _play(self) -> None:
        world = self.world
        world.oracle.renewed(self.owner.log)
        for node in world.nodes.values():
            world.scheduler.after(self._random.uniform(0, 2_000), node.start)
        self.workload.schedule(BEFORE_MS + INCIDENT_MS)
        self.faults.schedule(self._random.sample(LIGHT_FAULTS, 5), BEFORE_MS + AFTER_MS)
        world.scheduler.after(self._random.uniform(0, BEFORE_MS), self._take_backup)
        world.scheduler.run_until(BEFORE_MS)
        for name in self._random.sample(self.incidents, len(self.incidents)):
            world.count(f"drill {name}")
            world.trace.note("", f"incident: {name}")
            self.INCIDENTS[name](self)
            self._wait(self._random.uniform(0, INCIDENT_MS))
        self._wait(self._random.uniform(0, AFTER_MS))
        self._repair()
        self._must_end_well()

    def _wait(self, for_ms: float) -> None:
        self.world.scheduler.run_until(self.world.scheduler.now_ms + int(for_ms))

    def _take_backup(self) -> None:
        if self.owner.log in self.owner.disk.chains:
            if self.owner.up:
                self.owner.own.note_run()
            self._backup, self._machine = self.owner.disk.backup(), self.owner.disk.whole()
        if "snapshot" in self.incidents:
            self._write_within(BEFORE_MS - self.world.scheduler.now_ms)

    def _write_within(self, within_ms: float) -> None:
        for _ in range(self._random.randint(1, 6)):
            delay_ms = self._random.uniform(0, within_ms)
            self.world.scheduler.after(delay_ms, self.workload.write, OWNER, 1)

    # --- incidents ---------------------------------------------------------------------------

    def _theft(self) -> None:
        """The key and the log are on a stranger's machine, which calls some of our neighbours."""
        thief = self._copy(THIEF_NAME, Thief)
        if thief is None:
            return
        thief.correct = False
        self._must_rotate = True
        for _ in range(self._random.randint(1, 6)):
            delay_ms = self._random.uniform(500, INCIDENT_MS + AFTER_MS)
            self.world.scheduler.after(delay_ms, self.workload.write, THIEF_NAME, 2)

    def _clone(self) -> None:
        """A copy of the machine is started beside it; both are used."""
        if self._copy(TWIN, SimNode) is None:
            return
        self._must_rotate = True
        for name in (OWNER, TWIN) * self._random.randint(0, 3):
            delay_ms = self._random.uniform(0, INCIDENT_MS)
            self.world.scheduler.after(delay_ms, self.workload.write, name, 1)

    def _copy(self, name: str, kind: type[SimNode]) -> SimNode | None:
        """A machine with all of ours, which calls some of our neighbours as if it were us."""
        if self.owner.log not in self.owner.disk.chains:
            return None  # it burned before anybody could copy it
        node = self.world.copy_machine(self.owner, name, kind)
        self.world.oracle.may_fork(node.log)
        count = self._random.randint(1, min(2, len(self.neighbours)))
        for other in self._random.sample(self.neighbours, count):
            node.disk.neighbours.add(self.world.nodes[other].log)
            node.dials.append(other)
        node.start()
        return node

    def _loss(self) -> None:
        """The machine burns."""
        burn(self.owner)
        self._is_burned = True

    def _stale(self) -> None:
        """Somebody puts an older database in place; at times the guard is forgotten or deleted."""
        if self._is_burned:
            return
        self.owner.crash(self._backup)
        if self._random.random() < 0.3:
            self.owner.disk.guard = None
            self.world.count("restored_without_guard")
        self.owner.start()

    def _snapshot(self) -> None:
        """The whole machine is put back, and is at times cut off; people write at once."""
        if self._is_burned:
            return
        owner = self.owner
        owner.crash()
        self._wait(self._random.uniform(*PUT_BACK_MS))
        owner.crash()  # a fault may have started it meanwhile
        owner.disk = self._machine.whole()
        owner.restores += 1
        owner.was_put_back = True
        self.world.oracle.restored(owner)
        if self._random.random() < 0.3:
            self.world.count("put back and cut off")
            weather = self.world.network.weather
            weather.blocked.update((other, OWNER) for other in self.world.nodes)
        owner.start()
        self.workload.write(OWNER, 1)
        self._write_within(INCIDENT_MS + AFTER_MS)

    INCIDENTS: ClassVar[dict[str, Callable[[Drill], None]]] = {
        "theft": _theft,
        "loss": _loss,
        "stale": _stale,
        "snapshot": _snapshot,
        "clone": _clone,
    }

    # --- what people do about it -----------------------------------------------------------------

    def _repair(self) -> None:
        """Mend the network, find the copy, get the log back, and bring the sheet in force."""
        world, owner = self.world, self.owner
        world.trace.note("", "people begin to repair")
        burned = self._is_burned
        self.faults.heal()  # starts whoever is down, and switches a twin off
        if burned:
            owner.crash()
            self._recover()
        elif not self._is_whole_within(RECOVER_MS):
            self._without_rest = self._must_rotate = True  # nobody has it any more
        if owner.log not in owner.disk.heads:
            return  # nobody ever had any of it
        if "snapshot" in self.incidents:
            self._hear_everybody()
        if burned and not self._must_rotate:
            owner.own.override()  # the copied key signs on: what nobody has burned with the machine
        recovery = owner.own.recovery
        self._must_rotate |= recovery.needs_new_key or recovery.has_other_key
        if self._must_rotate or owner.log in owner.disk.frozen:
            self._rotate()

    def _recover(self) -> None:
        """On an empty machine, with the sheet and some neighbours or a copy of the key and all."""
        owner, head = self.owner, None
        holders = [self.world.nodes[name] for name in self.neighbours]
        head = max((h.disk.heads[owner.log] for h in holders if owner.log in h.disk.heads),
                   key=lambda item: item.sequence, default=None)  # fmt: skip
        if head is None:
            return  # nobody ever had any of it
        generation = len(head.keys.periods) - 1
        with_sheet = self._must_rotate or self._random.random() < 0.7
        ask = holders
        if with_sheet:
            ask = self._random.sample(holders, self._random.randint(1, len(holders)))
        self.world.oracle.forget_unseen(owner.log, self.world.nodes.values())
        self.world.count(
            "recovered with the sheet" if with_sheet else "recovered with a copied key"
        )
        begin_on_empty_machine(owner, ask, generation + 1 if with_sheet else generation)
        if not self._is_whole_within(RECOVER_MS):
            raise broken(Invariant.I14, f"the log did not come back: {owner.own.recovery.reason}")
        held = max(len(other.disk.chains.get(owner.log, ())) for other in ask)
        self.world.oracle.checked[Invariant.I14] += 1
        if owner.own_sequence() < held and owner.log not in self.world.oracle.forks:
            raise broken(Invariant.I14, f"{owner.own_sequence()} of {held} entries came back")
        self._must_rotate |= with_sheet
        for log in self._logs:
            if log != owner.log:
                owner.accept_log(log)
        for other in holders:
            owner.set_neighbour(other.log, True)

    def _is_whole_within(self, within_ms: int) -> bool:
        deadline_ms = self.world.scheduler.now_ms + within_ms
        while self.world.scheduler.now_ms < deadline_ms:
            self._wait(STEP_MS)
            if self.owner.own.may_rotate():
                return True
        return False

    def _hear_everybody(self) -> None:
        """Whether entries were signed twice shows when all have met."""
        deadline_ms = self.world.scheduler.now_ms + RECOVER_MS
        while self.world.apart() and self.world.scheduler.now_ms < deadline_ms:
            self._wait(STEP_MS)
        self._wait(SPREAD_MS)

    def _rotate(self) -> None:
        """Continue from the last entry that is ours; a claim that comes meanwhile is waited for."""
        keep = self._last_of_ours() if THIEF_NAME in self.world.nodes else None
        for _ in range(0 if self._without_rest else 60):
            try:
                self._bring_in_force(keep)
            except RecoveringError:
                self._wait(STEP_MS)
            else:
                self.world.count("rotated")
                return
        self.world.count("rotated without the rest")
        self._bring_in_force(keep, without_rest=True)

    def _bring_in_force(self, keep: int | None, *, without_rest: bool = False) -> None:
        """Ask for the rotation, and wait for what is being stored meanwhile."""
        answer = bring_sheet_in_force(self.owner, keep, without_rest=without_rest)
        deadline_ms = self.world.scheduler.now_ms + RECOVER_MS
        while not answer.done():
            if self.world.scheduler.now_ms >= deadline_ms:
                raise broken(Invariant.I7, "the key was not changed when it was asked for")
            self._wait(STEP_MS)
        answer.result()

    def _last_of_ours(self) -> int:
        """Number of the last entry, from the first on, that a thief has not signed."""
        chain = self.owner.disk.chains[self.owner.log]
        for number, envelope in enumerate(chain, 1):
            if self.world.oracle.signer_of(envelope) == THIEF_NAME:
                return number - 1
        return len(chain)

    # --- the verdict ---------------------------------------------------------------------------

    def _must_end_well(self) -> None:
        world, owner = self.world, self.owner
        if owner.log not in owner.disk.heads:
            world.count("nothing was left")  # nobody had received the log before it burned
            return
        self._must_agree("after the repair")
        self._wait(owner.own.first_asking.ms_left)
        self._must_be_free_to_sign()
        before = owner.own_sequence()
        owner.publish("comment", b'{"schema":1,"text":"we are back"}')
        self._wait(STEP_MS)
        self._must_agree("with a new entry")
        if owner.own_sequence() == before:
            raise broken(Invariant.I7, f"the owner cannot publish: {owner.own.recovery.reason}")
        world.oracle.check_everything(self._honest())

    def _must_be_free_to_sign(self) -> None:
        """What a neighbour on the thief's branch said of our log stands until it compares anew.

        That it ends the link as settled takes nothing back: it may have settled another log.
        """
        owner, deadline_ms = self.owner, self.world.scheduler.now_ms + CATCH_UP_MS
        if not owner.may_sign("comment"):
            self.world.count("had to wait before signing")
        while not owner.may_sign("comment"):
            if self.world.scheduler.now_ms >= deadline_ms:
                why = owner.own.recovery.reason
                raise broken(Invariant.I7, f"the owner may not sign after the repair: {why}")
            self._wait(STEP_MS)

    def _honest(self) -> list[SimNode]:
        return [node for node in self.world.correct_nodes() if node.up]

    def _must_agree(self, when: str) -> None:
        deadline_ms = self.world.scheduler.now_ms + CATCH_UP_MS
        while wrong := self._disagreement():
            if self.world.scheduler.now_ms >= deadline_ms:
                raise broken(Invariant.I7, f"{when} {wrong}")
            self._wait(STEP_MS)

    def _disagreement(self) -> str | None:
        honest = self._honest()
        for node in honest:
            for log in self._logs:
                theirs, ours = node.disk.heads.get(log), honest[0].disk.heads.get(log)
                name = f"{node.name}'s {self.world.title(log)}"
                if log in node.disk.frozen:
                    return f"{name} is frozen"
                if (theirs and theirs.id) != (ours and ours.id):
                    return f"{name} differs"
        return None


OUTCOMES = (
    "closed: cloned", "restored_without_guard", "recovered with the sheet",
    "recovered with a copied key", "put back and cut off", "signed nothing before all had answered",
    "rotated", "rotated without the rest",
    "had to wait before signing", "nothing was left",
)  # fmt: skip
"""What is counted of how a drill went."""
DRILLS = (*sorted(Drill.INCIDENTS), "both")


def run_drill(seed: int, kind: str, *, keep_lines: bool = False) -> Outcome:
    """Play one drill of one kind."""
    return Drill(seed, kind, keep_lines=keep_lines).run()
