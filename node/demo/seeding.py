"""Publishes the sample entries of a demo once, and finds its place again after any interruption.

Each node first stores its plan: the keys of its samples, in order. Nothing else is published before
the plan is done, so the plan's first entry is number 2 of the node's log, the next number 3, and
the log alone tells how far it came. A node that has done its plan is never seeded again; when the
demo grows, the new ones answer the old ones, not the other way round.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta

from node.clock import SystemClock
from node.demo.samples import PROFILE_DAYS_AGO, Sample
from node.intake.signing import Draft
from node.operations.node import Node
from protocol import strict_json
from protocol.content import read_content
from storage.settings_store import SettingsStore

PLAN_FACT = "demo_plan"
FIRST_SEQUENCE = 2
DAY_MS = 86_400_000
CREATED_DAYS_AGO = PROFILE_DAYS_AGO + 1
WORKDAY_STARTS = timedelta(hours=6)
BETWEEN_ENTRIES = timedelta(minutes=11)


class DemoClock(SystemClock):
    """The machine's clock, except while samples are written as if months ago."""

    def __init__(self) -> None:
        self.written_ms: int | None = None

    def time_ms(self) -> int:
        """The time samples are written at, else the machine's."""
        return super().time_ms() if self.written_ms is None else self.written_ms


def times_ms(samples: Iterable[Sample], now_ms: int) -> dict[str, int]:
    """When each sample was written, by key: spread over the past year, in order, never ahead."""
    today = datetime.fromtimestamp(now_ms / 1000, UTC).replace(hour=0, minute=0, second=0)
    on_day: Counter[int] = Counter()
    times = {}
    for sample in samples:
        moment = today - timedelta(days=sample.days_ago) + WORKDAY_STARTS
        moment += BETWEEN_ENTRIES * on_day[sample.days_ago]
        on_day[sample.days_ago] += 1
        times[sample.key] = int(moment.timestamp() * 1000)
    return times


async def plans(
    stored: Mapping[str, SettingsStore], samples: tuple[Sample, ...]
) -> dict[str, list[str]]:
    """Each node's plan, by kommunkod: the stored one, or a new one that is stored now.

    A sample that speaks of a municipality outside the demo is left out of a new plan.
    """
    known: dict[str, list[str]] = {}
    for code, facts in stored.items():
        if (text := await facts.get(PLAN_FACT)) is not None:
            known[code] = json.loads(text)
    new: dict[str, list[str]] = {code: [] for code in stored if code not in known}
    included = {key for plan in known.values() for key in plan}
    for sample in samples:
        if sample.code in new and sample.needs <= included:
            included.add(sample.key)
            new[sample.code].append(sample.key)
    for code, plan in new.items():
        await stored[code].put(PLAN_FACT, json.dumps(plan))
    return known | new


async def seed(nodes: Mapping[str, Node], clock: DemoClock, samples: tuple[Sample, ...]) -> int:
    """Publish what is left of each node's plan, oldest first; returns how many were published.

    Entries go straight to ingest: the publisher would refuse an answer to a record that has not
    arrived yet, and here nothing has travelled so far.
    """
    planned = await plans({code: node.facts for code, node in nodes.items()}, samples)
    ids: dict[str, str] = {}
    for code, node in nodes.items():
        ids |= await _written(node, planned[code])
    wanted = {key for plan in planned.values() for key in plan} - set(ids)
    times = times_ms(samples, clock.time_ms())
    try:
        for sample in samples:
            if sample.key in wanted:
                clock.written_ms = times[sample.key]
                ids[sample.key] = await _publish(nodes[sample.code], sample, ids)
    finally:
        clock.written_ms = None
    for node in nodes.values():
        await node.projector.settled()
    return len(wanted)


async def _written(node: Node, plan: list[str]) -> dict[str, str]:
    """Entry ids of that part of the plan which the node's log holds already."""
    found = {}
    for sequence, key in enumerate(plan, FIRST_SEQUENCE):
        envelope = await node.log_store.entry(node.own_log, sequence)
        if envelope is None:
            break
        found[key] = envelope.entry.id.hex()
    return found


async def _publish(node: Node, sample: Sample, ids: Mapping[str, str]) -> str:
    data = strict_json.dumps(sample.resolved(ids))
    read_content(sample.kind, data)
    (envelope,) = await node.ingest.write([Draft(sample.kind, data)])
    return envelope.entry.id.hex()
