"""Signing in and out.

What is said about a wrong name and a wrong password is the same. Afterwards one is where one was
going, if that is a place on this site.
"""

from __future__ import annotations

from aiohttp import web

from node.errors import OverloadedError, SignInError, TooManyGuessesError
from node.web.example import EXAMPLE
from node.web.labels import refusal
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import (
    address_of,
    drop_session,
    keep_session,
    local_path,
    session_token,
    viewer_of,
)

WRONG = Message("Användarnamnet eller lösenordet stämmer inte")
MISSING = Message("Skriv både användarnamn och lösenord")
TOO_MANY = 429
OVERLOADED = 503


async def sign_in_form(request: web.Request) -> web.Response:
    """GET /logga-in"""
    goal = local_path(request.query.get("till", "/"))
    if viewer_of(request).user is not None:
        raise see_other(goal)
    return await _show(request, goal)


async def sign_in(request: web.Request) -> web.Response:
    """POST /logga-in"""
    posted = await read_posted(request)
    goal, name = local_path(str(posted.get("till", "/"))), str(posted.get("namn", ""))
    password = str(posted.get("losenord", ""))
    if not name.strip() or not password:
        return await _show(request, goal, name, MISSING, INVALID)
    try:
        token = await request.app[NODE].sessions.sign_in(
            name, password, address=address_of(request), former=session_token(request)
        )
    except SignInError:
        return await _show(request, goal, name, WRONG, INVALID)
    except TooManyGuessesError as error:
        return await _show(request, goal, name, wait_words(error), TOO_MANY)
    except OverloadedError as error:
        return await _show(request, goal, name, refusal(error.code), OVERLOADED)
    answer = see_other(goal)
    keep_session(request, answer, token)
    raise answer


def wait_words(error: TooManyGuessesError) -> str:
    """Why no guess is taken now, and when one is."""
    return Message(
        "Det har blivit fel för många gånger. Försök igen om %(wait)s",
        wait=lambda formats: formats.duration(error.wait_ms),
    )


async def _show(
    request: web.Request, goal: str, name: str = "", error: str = "", status: int = 200
) -> web.Response:
    node, example = request.app[NODE], request.app.get(EXAMPLE)
    return request.app[RENDERER].page(
        request,
        "sign_in.html",
        status=status,
        goal=goal,
        name=name or (example.name if example else ""),
        error=error,
        example=example,
        nobody_yet=not await node.account_store.has_operator(),
    )


async def sign_out(request: web.Request) -> web.Response:
    """POST /logga-ut"""
    await request.app[NODE].sessions.sign_out(session_token(request))
    answer = see_other("/?klart=utloggad")
    drop_session(request, answer)
    raise answer
