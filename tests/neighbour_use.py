"""Every verb and page on the way to a new neighbour, and back (a part of whole_use.py)."""

from __future__ import annotations

from typing import Any, Protocol

from factories import LogMaker
from node.operations.node import Node
from protocol.invite import InviteCode, encode_code


class Visitor(Protocol):
    """Somebody who uses a node, as whole_use.py makes one."""

    async def get(self, path: str, status: int = 200) -> None:
        """Ask for a page."""

    async def post(self, path: str, *fields: tuple[str, str], status: int = 303) -> str:
        """Send a form."""

    async def ask(self, verb: str, /, **arguments: object) -> Any:
        """Perform one verb."""


async def become_neighbours(visitor: Visitor, node: Node) -> None:
    """Everything on the way to being neighbours, and back."""
    invited, skara, tibro = LogMaker(21), LogMaker(22), LogMaker(23)
    for maker in (skara, tibro):
        await node.neighbours.knock(maker.log, "1495", "Exempel", node.clock.time_ms())
    number = (await visitor.ask("make_invite", words="Exempel"))["invite"]["number"]
    now_ms = node.clock.time_ms()
    await node.invite_store.claim(number, invited.log, now_ms)
    await node.neighbours.knock(invited.log, "1495", "Exempel", now_ms, invite=number)
    await node.invites.load()
    await visitor.ask("invites")
    for path in ("/grannar/inbjudningar", "/inbjudan", "/grannar/anslut", "/grannar"):
        await visitor.get(path)
    await visitor.ask("dismiss_knock", log=invited.log.hex())
    await visitor.ask("approve_knock", log=invited.log.hex())
    await visitor.ask("block_knock", log=skara.log.hex(), reason="Exempel")
    await visitor.post(f"/grannar/{tibro.log.hex()}/svar", ("svar", "inte-nu"))
    removal = f"/grannar/{invited.log.hex()}/ta-bort"
    await visitor.get(removal)
    await visitor.post(removal)
    await visitor.post("/grannar/inbjudningar", ("till", "Exempel"), ("dagar", "7"), status=200)
    (number,) = [invite["number"] for invite in await visitor.ask("invites")]
    await visitor.post(f"/grannar/inbjudningar/{number}/ta-tillbaka")
    await visitor.ask("make_invite", words="Exempel")
    (number,) = [invite["number"] for invite in await visitor.ask("invites")]
    await visitor.ask("revoke_invite", number=number)
    code = InviteCode("http://127.0.0.1:9", tibro.log, bytes(16), "1472")
    await visitor.ask("read_invite", text=encode_code(code))
    await visitor.ask("use_invite", text=encode_code(code))
    await node.invites.forget(tibro.log)
    await visitor.post("/grannar/anslut", ("inbjudan", encode_code(code)), status=200)
    await visitor.ask("remove_neighbour", log=tibro.log.hex())


async def take_back(visitor: Visitor, node: Node, foreign: LogMaker) -> None:
    """Introductions of our own, taken back by verb and by page."""
    log = foreign.log.hex()
    path = f"/grannar/{log}/introduktion"
    for by_page in (False, True):
        await visitor.ask("add_neighbour", log=log)
        await node.introductions.review()
        await node.projector.settled()
        await visitor.ask("own_introductions")
        await visitor.get(path)
        if by_page:
            await visitor.post(path, ("skal", "Exempel"))
        else:
            await visitor.ask("withdraw_introduction", log=log, reason="Exempel")
        await visitor.ask("remove_neighbour", log=log)


async def change_quotas(visitor: Visitor, log: str) -> None:
    """Quotas of a neighbour and of its log, seen and changed by verb and by page."""
    path = f"/grannar/{log}/kvot"
    for kind in ("log", "neighbour"):
        await visitor.ask("quotas", log=log)
        await visitor.ask("change_quota", kind=kind, log=log, entries=900_000)
        await visitor.get(path)
        await visitor.ask("restore_quota", kind=kind, log=log)
        given = ((f"{kind}-inlagg", "900000"), (f"{kind}-mb", "900"), (f"{kind}-skal", ""))
        await visitor.post(path, ("vad", kind), *given)
