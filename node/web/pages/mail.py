"""Letters: asking for them, confirming the address, ending them, and how it goes for the operator.

The links in letters need no signing in: what stands in their address says who may. Looking at them
changes nothing, since mail filters follow links; pressing the button does. A mail program's own
button posts to the same address at once (RFC 8058).
"""

from __future__ import annotations

import base64

from aiohttp import web

from node.errors import ArgumentError, MailError, OverloadedError
from node.web import mail_words
from node.web.language import with_language
from node.web.pages.following import show_following
from node.web.posted import read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import user_of
from storage.errors import LinkSpentError

SPENT = 404


async def ask(request: web.Request) -> web.Response:
    """POST /foljer/utskick"""
    digests, posted = request.app[NODE].digests, await read_posted(request)
    address, frequency = str(posted.get("adress", "")), str(posted.get("hur_ofta", ""))
    if digests.problem is not None:
        raise see_other("/foljer#utskick")
    try:
        user = await with_language(request, user_of(request))
        asked = await digests.ask(user, address, frequency)
    except ArgumentError:
        fault = mail_words.ADDRESS_FAULT
    except OverloadedError:
        fault = mail_words.TOO_MANY_ASKED
    except MailError as error:
        request.app[NODE].logger.warning(
            "a letter was not taken", code=error.code, status=error.status
        )
        fault = mail_words.NOT_SENT
    else:
        raise see_other(f"/foljer?klart={'utskick-fraga' if asked else 'utskick-andrat'}#utskick")
    return await show_following(request, fault=fault, address=address, frequency=frequency)


async def stop(request: web.Request) -> web.Response:
    """POST /foljer/utskick/sluta"""
    await request.app[NODE].digests.stop(user_of(request))
    raise see_other("/foljer?klart=utskick-slut#utskick")


async def confirm_form(request: web.Request) -> web.Response:
    """GET /utskick/bekrafta/{token}"""
    waiting = await request.app[NODE].digests.waiting(request.match_info["token"])
    return _letter_page(request, "confirm" if waiting else "confirm-spent")


async def confirm(request: web.Request) -> web.Response:
    """POST /utskick/bekrafta/{token}"""
    try:
        await request.app[NODE].digests.confirm(request.match_info["token"])
    except LinkSpentError:
        return _letter_page(request, "confirm-spent")
    return _letter_page(request, "confirmed")


async def stop_form(request: web.Request) -> web.Response:
    """GET /utskick/sluta/{token}"""
    found = await request.app[NODE].digests.stoppable(_key(request))
    return _letter_page(request, "stop" if found else "stopped")


async def stop_by_link(request: web.Request) -> web.Response:
    """POST /utskick/sluta/{token}: from our page, or from a mail program's own button."""
    await request.app[NODE].digests.stop_by_key(_key(request))
    return _letter_page(request, "stopped")


async def state_page(request: web.Request) -> web.Response:
    """GET /utskick"""
    digests = request.app[NODE].digests
    problem = digests.problem
    return request.app[RENDERER].page(
        request,
        "mail_state.html",
        problem=mail_words.PROBLEMS[problem] if problem else "",
        setting=problem or "",
        digests=await digests.all(),
        frequencies=mail_words.FREQUENCIES,
    )


def _key(request: web.Request) -> bytes:
    """The key in a letter's link, of 32 bytes whatever was typed."""
    return base64.urlsafe_b64decode(request.match_info["token"] + "=")


def _letter_page(request: web.Request, what: str) -> web.Response:
    status = SPENT if what == "confirm-spent" else 200
    response = request.app[RENDERER].page(request, "letter.html", status=status, what=what)
    response.headers["Cache-Control"] = "no-store"
    return response
