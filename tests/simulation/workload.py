"""What the people of a simulated federation do: write, answer, edit, withdraw, attach.

Each seed leaves half of the kinds of work out. Contents are real ones, so that what they add up to
can be compared (:mod:`simulation.projection`); some are of a kind that nobody knows, or nonsense.
"""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from content_factories import an_experience
from memory_blobs import blob_of
from protocol import strict_json
from protocol.content import (
    Comment,
    Helped,
    Interest,
    Introduction,
    Profile,
    RootContent,
    Use,
    Withdraw,
)

if TYPE_CHECKING:
    from simulation.node_model import SimNode
    from simulation.world import World

WORK = (
    "record", "edit", "comment", "use", "interest", "helped", "withdraw", "introduction", "profile",
    "unknown_kind", "broken_content", "large_content", "attachment",
)  # fmt: skip
WRITES = 24
BURSTS = (1, 1, 1, 2, 30)
ATTACHMENTS_MAX = 4


class Workload:
    """Lets the municipalities of one world publish."""

    def __init__(self, world: World, random: Random) -> None:
        self.world = world
        self._random = random
        self._kinds = ("record", *random.sample(WORK[1:], len(WORK) // 2))
        self._number = 0

    def schedule(self, within_ms: int) -> None:
        """Spread what is written over this time and over all nodes."""
        names = list(self.world.nodes)
        for _ in range(self._random.randint(WRITES // 3, WRITES)):
            delay_ms = self._random.uniform(0, within_ms)
            name, burst = self._random.choice(names), self._random.choice(BURSTS)
            self.world.scheduler.after(delay_ms, self.write, name, burst)

    def write(self, name: str, burst: int) -> None:
        """Let one node publish a few entries, each of some kind."""
        node = self.world.nodes[name]
        if not node.up or node.log not in node.disk.chains:
            return
        for _ in range(burst):
            work = self._random.choice(self._kinds)
            self.world.count(f"work {work}")
            kind, content = getattr(self, f"_{work}")(node)
            body = strict_json.dumps(content) if isinstance(content, RootContent) else content
            node.publish(kind, body)

    def _title(self) -> str:
        self._number += 1
        return f"Exempel {self._number}"

    def _some_entry(self, node: SimNode) -> str:
        """Any entry the node knows: what it is about need not make sense."""
        log = self._random.choice(sorted(node.disk.chains))
        return self._random.choice(node.disk.chains[log]).entry.id.hex()

    def _own(self, node: SimNode, *kinds: str) -> str | None:
        chain = node.disk.chains.get(node.log, [])
        found = [item.entry.id.hex() for item in chain if item.entry.header.kind in kinds]
        return self._random.choice(found) if found else None

    def _record(self, node: SimNode) -> tuple[str, RootContent]:
        return "experience", an_experience(title=self._title())

    def _edit(self, node: SimNode) -> tuple[str, RootContent]:
        target = self._own(node, "experience")
        return "experience", an_experience(title=self._title(), replaces=target)

    def _comment(self, node: SimNode) -> tuple[str, RootContent]:
        return "comment", Comment(record=self._some_entry(node), text=self._title())

    def _use(self, node: SimNode) -> tuple[str, RootContent]:
        return "use", Use(record=self._some_entry(node), note=self._title())

    def _interest(self, node: SimNode) -> tuple[str, RootContent]:
        record = self._some_entry(node)
        return "interest", Interest(record=record, interest="samverka", note=self._title())

    def _helped(self, node: SimNode) -> tuple[str, RootContent]:
        return "helped", Helped(record=self._some_entry(node), reused=self._title())

    def _withdraw(self, node: SimNode) -> tuple[str, RootContent]:
        target = self._own(node, "experience", "comment", "use", "interest", "helped")
        if target is None:
            return self._record(node)
        return "withdraw", Withdraw(target=target, reason=self._title())

    def _introduction(self, node: SimNode) -> tuple[str, RootContent]:
        log = self._random.choice(sorted(node.disk.standings)).hex()
        return "introduction", Introduction(log=log, code="1497", name=self._title())

    def _profile(self, node: SimNode) -> tuple[str, RootContent]:
        return "profile", Profile(name=self._title(), code="1498")

    def _unknown_kind(self, node: SimNode) -> tuple[str, bytes]:
        return "later-kind", b'{"schema":7}'

    def _broken_content(self, node: SimNode) -> tuple[str, bytes]:
        size = self._random.choice((0, 1, 200))
        return self._random.choice(("experience", "comment")), self._random.randbytes(size)

    def _large_content(self, node: SimNode) -> tuple[str, bytes]:
        text = self._random.randbytes(2_000).hex()
        return "experience", b'{"schema":1,"text":"%s"}' % text.encode()

    def _attachment(self, node: SimNode) -> tuple[str, RootContent]:
        """Hold one more file, which everybody wants from now on (a hostile node keeps its own)."""
        if node.correct and len(self.world.files) < ATTACHMENTS_MAX:
            data = self._random.randbytes(self._random.randint(1, 20_000))
            self.world.files[blob_of(data)] = data
            node.files.hold(data)
        return self._record(node)
