"""What a case of a neighbour's trouble is made of: our node with its pages, and who is met.

`EVERYTHING` is made from the code: one case for each state and each sentence that a page can say of
a neighbour, so that a new one without a case fails (test_neighbour_states.py).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, approved
from node.operations.neighbour_details import WayState
from node.operations.neighbour_status import LOG_FULL, SHARE_SPENT, NeighbourState
from node.sync import words
from node_factories import TestNode, until
from odd_servers import Reply, answering
from web_site import Site

TOLD_NOTHING = {
    "unreachable": "what stands in the way of dialling has a sentence of its own",
    "not_a_neighbour": "whoever is none is a stranger, of whom there is no page",
    "awaiting_approval": "whoever waits for approval here is among those who knock",
    "invite_refused": "whoever shows a bad invite here is a stranger",
    "wrong_origin": "found before anybody has proved who it is, so said of nobody",
    "remote": "a class of errors; none is raised by that name",
    "session": "a class of errors; none is raised by that name",
    "unreadable": "content that cannot be read is stored and passed on; no fault of a neighbour",
}
"""Codes with words that no page of a neighbour can say as found here, and why."""

EVERYTHING = {
    *(f"state {state}" for state in NeighbourState),
    *(f"way {state}" for state in WayState),
    *(f"found {code}" for code in words.WORDS if code not in TOLD_NOTHING),
    *(f"told {code}" for code in words.TOLD),
    *(f"dialling {sentence}" for sentence in words.DIALLING),
    *(f"quota {sentence}" for sentence in (LOG_FULL, SHARE_SPENT)),
    *("told something else", "told in a newer word", "refused"),
}


@dataclass
class Stage:
    """Our node and its pages, and what a case opens; all of it is closed at the end."""

    site: Site
    stack: AsyncExitStack
    folder: Path
    patch: pytest.MonkeyPatch

    @property
    def ours(self) -> TestNode:
        """The node whose pages are read."""
        return self.site.served

    async def other(self, **flags: object) -> TestNode:
        """Start another real node."""
        node = TestNode(self.folder / "hjo", "1497", "Hjo kommun", **flags)
        self.stack.push_async_callback(node.stop)
        return await node.start()

    async def dial(self, url: str, log: str = "ab" * 32) -> str:
        """Add a neighbour at an address; returns its log."""
        return (await self.ours.node.operations.add_neighbour(log, url)).log

    async def meet(self, reply: Reply) -> str:
        """Dial somebody who answers in a way of their own; returns the log that was expected."""
        return await self.dial(await self.stack.enter_async_context(answering(reply)))

    async def hostile(self, maker: LogMaker) -> HostileNeighbour:
        """A neighbour that has proved who it is, dialled us, and said what it holds."""
        neighbour = await self.stack.enter_async_context(approved(maker, self.ours))
        await neighbour.offer(maker)
        return neighbour


@dataclass
class Expected:
    """The neighbour whose page is read, and what must stand there at once."""

    log: str
    texts: list[str]


Case = Callable[[Stage], Awaitable[Expected]]
CASES: dict[str, Case] = {}


def case(*names: str) -> Callable[[Case], Case]:
    """Enter a function under what it shows."""

    def enter(made: Case) -> Case:
        CASES.update(dict.fromkeys(names, made))
        return made

    return enter


def state(word: NeighbourState | WayState) -> str:
    """A state as it stands on the page."""
    return f">{word.value}</span>"


def hjo() -> LogMaker:
    """The log of a neighbour that is played by a test."""
    return LogMaker(4, code="1497", name="Hjo kommun")


async def until_state(stage: Stage, log: str, wanted: NeighbourState) -> None:
    """Wait until our node says a state of a neighbour."""

    async def said() -> bool:
        shown = {item.log: item.state for item in await stage.ours.node.operations.neighbours()}
        return shown[log] == wanted

    await until(said, f"the neighbour was {wanted}")
