"""The network as one node can know it, and what follows: whom to become neighbours with, how far
everybody is. Pure.

What a node knows: its own neighbours, and the introductions of members, because whoever
adds a neighbour introduces it. An introduction stays when two part as neighbours, so others' links
are what was last said of them; our own are as they are. A contact that is paused carries nothing
and is no step.
"""

from __future__ import annotations

import shlex
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from node.municipal.steps import Links, both_ways, ways_from
from node.municipal.suggested_neighbours import Why, suggest
from node.origins import normalise_origin
from protocol.directory import ACCEPTED_STANDINGS, Standing
from protocol.identity import fingerprint
from storage.introduction_queries import IntroductionRow
from storage.log_registry import LogRow
from storage.neighbour_views import Neighbour

_HERE = ACCEPTED_STANDINGS | {Standing.INTRODUCED}
"""Logs of these standings count as municipalities that have joined."""


@dataclass(frozen=True, slots=True)
class SuggestedNeighbour:
    """A municipality to become neighbours with, and why (`Why`).

    `steps` to it today; None when no way is known. `url` is the origin that introductions name,
    None when they name none or differ.
    """

    log: str
    fingerprint: str
    code: str
    name: str
    why: str
    steps: int | None
    standing: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a municipality is today: `steps`, 1 for a neighbour, None when no way is known.

    `through` is the log of our neighbour on a shortest way, "" when there is no other on it.
    """

    log: str
    code: str
    name: str
    steps: int | None
    through: str


class KnownNetwork:
    """Who is there and who is whose neighbour, as far as this node knows.

    A log goes by its kommunkod; by its id where it has none, or where several claim the same.
    """

    def __init__(
        self,
        own_log: bytes,
        rows: Sequence[LogRow],
        neighbours: Sequence[Neighbour],
        introductions: Iterable[IntroductionRow],
        left: Collection[bytes] = (),
    ) -> None:
        """`left` are logs whose municipality has left: nobody becomes neighbours with them."""
        self._own_log = own_log
        self._left = left
        self._neighbours = {item.log for item in neighbours}
        here = [row for row in rows if row.standing in _HERE]
        self._rows = {row.log: row for row in here}
        own = next((row.code for row in here if row.log == own_log), "")
        others = {log: code for log, code in _codes(here).items() if code != own}
        self._ends = {**others, own_log: own or own_log.hex()}
        said = [row for row in introductions if self._believed(row)]
        self._addresses = _addresses(said)
        links = {(row.introducer, row.introduced) for row in said}
        links |= {(own_log, item.log) for item in neighbours if not item.paused}
        self._links: Links = both_ways((self.end(one), self.end(other)) for one, other in links)

    def _believed(self, row: IntroductionRow) -> bool:
        """Members are, about others; of our own neighbours we know for certain."""
        introducer = self._rows.get(row.introducer)
        ours = self._own_log in (row.introducer, row.introduced)
        return introducer is not None and introducer.standing in ACCEPTED_STANDINGS and not ours

    def end(self, log: bytes) -> str:
        """What a log goes by."""
        return self._ends.get(log) or log.hex()

    def suggested(self) -> list[SuggestedNeighbour]:
        """Whom the rule suggests, as what we know of them; those who are neighbours left out."""
        others = self._ends.keys() - {self._own_log, *self._left}
        logs = {end: log for log, end in self._ends.items() if log in others}
        found = suggest(self.end(self._own_log), logs.keys(), self._links)
        return [
            self._suggested(logs[code], why, steps)
            for code, why, steps in found
            if logs[code] not in self._neighbours
        ]

    def _suggested(self, log: bytes, why: Why, steps: int | None) -> SuggestedNeighbour:
        row = self._rows[log]
        return SuggestedNeighbour(
            log=log.hex(),
            fingerprint=fingerprint(log),
            code=row.code,
            name=row.name,
            why=why.value,
            steps=steps,
            standing=row.standing.value,
            url=self._addresses.get(log),
        )

    def distances(self) -> list[Distance]:
        """Everybody else who is known, the nearest first, those without a known way last."""
        ways = ways_from(self.end(self._own_log), self._links)
        logs = {self.end(log): log for log in (*self._rows, *self._neighbours)}
        found = []
        for log, row in self._rows.items():
            way = ways.get(self.end(log))
            if log != self._own_log:
                first = logs.get(way.through) if way else None
                through = first.hex() if first and first != log else ""
                steps = way.steps if way else None
                found.append(Distance(log.hex(), row.code, row.name, steps, through))
        return sorted(found, key=lambda item: (item.steps is None, item.steps or 0, item.code))


def _codes(rows: Iterable[LogRow]) -> dict[bytes, str]:
    """Each log's kommunkod where only one claims it; one that is accepted goes before others."""
    claims: dict[str, list[LogRow]] = defaultdict(list)
    for row in rows:
        claims[row.code].append(row)
    found = {}
    for code, claiming in claims.items():
        accepted = [row for row in claiming if row.standing in ACCEPTED_STANDINGS]
        if code and len(accepted or claiming) == 1:
            found[(accepted or claiming)[0].log] = code
    return found


def _addresses(said: Iterable[IntroductionRow]) -> dict[bytes, str]:
    """Each log's origin, where those who introduce it agree; what is no address is left out."""
    found: dict[bytes, set[str]] = defaultdict(set)
    for row in said:
        with suppress(ValueError):
            found[row.introduced].add(normalise_origin(row.url or ""))
    return {log: next(iter(origins)) for log, origins in found.items() if len(origins) == 1}


def add_command(url: str | None, log: str) -> str:
    """What an operator types to add a neighbour; ADDRESS stands for what has to be asked for."""
    return f"tidan peer add {shlex.quote(url) if url else 'ADDRESS'} --log {log}"
