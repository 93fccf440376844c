"""What all logs add up to at each node, and that it is the same at all of them.

Each node's entries are folded in an order of its own, as they could have come in, into the model
that storage's projections are held to (tests/fold_memory.py).
"""

from __future__ import annotations

import json
from random import Random
from typing import TYPE_CHECKING

from fold_memory import Memory
from protocol.fold import Change, LoggedContent, fold
from simulation.invariants import Invariant, broken

if TYPE_CHECKING:
    from simulation.checkers import Oracle
    from simulation.node_model import SimNode


def check_projections(nodes: list[SimNode], oracle: Oracle, random: Random) -> None:
    """Compare what every node would show, whatever order entries came in (I7, I8, I12)."""
    changes: dict[bytes, list[Change]] = {}
    first: Memory | None = None
    shared = _accepted_by_all(nodes, oracle)
    for node in nodes:
        memory = Memory()
        for entry in _mixed(node, shared, random):
            if entry.entry_id not in changes:
                changes[entry.entry_id] = list(fold(entry))
            for change in changes[entry.entry_id]:
                memory.apply(change)
        if first is None:
            first = memory
        elif memory != first:
            raise broken(Invariant.I8, f"{node.name} shows something else than {nodes[0].name}")
    oracle.checked.update((Invariant.I7, Invariant.I8))
    if first is not None:
        _check_withdrawn(nodes[0], shared, first, oracle)


def _accepted_by_all(nodes: list[SimNode], oracle: Oracle) -> list[bytes]:
    """Logs that stand whole at every node; a forked one stays as it was at each."""
    logs = sorted(nodes[0].disk.chains) if nodes else []
    return [
        log
        for log in logs
        if log not in oracle.forks and all(log in node.disk.chains for node in nodes)
    ]


def _mixed(node: SimNode, logs: list[bytes], random: Random) -> list[LoggedContent]:
    """The entries of these logs, each log in order, the logs mixed at random."""
    waiting = {log: iter(node.disk.chains[log]) for log in logs}
    order = [log for log in logs for _ in node.disk.chains[log]]
    random.shuffle(order)
    mixed = []
    for log in order:
        envelope = next(waiting[log])
        header = envelope.entry.header
        content = envelope.body.content if envelope.body else None
        mixed.append(
            LoggedContent(
                log, header.sequence, envelope.entry.id, header.time_ms, header.kind, content
            )
        )
    return mixed


def _check_withdrawn(node: SimNode, logs: list[bytes], memory: Memory, oracle: Oracle) -> None:
    """A record is withdrawn when its own log says so, and only then; taken apart here by hand."""
    withdrawn: set[bytes] = set()
    for log in logs:
        for envelope in node.disk.chains[log]:
            if envelope.entry.header.kind != "withdraw" or envelope.body is None:
                continue
            target = bytes.fromhex(json.loads(envelope.body.content)["target"])
            record = memory.records.get(target)
            if record is not None and record.log == log:
                withdrawn.add(target)
    shown = {place for place, record in memory.records.items() if record.withdrawn is None}
    oracle.checked[Invariant.I12] += 1
    if shown & withdrawn:
        raise broken(Invariant.I12, "a withdrawn record is shown")
    if set(memory.records) - shown - withdrawn:
        raise broken(Invariant.I12, "a record was withdrawn by another log")
