"""A municipality's own ways: to another address, out of the network, or on in place of another.

What is signed here all can read, and leaving can not be taken back on a page: so each act says
first what follows from it, and leaving asks for a tick.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from aiohttp import web

from node.errors import ArgumentError
from node.operations.lifecycle_operations import Linked, OwnLifecycle
from node.web.message import Message
from node.web.posted import INVALID, Posted, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other, short_name
from node.web.visitors import acting
from protocol.directory import Standing
from protocol.limits import NOTE_CHARS_MAX
from storage.swedish_order import sort_key

WAYS = "/flytta"
LEAVE = "/flytta/lamna"
UNKNOWN = Message("Okänd kommun")
UNTICKED = Message("Kryssa i att ni vill lämna nätverket")
UNPRINTABLE = Message("Skälet innehåller tecken som inte går att publicera. Skriv om det")
TOO_LONG = Message(
    "Skälet är för långt, högst %(most)s tecken får plats",
    most=lambda formats: formats.number(NOTE_CHARS_MAX),
)
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})
NO_REASON = Message("Skriv varför, så att andra vet vad som gäller")


@dataclass(frozen=True, slots=True)
class Choice:
    """A municipality that can be chosen, or that something was said about."""

    log: str
    code: str
    name: str
    both_say: bool = False


@dataclass(frozen=True, slots=True)
class LeaveForm:
    """What was typed before leaving, and what is wrong with it, by field."""

    reason: str = ""
    successor: str = ""
    errors: dict[str, str] = field(default_factory=dict)


async def ways_page(request: web.Request) -> web.Response:
    """GET /flytta"""
    return await show_ways(request)


async def publish_address(request: web.Request) -> web.Response:
    """POST /flytta: the address in the settings is signed, as it was shown."""
    shown = str((await read_posted(request)).get("adress", ""))
    ways = await request.app[NODE].operations.lifecycle()
    if shown and shown == ways.settings_address != ways.address:
        await acting(request).publish_address(shown)
        raise see_other(f"{WAYS}?klart=adress")
    raise see_other(WAYS)


async def continue_log(request: web.Request) -> web.Response:
    """POST /flytta/fortsatt"""
    log = str((await read_posted(request)).get("kommun", ""))
    if log not in {choice.log for choice in await _members(request)}:
        error = Message("Välj vilken kommun ni fortsätter")
        return await show_ways(request, error_at="kommun", error=error)
    if log in {one.log for one in (await request.app[NODE].operations.lifecycle()).continues}:
        raise see_other(WAYS)  # a colleague was quicker
    await acting(request).continue_log(log)
    raise see_other(f"{WAYS}?klart=fortsatter")


async def stop_continuing(request: web.Request) -> web.Response:
    """POST /flytta/fortsatt/{log}/ta-tillbaka"""
    log = request.match_info["log"]
    reason = str((await read_posted(request)).get("skal", "")).strip()
    if log not in {one.log for one in (await request.app[NODE].operations.lifecycle()).continues}:
        raise see_other(WAYS)
    error = NO_REASON if not reason else TOO_LONG if len(reason) > NOTE_CHARS_MAX else ""
    if not error:
        try:
            await acting(request).stop_continuing(log, reason)
            raise see_other(f"{WAYS}?klart=fortsatter-inte")
        except ArgumentError:
            error = UNPRINTABLE
    return await show_ways(request, error_at=f"skal-{log}", error=error)


async def leave_form(request: web.Request) -> web.Response:
    """GET /flytta/lamna"""
    return await _show_leave(request, LeaveForm())


async def leave(request: web.Request) -> web.Response:
    """POST /flytta/lamna"""
    form = _read_leave(await read_posted(request))
    if not form.errors:
        chosen = {choice.log for choice in await _members(request)}
        successor = form.successor if form.successor in chosen else ""
        try:
            await acting(request).leave(form.reason, successor)
            raise see_other(f"{WAYS}?klart=lamnade-natverket")
        except ArgumentError:
            form = LeaveForm(form.reason, form.successor, {"skal": UNPRINTABLE})
    return await _show_leave(request, form)


def _read_leave(posted: Posted) -> LeaveForm:
    reason = str(posted.get("skal", "")).strip()
    errors: dict[str, str] = {}
    if len(reason) > NOTE_CHARS_MAX:
        errors["skal"] = TOO_LONG
    if posted.get("forstatt") != "ja":
        errors["forstatt"] = UNTICKED
    return LeaveForm(reason, str(posted.get("eftertradare", "")), errors)


async def show_ways(
    request: web.Request,
    *,
    error_at: str = "",
    error: str = "",
    typed: Mapping[str, str] = NOTHING_TYPED,
) -> web.Response:
    """The page, with what was typed and what is wrong with it."""
    ways = await request.app[NODE].operations.lifecycle()
    continued = {one.log for one in ways.continues}
    members = [choice for choice in await _members(request) if choice.log not in continued]
    return request.app[RENDERER].page(
        request,
        "lifecycle.html",
        status=INVALID if error else 200,
        ways=ways,
        heir=_choice(ways.successor) if ways.successor else None,
        continues=[_choice(one) for one in ways.continues],
        asked=[_choice(one) for one in ways.asked],
        members=members,
        error_at=error_at,
        error=error,
        typed=typed,
    )


async def _show_leave(request: web.Request, form: LeaveForm) -> web.Response:
    ways: OwnLifecycle = await request.app[NODE].operations.lifecycle()
    if ways.left_ms is not None:
        raise see_other(WAYS)
    return request.app[RENDERER].page(
        request,
        "leave.html",
        status=INVALID if form.errors else 200,
        form=form,
        members=await _members(request),
        ways=ways,
    )


async def _members(request: web.Request) -> list[Choice]:
    """The other municipalities whose logs are accepted here, in Swedish order."""
    found = [
        Choice(one.log, one.code, short_name(one.code, one.name))
        for one in await request.app[NODE].operations.members()
        if one.standing == Standing.MEMBER and one.sequence
    ]
    return sorted(found, key=lambda one: sort_key(one.name))


def _choice(linked: Linked) -> Choice:
    name = short_name(linked.code, linked.name) or UNKNOWN
    return Choice(linked.log, linked.code, name, linked.both_say)
