"""Connecting to another municipality: with the invite it gave us, or with its address and id.

Nothing is called before a person has seen whom it leads to: first the fingerprints to compare, then
the neighbour. Everything that was typed is carried along, so the page needs no memory.
"""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from node.errors import ArgumentError
from node.municipal import municipalities
from node.operations.invite_operations import InviteReading
from node.operations.log_ids import read_log_id
from node.operations.node import Node
from node.origins import is_inside, normalise_origin
from node.web.message import Message
from node.web.posted import INVALID, Posted, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import acting
from protocol.directory import Standing
from protocol.identity import fingerprint

NOT_WHOLE = Message(
    "Det här är ingen hel inbjudan. Kopiera hela länken en gång till, eller be om en ny"
)
OWN_INVITE = Message("Det här är er egen inbjudan. Den är till den andra kommunen")
ADDRESS_FAULT = Message(
    "Skriv adressen som den står hos den andra kommunen, till exempel https://tidan.hjo.se"
)
OWN_ADDRESS = Message("Det här är er egen adress. Skriv den andra kommunens")
INSIDE = Message(
    "Adressen går bara att nå inifrån ett nät. En sådan läggs till av den som sköter servern"
)
ID_FAULT = Message(
    "Ett id är 64 tecken, 0–9 och a–f. Det står på sidan Grannar hos den andra kommunen"
)
OWN_ID = Message("Det här är ert eget id. Skriv den andra kommunens")
BLOCKED = Message(
    "Kommunen är blockerad hos er. Häv det först, längst ned på sidan Grannar, om ni har ändrat er"
)


class Fault(NamedTuple):
    """What is wrong in a field, and how the program says it."""

    words: str
    technical: str = ""


class Found(NamedTuple):
    """Whom a form leads to, before anything is called; `code` and `url` may be empty."""

    log: str
    fingerprint: str
    url: str
    code: str


async def join_form(request: web.Request) -> web.Response:
    """GET /grannar/anslut"""
    return _show_form(request, {}, {})


async def join(request: web.Request) -> web.Response:
    """POST /grannar/anslut: shows whom it leads to, and adds the neighbour when asked again."""
    posted = await read_posted(request)
    by_address = posted.get("satt") == "adress"
    typed = {name: str(posted.get(name, "")).strip() for name in ("inbjudan", "adress", "id")}
    read = _read_address if by_address else _read_invite
    found, faults = await read(request, typed)
    if found is None:
        return _show_form(request, typed, faults, by_address=by_address)
    if posted.get("jamfort") != "ja":
        return _show_found(request, found, typed, by_address=by_address)
    await _add(request, found, typed, posted, by_address=by_address)
    raise see_other("/grannar?klart=ansluter")


async def _add(
    request: web.Request, found: Found, typed: dict[str, str], posted: Posted, *, by_address: bool
) -> None:
    operations = acting(request)
    if posted.get("log") != found.log:  # what was compared is not what the form says now
        raise web.HTTPBadRequest
    if by_address:
        await operations.add_neighbour(found.log, found.url or None)
    else:
        await operations.use_invite(typed["inbjudan"])


async def _read_invite(
    request: web.Request, typed: dict[str, str]
) -> tuple[Found | None, dict[str, Fault]]:
    node = request.app[NODE]
    try:
        reading = await node.operations.read_invite(typed["inbjudan"])
    except ArgumentError as error:
        return None, {"inbjudan": Fault(NOT_WHOLE, str(error))}
    fault = _refused_invite(node, reading)
    if fault is not None:
        return None, {"inbjudan": fault}
    return Found(reading.log, reading.fingerprint, reading.url, reading.code), {}


def _refused_invite(node: Node, reading: InviteReading) -> Fault | None:
    log = bytes.fromhex(reading.log)
    if log == node.own_log:
        return Fault(OWN_INVITE)
    if _is_blocked(node, log):
        return Fault(BLOCKED)
    return _inside_fault(node, reading.url)


async def _read_address(
    request: web.Request, typed: dict[str, str]
) -> tuple[Found | None, dict[str, Fault]]:
    node, faults = request.app[NODE], {}
    url, log = "", b""
    try:
        url = normalise_origin(typed["adress"]) if typed["adress"] else ""
    except ValueError as error:
        faults["adress"] = Fault(ADDRESS_FAULT, str(error))
    if url in node.settings.origins:
        faults["adress"] = Fault(OWN_ADDRESS)
    elif url and (inside := _inside_fault(node, url)):
        faults["adress"] = inside
    try:
        log = read_log_id(typed["id"])
    except ArgumentError as error:
        faults["id"] = Fault(ID_FAULT, str(error))
    if log == node.own_log:
        faults["id"] = Fault(OWN_ID)
    elif _is_blocked(node, log):
        faults["id"] = Fault(BLOCKED)
    if faults:
        return None, faults
    known = await node.log_store.log(log)
    return Found(log.hex(), fingerprint(log), url, known.code if known else ""), {}


def _is_blocked(node: Node, log: bytes) -> bool:
    view = node.directory.get(log)
    return view is not None and view.standing is Standing.BLOCKED


def _inside_fault(node: Node, origin: str) -> Fault | None:
    """A node that the world reaches is not sent by a form to what only it can reach."""
    if is_inside(origin) and not node.settings.stands_inside:
        return Fault(INSIDE, f"tidan peer add {origin} --log ID")
    return None


def _show_form(
    request: web.Request,
    typed: dict[str, str],
    faults: dict[str, Fault],
    *,
    by_address: bool = False,
) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "join.html",
        status=INVALID if faults else 200,
        typed=typed,
        faults=faults,
        errors={name: fault.words for name, fault in faults.items()},
        by_address=by_address,
    )


def _show_found(
    request: web.Request, found: Found, typed: dict[str, str], *, by_address: bool
) -> web.Response:
    known = municipalities.by_code(found.code)
    return request.app[RENDERER].page(
        request,
        "join_compare.html",
        found=found,
        name=known.name if known else "",
        own_fingerprint=fingerprint(request.app[NODE].own_log),
        typed=typed,
        by_address=by_address,
    )
