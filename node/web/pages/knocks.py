"""Answers to those who ask to become neighbours: approve, not now, block with a reason."""

from __future__ import annotations

from aiohttp import web

from node.errors import ArgumentError
from node.web.message import Message
from node.web.pages.neighbours import REASON_CHARS_MAX, show_neighbours
from node.web.posted import INVALID, read_posted
from node.web.site import see_other
from node.web.visitors import acting


async def answer(request: web.Request) -> web.Response:
    """POST /grannar/{log}/svar"""
    posted = await read_posted(request)
    log, operations = request.match_info["log"], acting(request)
    try:
        match posted.get("svar"):
            case "godkann":
                await operations.approve_knock(log)
                receipt = "godkand"
            case "inte-nu":
                await operations.dismiss_knock(log)
                receipt = "inte-nu-granne"
            case "blockera":
                reason = " ".join(str(posted.get("skal", "")).split())
                if fault := _reason_fault(reason):
                    place = f"knackar-{log}"
                    return await show_neighbours(
                        request, status=INVALID, error_log=place, error=fault
                    )
                await operations.block_knock(log, reason)
                receipt = "aldrig"
            case _:
                raise web.HTTPBadRequest
    except ArgumentError:  # a colleague has answered meanwhile; the page shows what holds now
        raise see_other("/grannar") from None
    raise see_other(f"/grannar?klart={receipt}")


def _reason_fault(reason: str) -> str:
    if not reason:
        return Message("Skriv varför innan ni blockerar, så att den som kommer efter förstår")
    if len(reason) > REASON_CHARS_MAX:
        return Message(
            "Skälet är för långt, högst %(most)s tecken får plats", most=REASON_CHARS_MAX
        )
    return ""
