"""A municipality's new name: typed, with the reason, and signed."""

from __future__ import annotations

from aiohttp import web

from node.errors import ArgumentError
from node.municipal.likeness import is_readable
from node.web.message import Message
from node.web.pages.lifecycle import TOO_LONG, WAYS, show_ways
from node.web.posted import read_posted
from node.web.site import NODE, see_other
from node.web.visitors import acting
from protocol.limits import NOTE_CHARS_MAX

NAME_CHARS_MAX = 100
"""Longer than any municipality's; the protocol would take twice as much."""


async def rename(request: web.Request) -> web.Response:
    """POST /flytta/namn"""
    posted = await read_posted(request)
    name = " ".join(str(posted.get("namn", "")).split())
    reason = str(posted.get("skal", "")).strip()
    ways = await request.app[NODE].operations.lifecycle()
    if ways.left_ms is not None or (name and name == ways.name and reason):
        raise see_other(WAYS)
    error_at, error = _wrong(name, reason)
    if not error:
        try:
            await acting(request).rename(name, reason)
        except ArgumentError:
            error_at = "namn"
            error = Message("Namnet kan förväxlas med en annan kommuns. Välj ett annat")
        else:
            raise see_other(f"{WAYS}?klart=namn")
    typed = {"namn": name, "skal": reason}
    return await show_ways(request, error_at=error_at, error=error, typed=typed)


def _wrong(name: str, reason: str) -> tuple[str, str]:
    """Which field is wrong, and why; both empty when none is."""
    if not name:
        return "namn", Message("Skriv det nya namnet")
    if len(name) > NAME_CHARS_MAX:
        return "namn", Message(
            "Namnet är för långt, högst %(most)s tecken får plats",
            most=lambda formats: formats.number(NAME_CHARS_MAX),
        )
    if not is_readable(name):
        return "namn", Message(
            "Skriv namnet med latinska bokstäver, siffror och vanliga skiljetecken"
        )
    if not reason:
        return "namn-skal", Message("Skriv varför namnet byts")
    return ("namn-skal", TOO_LONG) if len(reason) > NOTE_CHARS_MAX else ("", "")
