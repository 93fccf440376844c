"""Progress at a terminal: a bar that is redrawn, or a line now and then where nobody watches.

With `--json` nothing is printed but the document at the end, as everywhere.
"""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

LINE_SECONDS = 5.0
BAR_CHARS = 16
CLUTTER_CHARS = 12
"""Brackets, percent and spaces of a bar's line."""
UNITS = ((1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB"))
LENGTHS = ((86_400, "d"), (3_600, "h"), (60, "min"))


class Display:
    """Shows one stage at a time; nothing when it is silent."""

    def __init__(self, *, silent: bool) -> None:
        self._silent = silent
        self._terminal = sys.stdout.isatty()
        self._bar: Any = None
        self._label = ""
        self._said = ""
        self._said_at = 0.0

    def show(self, label: str, done: int, total: int, details: str) -> None:
        """Show how far this stage is; another label begins another bar."""
        if self._silent:
            return
        if not self._terminal:
            self._line(label, ", ".join(filter(None, (f"{label}: {share(done, total)}", details))))
            return
        if self._bar is None or self._label != label:
            self.complete()
            self._bar = _begin_bar(label)
        self._label = label
        room = shutil.get_terminal_size().columns - len(label) - BAR_CHARS - CLUTTER_CHARS
        counts = f"{done:,} of {total:,}"
        line = ", ".join(filter(None, (counts, details)))
        self._draw(done, max(1, total), line[: max(0, room)])

    def wait(self, words: str) -> None:
        """Say that nothing can be measured yet, and why; once."""
        if not self._silent and words != self._said:
            self.end()
            self._line(words, words)

    def complete(self) -> None:
        """The stage that was shown is done: its bar is full."""
        if self._bar is not None:
            self._draw(self._bar.length, self._bar.length, "")
        self.end()

    def _draw(self, done: int, total: int, details: str) -> None:
        self._bar.length, self._bar.pos = total, 0
        self._bar.update(done, details)

    def end(self) -> None:
        """Leave the bar as it is; the next line is free."""
        if self._bar is not None:
            self._bar.render_finish()
            self._bar = None

    def _line(self, key: str, line: str) -> None:
        now = time.monotonic()
        if key != self._said or now - self._said_at >= LINE_SECONDS:
            click.echo(line)
            self._said, self._said_at = key, now


@contextmanager
def display(*, silent: bool) -> Iterator[Display]:
    """A display that leaves the terminal in order, whatever happens."""
    shown = Display(silent=silent)
    try:
        yield shown
    finally:
        shown.end()


def _begin_bar(label: str) -> Any:
    bar = click.progressbar(
        length=1,
        label=label,
        show_eta=False,
        show_percent=True,
        item_show_func=lambda details: details,
        width=BAR_CHARS,
        bar_template="%(label)s [%(bar)s] %(info)s",
        update_min_steps=0,
    )
    bar.render_progress()
    return bar


def share(done: int, total: int) -> str:
    """So much of so much, and in percent; never 100 % before all is done."""
    percent = 100 if done >= total else min(99, done * 100 // total)
    return f"{done:,} of {total:,} entries ({percent} %)"


def size(count_bytes: int) -> str:
    """A number of bytes for people."""
    for unit, name in UNITS:
        if count_bytes >= unit:
            return f"{count_bytes / unit:,.1f} {name}"
    return f"{count_bytes} B"


def stage_details(stage: dict[str, Any]) -> list[str]:
    """How long a stage may take and its speed, once both can be told; the first matters most."""
    seconds = stage["seconds_left"]
    if not seconds:
        return []
    speed = f"{round(stage['per_second']):,} entries/s"
    for unit, name in LENGTHS:
        if seconds >= unit:
            return [f"about {round(seconds / unit)} {name} left", speed]
    return [f"about {seconds} s left", speed]


def show_stage(shown: Display, label: str, stage: dict[str, Any]) -> None:
    """Show a stage that has only its count."""
    shown.show(label, stage["done"], stage["total"], ", ".join(stage_details(stage)))
