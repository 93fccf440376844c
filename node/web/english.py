"""How dates, times and numbers are written in English on staff pages, the European way."""

from __future__ import annotations

from typing import Final

from node.web.formats import NO_BREAK_SPACE, Formats

ENGLISH: Final = Formats(
    locale="en_GB",
    clock="%H:%M",
    day_and_clock="{day}, {clock}",
    units=(("day", "days"), ("hour", "hours"), ("minute", "minutes"), ("second", "seconds")),
    money=f"SEK{NO_BREAK_SPACE}{{}}",
    none="no {}",
    owner=lambda name: f"{name}’s",
)
