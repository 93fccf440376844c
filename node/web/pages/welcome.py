"""Behind a link that works once: the first operator, an invited colleague, a new password.

Looking at the page spends nothing, since mail filters follow links; sending the form does.
"""

from __future__ import annotations

from aiohttp import web

from node.accounts.passwords import PASSWORD_CHARS_MIN
from node.errors import OverloadedError, WeakPasswordError
from node.web.account_words import name_faults, new_password_fault, weakness_words
from node.web.labels import refusal
from node.web.message import Message
from node.web.posted import INVALID, Posted, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, OWN, see_other
from node.web.visitors import keep_session, session_token
from storage.account_views import Invitation, LinkKind
from storage.errors import LinkSpentError, NameTakenError

SPENT = 404
TAKEN = Message("Användarnamnet finns redan. Välj ett annat")


async def welcome_form(request: web.Request) -> web.Response:
    """GET /valkommen/{token}"""
    return await _show(request, {}, {})


async def welcome(request: web.Request) -> web.Response:
    """POST /valkommen/{token}"""
    accounts, token = request.app[NODE].accounts, request.match_info["token"]
    posted = await read_posted(request)
    typed = {name: str(posted.get(name, "")) for name in ("namn", "visat_namn")}
    errors = await _faults(request, posted, typed)
    if errors:
        return await _show(request, typed, errors)
    try:
        user = await accounts.use_link(
            token,
            str(posted.get("losenord", "")),
            name=typed["namn"],
            full_name=typed["visat_namn"],
            known_words=[request.app[OWN].name],
        )
    except LinkSpentError:
        return await _show(request, typed, {})
    except WeakPasswordError as error:
        return await _show(request, typed, {"losenord": weakness_words(error)})
    except NameTakenError:
        return await _show(request, typed, {"namn": TAKEN})
    except OverloadedError as error:
        return await _show(request, typed, {"losenord": refusal(error.code)})
    answer = see_other("/?klart=valkommen")
    session = await request.app[NODE].sessions.begin(user, former=session_token(request))
    keep_session(request, answer, session)
    raise answer


async def _faults(request: web.Request, posted: Posted, typed: dict[str, str]) -> dict[str, str]:
    """What can be said about the form before the link is spent; nothing about a spent one."""
    try:
        invitation = await request.app[NODE].accounts.open_link(request.match_info["token"])
    except LinkSpentError:
        return {}
    faults = name_faults(typed) if invitation.kind is LinkKind.SETUP else {}
    fault = new_password_fault(posted)
    return faults | ({"losenord": fault} if fault else {})


async def _show(
    request: web.Request, typed: dict[str, str], errors: dict[str, str]
) -> web.Response:
    node = request.app[NODE]
    try:
        invitation: Invitation | None = await node.accounts.open_link(request.match_info["token"])
    except LinkSpentError:
        invitation = None
    status = SPENT if invitation is None else INVALID if errors else 200
    response = request.app[RENDERER].page(
        request,
        "welcome.html",
        status=status,
        invitation=invitation,
        is_setup=invitation is not None and invitation.kind is LinkKind.SETUP,
        is_reset=invitation is not None and invitation.kind is LinkKind.RESET,
        typed=typed,
        errors=errors,
        chars_min=PASSWORD_CHARS_MIN,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
