"""The quotas about one municipality: what is kept of its log, and what it may bring as a neighbour.

Each is shown with how much of it is used and is changed in a form of its own; who sees that the
amount is not what it should be can block the municipality from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

from aiohttp import web

from node.errors import ArgumentError
from node.operations.quota_operations import (
    ENTRIES_MAX,
    MEGABYTES_MAX,
    LogQuotas,
    QuotaStatus,
)
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other, short_name
from node.web.swedish import read_number
from node.web.visitors import acting
from storage.quota_store import QuotaKind

REASON_CHARS_MAX = 500
UNKNOWN = Message("Okänd kommun")
NOT_A_QUOTA: Final = Message("Skriv ett heltal, minst 1")
TOO_LARGE: Final = Message("Talet är för stort")
TOO_LONG: Final = Message(
    "Skälet är för långt, högst %(most)s tecken får plats",
    most=lambda formats: formats.number(REASON_CHARS_MAX),
)
NO_REASON: Final = Message("Skriv varför ni blockerar, så att den som kommer efter förstår")


class Typed(NamedTuple):
    """What somebody typed, and what is wrong with it, by field."""

    values: Mapping[str, str]
    errors: Mapping[str, str]


NOTHING: Final = Typed({}, {})


async def quota_page(request: web.Request) -> web.Response:
    """GET /grannar/{log}/kvot"""
    return _show(request, await _quotas(request), NOTHING)


async def change(request: web.Request) -> web.Response:
    """POST /grannar/{log}/kvot: `vad` says which quota, or that the municipality is blocked."""
    found = await _quotas(request)
    posted = await read_posted(request)
    kind = str(posted.get("vad", ""))
    values = {name: str(text) for name, text in posted.items()}
    if kind == "blockera":
        return await _block(request, found, values)
    if kind not in {status.kind for status in _of(found)}:
        raise web.HTTPBadRequest
    operations = acting(request)
    if "standard" in values:
        await operations.restore_quota(kind, found.log)
        raise see_other(f"/grannar/{found.log}/kvot?klart=kvot-standard")
    numbers, errors = _read(kind, values)
    if errors:
        return _show(request, found, Typed(values, errors))
    entries, megabytes = numbers
    reason = values.get(f"{kind}-skal", "")
    await operations.change_quota(kind, found.log, entries, megabytes, reason)
    raise see_other(f"/grannar/{found.log}/kvot?klart=kvot")


async def _block(request: web.Request, found: LogQuotas, values: Mapping[str, str]) -> web.Response:
    reason = " ".join(values.get("skal", "").split())
    fault = "" if reason else NO_REASON
    if len(reason) > REASON_CHARS_MAX:
        fault = TOO_LONG
    if fault:
        return _show(request, found, Typed(values, {"skal": fault}))
    await acting(request).decide_member("block", found.log, reason)
    raise see_other("/grannar?klart=aldrig")


def _read(kind: str, values: Mapping[str, str]) -> tuple[list[int], dict[str, str]]:
    """The two numbers of a form, and what is wrong in it."""
    numbers: list[int] = []
    errors: dict[str, str] = {}
    for field, most in (("inlagg", ENTRIES_MAX), ("mb", MEGABYTES_MAX)):
        name = f"{kind}-{field}"
        try:
            number = read_number(values.get(name, ""))
        except ValueError:
            number = 0
        if not 1 <= number <= most:
            errors[name] = TOO_LARGE if number else NOT_A_QUOTA
        numbers.append(number)
    if len(values.get(f"{kind}-skal", "").strip()) > REASON_CHARS_MAX:
        errors[f"{kind}-skal"] = TOO_LONG
    return numbers, errors


async def _quotas(request: web.Request) -> LogQuotas:
    try:
        return await request.app[NODE].operations.quotas(request.match_info["log"])
    except ArgumentError:  # our own log, or one that nobody here knows
        raise web.HTTPNotFound from None


def _of(found: LogQuotas) -> list[QuotaStatus]:
    return [found.kept, *([found.neighbour] if found.neighbour else [])]


def _show(request: web.Request, found: LogQuotas, typed: Typed) -> web.Response:
    view = request.app[NODE].directory.get(bytes.fromhex(found.log))
    return request.app[RENDERER].page(
        request,
        "quotas.html",
        status=INVALID if typed.errors else 200,
        found=found,
        name=short_name(found.code, found.name) or UNKNOWN,
        KEPT=QuotaKind.LOG.value,
        may_block=view is not None and view.accepted,
        values=typed.values,
        errors=typed.errors,
    )
