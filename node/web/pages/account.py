"""One's own account: role, password, and where one is signed in."""

from __future__ import annotations

from aiohttp import web

from node.accounts.passwords import PASSWORD_CHARS_MIN
from node.errors import OverloadedError, SignInError, TooManyGuessesError, WeakPasswordError
from node.web.account_words import new_password_fault, weakness_words
from node.web.labels import refusal
from node.web.message import Message
from node.web.pages.alerts import own_letters
from node.web.pages.sign_in import TOO_MANY, wait_words
from node.web.pages.statement import feedback_count
from node.web.posted import INVALID, read_posted
from node.web.render import RENDERER
from node.web.site import NODE, OWN, see_other
from node.web.visitors import address_of, drop_session, keep_session, user_of


async def account_page(request: web.Request) -> web.Response:
    """GET /konto"""
    return await _show(request, {})


async def change_password(request: web.Request) -> web.Response:
    """POST /konto/losenord"""
    posted = await read_posted(request)
    if fault := new_password_fault(posted):
        return await _show(request, {"losenord": fault})
    try:
        token = await request.app[NODE].sessions.change_password(
            user_of(request),
            str(posted.get("nuvarande", "")),
            str(posted.get("losenord", "")),
            address=address_of(request),
            known_words=[request.app[OWN].name],
        )
    except SignInError:
        return await _show(request, {"nuvarande": Message("Det nuvarande lösenordet stämmer inte")})
    except TooManyGuessesError as error:
        return await _show(request, {"nuvarande": wait_words(error)}, TOO_MANY)
    except WeakPasswordError as error:
        return await _show(request, {"losenord": weakness_words(error)})
    except OverloadedError as error:
        return await _show(request, {"losenord": refusal(error.code)})
    answer = see_other("/konto?klart=losenord")
    keep_session(request, answer, token)
    raise answer


async def sign_out_everywhere(request: web.Request) -> web.Response:
    """POST /konto/logga-ut-overallt"""
    await request.app[NODE].sessions.sign_out_everywhere(user_of(request))
    answer = see_other("/?klart=utloggad-overallt")
    drop_session(request, answer)
    raise answer


async def _show(
    request: web.Request, errors: dict[str, str], status: int = INVALID
) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "account.html",
        status=status if errors else 200,
        errors=errors,
        sessions=await request.app[NODE].sessions.count(user_of(request)),
        chars_min=PASSWORD_CHARS_MIN,
        feedback_waiting=await feedback_count(request),
        alert_letters=await own_letters(request),
    )
