"""What a long programme has come to over many runs, added up in its result file.

A programme works through *units*: numbers, mostly seeds, in one or several *parts* (kinds).
Each unit comes to a tally: counts under names, nested at will, that add up. A *stretch* is all that
was played at one revision of the tree. Kept are the units of each stretch and what they came to
together, so a run that was stopped goes on, and other units add to what is there.

A unit that broke something is not done: it is played again by the next run, and once it holds, what
it broke is told as mended.
"""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tests.proof_results import FOLDER

ROOT = Path(__file__).resolve().parents[1]
OURS = ("protocol", "storage", "node", "tests")
SAVE_EVERY_SECONDS = 60.0
_TOLD_CHARS = 160
"""A page tells so much of what one unit broke; the result file has all of it."""
Counts = dict[str, Any]
"""Whole numbers, or counts again, by name."""


@dataclass(slots=True)
class Stretch:
    """What was played at one revision: units and counts by part, and the last day of it."""

    revision: str
    made: str
    units: dict[str, str] = field(default_factory=dict)
    counts: dict[str, Counts] = field(default_factory=dict)
    broken: dict[str, dict[str, str]] = field(default_factory=dict)
    mended: dict[str, dict[str, str]] = field(default_factory=dict)


class Stretches:
    """All stretches of one programme; ``save`` is called now and then and at the end, if given.

    Without ``save`` nothing is read and nothing kept: the same programme, from nothing.
    """

    def __init__(
        self,
        name: str,
        save: Callable[[Stretches], None] | None = None,
        *,
        folder: Path = FOLDER,
        revision: str = "",
    ) -> None:
        self._save = save
        self._revision = revision or tree_revision()
        self._saved_at = time.monotonic()
        self.all: list[Stretch] = list(_read(folder / f"{name}.json")) if save else []
        self._done: dict[str, set[int]] = {}
        for stretch in self.all:
            for part, units in stretch.units.items():
                self._done.setdefault(part, set()).update(numbers(units))
        self._now: dict[str, set[int]] = {
            part: set(numbers(units)) for part, units in self._current().units.items()
        }

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.save()

    def left(self, part: str, units: Iterable[int]) -> list[int]:
        """Which of these units have not been played, or broke something when they were."""
        done = self._done.get(part, set())
        return [unit for unit in units if unit not in done]

    def add(self, part: str, unit: int, counts: Counts, broken: str | None = None) -> None:
        """Take in what one unit came to; ``broken`` says what it broke."""
        earlier = [stretch for stretch in self.all if str(unit) in stretch.broken.get(part, {})]
        now = self._current()
        now.made = _today()
        for stretch in earlier:
            said = stretch.broken[part].pop(str(unit))
            if not broken:
                stretch.mended.setdefault(part, {})[str(unit)] = said
        if broken:
            now.broken.setdefault(part, {})[str(unit)] = broken
        else:
            self._done.setdefault(part, set()).add(unit)
            self._now.setdefault(part, set()).add(unit)
            add_up(now.counts.setdefault(part, {}), counts)
        if time.monotonic() - self._saved_at > SAVE_EVERY_SECONDS:
            self.save()

    def save(self) -> None:
        """Have it written, if it is to be kept."""
        self._saved_at = time.monotonic()
        if self._save is not None:
            self._save(self)

    @property
    def parts(self) -> list[str]:
        """The parts of which something was played, in alphabetical order."""
        return sorted({part for stretch in self.all for part in (*stretch.counts, *stretch.broken)})

    def total(self, part: str | None = None) -> Counts:
        """The counts of one part, or of all together, over all stretches."""
        found: Counts = {}
        for stretch in self.all:
            for name, counts in stretch.counts.items():
                if part in (None, name):
                    add_up(found, counts)
        return found

    def broken(self, part: str | None = None) -> list[str]:
        """What is broken now, each unit with its part and number."""
        return [
            f"{name} {unit}: {said}"
            for stretch in self.all
            for name, units in stretch.broken.items()
            if part in (None, name)
            for unit, said in units.items()
        ]

    def played(self, part: str) -> int:
        """How many units of a part were played, with those that broke something."""
        broken = sum(len(stretch.broken.get(part, {})) for stretch in self.all)
        return len(self._done.get(part, ())) + broken

    def as_json(self) -> list[dict[str, Any]]:
        """What `docs/results` keeps."""
        self._write_units()
        return [asdict(item) for item in self.all if item.units or item.broken or item.mended]

    def _write_units(self) -> None:
        for part, units in self._now.items():
            self._current().units[part] = ranges(units)

    def _current(self) -> Stretch:
        for stretch in self.all:
            if stretch.revision == self._revision:
                return stretch
        self.all.append(Stretch(self._revision, _today()))
        return self.all[-1]


def told(stretches: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What a page says of each stretch: revision, day, units, and what was mended since."""
    for stretch in stretches:
        counts = [f"{part} {_shortened(units)}" for part, units in stretch["units"].items()]
        broken = [
            f"{part} {unit}: {_excerpt(said)}"
            for part, units in stretch["mended"].items()
            for unit, said in units.items()
        ]
        mended = f"; broke something that is mended since: {'; '.join(broken)}" if broken else ""
        if counts or mended:
            yield f"{stretch['revision']}, {stretch['made']}: {', '.join(counts)}{mended}."


def _excerpt(said: str) -> str:
    return said if len(said) <= _TOLD_CHARS else f"{said[:_TOLD_CHARS]} … (whole in the file)"


def _shortened(units: str) -> str:
    shown = units.split(" ")
    more = f" … ({len(list(numbers(units))):,} in all)" if len(shown) > 4 else ""
    return ", ".join(one.replace("-", "–") for one in shown[:4]) + more


def add_up(total: Counts, counts: Mapping[Any, Any]) -> None:
    """Add counts to a total, name by name; a number becomes the name that JSON gives it."""
    for name, value in counts.items():
        if isinstance(value, Mapping):
            add_up(total.setdefault(str(name), {}), value)
        else:
            total[str(name)] = total.get(str(name), 0) + value


def ranges(units: Iterable[int]) -> str:
    """Numbers in the short form ``1-30 45``."""
    found: list[list[int]] = []
    for unit in sorted(units):
        if found and unit == found[-1][1] + 1:
            found[-1][1] = unit
        else:
            found.append([unit, unit])
    return " ".join(f"{a}" if a == b else f"{a}-{b}" for a, b in found)


def numbers(text: str) -> Iterator[int]:
    """The numbers that `ranges` has written."""
    for one in text.split():
        first, _, last = one.partition("-")
        yield from range(int(first), int(last or first) + 1)


def tree_revision() -> str:
    """The commit whose sources run here, or that they differ from it, or that none is known."""

    def git(*words: str) -> str | None:
        asked = ["git", "-C", str(ROOT), *words]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        return None if done.returncode else done.stdout.strip()

    commit = git("rev-parse", "--short=10", "HEAD")
    if commit is None:
        return "no revision known"
    return f"{commit} with changes" if git("status", "--porcelain", "--", *OURS) else commit


def _read(path: Path) -> Iterator[Stretch]:
    kept = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for stretch in kept.get("stretches", []):
        yield Stretch(**stretch)


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"
