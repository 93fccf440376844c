"""The accessibility statement, and what readers write to whoever answers for it.

The statement is open to everybody, also on a node whose pages are not: who cannot sign in must be
able to say so. Messages stay on this node until an operator has dealt with them.
"""

from __future__ import annotations

import asyncio

from aiohttp import web

from node.guessing import Allowance, Guesses, network_of
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import address_of, viewer_of
from storage.account_views import Role
from storage.feedback_file import FeedbackFile

ADDRESS = "/tillganglighet"
INBOX = f"{ADDRESS}/synpunkter"
FILE_NAME = "synpunkter.json"
TEXT_CHARS_MAX = 4_000
REPLY_CHARS_MAX = 200
TOO_MANY = 429
FULL = 503
OF_MESSAGES = Allowance(guesses=5, refill_ms=10 * 60_000)

FEEDBACK = web.AppKey("feedback", FeedbackFile)
MESSAGES_SENT = web.AppKey("messages_sent", Guesses)


def prepare(app: web.Application) -> None:
    """Give the application its mailbox, in the node's data folder."""
    app[FEEDBACK] = FeedbackFile(app[NODE].settings.data / FILE_NAME)
    app[MESSAGES_SENT] = Guesses(OF_MESSAGES)


async def statement_page(request: web.Request) -> web.Response:
    """GET /tillganglighet"""
    return _show(request, {}, {})


async def send_feedback(request: web.Request) -> web.Response:
    """POST /tillganglighet"""
    posted = await read_posted(request)
    typed = {name: str(posted.get(name, "")).strip() for name in ("text", "svar")}
    if fault := _fault(typed):
        return _show(request, typed, fault, INVALID)
    node, sent = request.app[NODE], request.app[MESSAGES_SENT]
    network, monotonic_ms = network_of(address_of(request)), node.clock.monotonic_ms()
    if sent.wait_ms(network, monotonic_ms):
        wait = Message(
            "Det har kommit många synpunkter härifrån på kort tid. Vänta tio minuter, eller ring"
        )
        return _show(request, typed, {"text": wait}, TOO_MANY)
    sent.take(network, monotonic_ms)
    now_ms = node.clock.time_ms()
    kept = await asyncio.to_thread(request.app[FEEDBACK].add, now_ms, typed["text"], typed["svar"])
    if not kept:
        full = Message("Brevlådan är full just nu. Mejla eller ring i stället")
        return _show(request, typed, {"text": full}, FULL)
    node.logger.info("accessibility feedback arrived")
    raise see_other(f"{ADDRESS}?klart=synpunkt")


async def feedback_count(request: web.Request) -> int:
    """How many messages wait, for who may read them."""
    if not viewer_of(request).may(Role.OPERATOR):
        return 0
    return len(await asyncio.to_thread(request.app[FEEDBACK].waiting))


async def inbox_page(request: web.Request) -> web.Response:
    """GET /tillganglighet/synpunkter"""
    waiting = await asyncio.to_thread(request.app[FEEDBACK].waiting)
    return request.app[RENDERER].page(request, "feedback.html", waiting=waiting)


async def dealt_with(request: web.Request) -> web.Response:
    """POST /tillganglighet/synpunkter/{number}/klar"""
    number = int(request.match_info["number"])
    await asyncio.to_thread(request.app[FEEDBACK].remove, number)
    raise see_other(f"{INBOX}?klart=synpunkt-klar")


def _fault(typed: dict[str, str]) -> dict[str, str]:
    if not typed["text"]:
        return {"text": Message("Skriv vad som inte fungerar")}
    if len(typed["text"]) > TEXT_CHARS_MAX:
        return {"text": Message("Texten är för lång, högst 4 000 tecken får plats")}
    if len(typed["svar"]) > REPLY_CHARS_MAX:
        return {"svar": Message("Skriv en e-postadress eller ett telefonnummer, högst 200 tecken")}
    return {}


def _show(
    request: web.Request, typed: dict[str, str], errors: dict[str, str], status: int = 200
) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "statement.html",
        status=status,
        statement=request.app[NODE].settings.accessibility,
        typed=typed,
        errors=errors,
    )
