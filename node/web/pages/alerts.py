"""Att åtgärda: what needs a person now, what is over, and who is written to about it."""

from __future__ import annotations

from typing import NamedTuple

from aiohttp import web

from node.alerts.alert_letters import AlertReaderView
from node.alerts.confirmation import confirmation
from node.web import mail_words
from node.web.alert_shape import AlertWords
from node.web.alert_words import alert_words
from node.web.posted import read_posted
from node.web.render import RENDERER
from node.web.site import NODE, see_other
from node.web.visitors import user_of, viewer_of
from storage.account_views import Role
from storage.alert_store import Alert


class AlertItem(NamedTuple):
    """An alert and the words about it."""

    alert: Alert
    words: AlertWords


async def alerts_page(request: web.Request) -> web.Response:
    """GET /atgarda"""
    alerts = request.app[NODE].alerts
    items = [AlertItem(alert, alert_words(alert.raised)) for alert in await alerts.look()]
    items.sort(key=lambda item: (not item.words.is_grave, item.alert.number))
    is_operator = viewer_of(request).may(Role.OPERATOR)
    problem = alerts.letters.problem
    return request.app[RENDERER].page(
        request,
        "alerts.html",
        items=items,
        ended=[AlertItem(alert, alert_words(alert.raised)) for alert in await alerts.ended()],
        readers=await alerts.letters.readers() if is_operator else [],
        own=await alerts.letters.of(user_of(request)),
        mail_problem=mail_words.PROBLEMS[problem] if problem else "",
        has_webhook=bool(request.app[NODE].settings.webhook_url),
        webhook_failing_ms=alerts.webhook.failing_since_ms,
    )


async def look_again(request: web.Request) -> web.Response:
    """POST /atgarda: ask others anew as well."""
    await request.app[NODE].alerts.ask_outside(anew=True)
    raise see_other("/atgarda?klart=tittat")


async def choose_letters(request: web.Request) -> web.Response:
    """POST /konto/larm"""
    wanted = str((await read_posted(request)).get("brev", ""))
    if wanted not in ("ja", "nej"):
        raise web.HTTPBadRequest
    letters = request.app[NODE].alerts.letters
    await letters.set_wanted(user_of(request), wanted == "ja")
    raise see_other(f"/konto?klart=larm-{wanted}#larm")


async def own_letters(request: web.Request) -> AlertReaderView | None:
    """Whether and where the visitor is written to; None for a role that is not."""
    return await request.app[NODE].alerts.letters.of(user_of(request))


async def well_known(request: web.Request) -> web.Response:
    """GET /.well-known/tidan: which log is ours, for whoever wants to confirm it."""
    return web.json_response(
        confirmation(request.app[NODE].own_log), headers={"Cache-Control": "max-age=3600"}
    )
