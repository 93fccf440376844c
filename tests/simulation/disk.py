"""A node's disk: what is written, what is synced, and what a crash or a restore leaves.

A write is one transaction. A crash keeps some of the transactions not yet synced, always from
the oldest on, and loses the others. The guard file lies outside the database and its backups,
so a restore leaves it as it is (DESIGN "Restore guard"), and so does the key file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from protocol.chain import Head, RunResult
from protocol.directory import Directory, LogView, Standing
from protocol.entry import Envelope


@dataclass(frozen=True)
class Backup:
    """A copy of the database at one moment."""

    chains: dict[bytes, list[Envelope]]
    heads: dict[bytes, Head]
    frozen: dict[bytes, bytes]
    last_run_ms: int | None


@dataclass
class Disk:
    """The database and, beside it, the guard file and the key file of one node.

    Keys are known by how many came before them. ``invites`` are the digests of invites made here
    and not used yet. While ``failing`` nothing can be synced.
    """

    chains: dict[bytes, list[Envelope]] = field(default_factory=dict)
    heads: dict[bytes, Head] = field(default_factory=dict)
    frozen: dict[bytes, bytes] = field(default_factory=dict)
    standings: dict[bytes, Standing] = field(default_factory=dict)
    neighbours: set[bytes] = field(default_factory=set)
    guard: tuple[int, bytes] | None = None
    facts: dict[str, str] = field(default_factory=dict)
    key_generation: int = 0
    key_announced: int | None = None
    invites: set[bytes] = field(default_factory=set)
    last_run_ms: int | None = None
    failing: bool = False
    unsynced: list[list[RunResult]] = field(default_factory=list)

    def write(self, results: list[RunResult]) -> None:
        """Write one transaction; it is not durable yet."""
        self.unsynced.append(results)

    def sync(self) -> None:
        """Make everything written so far durable."""
        for results in self.unsynced:
            for result in results:
                self.chains.setdefault(result.log, []).extend(result.accepted)
                if result.head is not None:
                    self.heads[result.log] = result.head
        self.unsynced.clear()

    def crash(self, random: Random) -> None:
        """Lose what was not synced, except for some transactions that happened to get there."""
        kept = random.randint(0, len(self.unsynced))
        del self.unsynced[kept:]
        self.sync()

    def backup(self) -> Backup:
        """Return a copy of the database as it is on disk."""
        return Backup(self._chains(), dict(self.heads), dict(self.frozen), self.last_run_ms)

    def restore(self, backup: Backup) -> None:
        """Put an older database in place of this one; the guard file stays."""
        self.chains = {log: list(chain) for log, chain in backup.chains.items()}
        self.heads = dict(backup.heads)
        self.frozen = dict(backup.frozen)
        self.last_run_ms = backup.last_run_ms

    def _chains(self) -> dict[bytes, list[Envelope]]:
        return {log: list(chain) for log, chain in self.chains.items()}

    def copy(self) -> Disk:
        """Return what a clone of the whole machine would have on its disk."""
        return Disk(
            self._chains(),
            dict(self.heads),
            dict(self.frozen),
            dict(self.standings),
            set(),
            self.guard,
            dict(self.facts),
            self.key_generation,
            last_run_ms=self.last_run_ms,
        )

    def whole(self) -> Disk:
        """Return a copy of the whole machine as it is, to be put back on it."""
        copy = self.copy()
        copy.neighbours = set(self.neighbours)
        copy.invites = set(self.invites)
        return copy

    def lose(self) -> None:
        """Give up what could not be synced: the transactions are rolled back."""
        self.unsynced.clear()

    def finish_rotation(self, log: bytes) -> None:
        """Take the announced key if the log has it by now, as at every start; else forget it."""
        head = self.heads.get(log)
        if head is not None and self.key_announced == len(head.keys.periods) - 1:
            self.key_generation = self.key_announced
        self.key_announced = None

    def lacks_own_log(self, log: bytes) -> bool:
        """Whether the guard file knows of entries of ours that the database does not hold."""
        held = self.heads[log].sequence if log in self.heads else 0
        return self.guard is not None and held < self.guard[0]

    def load_directory(self) -> Directory:
        """Return the picture of all logs that a node starts with."""
        directory = Directory()
        for log in sorted(self.standings):
            directory.put(
                LogView(log, self.standings[log], self.heads.get(log), log in self.frozen)
            )
        directory.neighbours = set(self.neighbours)
        return directory

    def key_events(self, log: bytes) -> tuple[Envelope, ...]:
        """Return a log's first entry and rotations."""
        head = self.heads.get(log)
        if head is None:
            return ()
        chain = self.chains[log]
        return tuple(chain[sequence - 1] for sequence, _ in head.keys.periods)
