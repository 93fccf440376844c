"""What every request passes: allowed host, same-origin writes, helpful errors, strict headers.

Rules:
1. While the node listens on loopback it answers only to names of this machine and to its own
   stated addresses. A foreign name that resolves to this machine (DNS rebinding) is refused.
2. A request that may change something must come from our own pages: `Sec-Fetch-Site` says
   same-origin, or, from browsers without it, `Origin` names the host that was asked. One that says
   neither is refused: every browser in use sends one of them with a form. Where a secret in the
   address says who may, it may be sent from anywhere: one click in a mail program is (RFC 8058).
3. Nothing inline and nothing from other hosts: the content security policy allows our own
   stylesheets, modules and forms, and that is all.
4. Who asks is known by the session, and each route says what it needs (node/web/access.py). A
   form of somebody signed in also carries that user's key, which no other site can read.
5. Errors are pages that say what happened and what to do; the cause goes to the node's log.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from aiohttp import hdrs, web
from yarl import URL

from node.errors import NotAllHeardError, OverloadedError, RecoveringError, StoppingError
from node.municipal.signed_names import meaning
from node.origins import LOOPBACK_HOSTS, is_loopback
from node.web.access import Handler, Open, allows, needs_of, place_of
from node.web.labels import refusal
from node.web.language import keep_at_account
from node.web.posted import read_posted
from node.web.render import RENDERER
from node.web.site import NODE, OWN, see_other
from node.web.visitors import KEY_FIELD, carries_key, is_https, know_visitor, viewer_of
from protocol.errors import TidanError
from storage.errors import DamagedLogError

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
# With "no-referrer" browsers would send `Origin: null` with our own forms; see rule 2.
SECURITY_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=()",
}

HTTPS_ONLY = f"max-age={2 * 365 * 24 * 60 * 60}; includeSubDomains"
"""Said at our https address: browsers come back by https alone, for two years."""

# The kind of error that a status is, as templates/error.html names it.
KINDS = {
    401: "not-allowed",
    403: "not-allowed",
    404: "missing",
    405: "method",
    408: "slow",
    413: "large",
    421: "host",
    429: "often",
    503: "busy",
}
_WAITING = (RecoveringError, NotAllHeardError, StoppingError)
PASSING = frozenset(error.code for error in (*_WAITING, OverloadedError, DamagedLogError))
"""Errors that pass by themselves: the same may be tried again."""
RETRY_SECONDS = 60


class RefusedError(web.HTTPForbidden):
    """A refusal with a page of its own: `what` names it in templates/error.html."""

    def __init__(self, what: str) -> None:
        super().__init__()
        self.what = what


async def add_security_headers(request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the headers of rule 3 on every answer, also on errors and files.

    An answer that opens a WebSocket is no page: it carries what the handshake needs, and no more.
    """
    response.headers.pop(hdrs.SERVER, None)  # versions of our libraries help nobody but attackers
    if isinstance(response, web.WebSocketResponse):
        response.headers.pop(hdrs.DATE, None)
        return
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    if is_https(request):
        response.headers.setdefault("Strict-Transport-Security", HTTPS_ONLY)
    response.headers.setdefault("Cache-Control", "private, no-cache")


def allowed_hosts(request: web.Request) -> frozenset[str] | None:
    """Host names this node answers to, without port; None when it answers to any."""
    settings = request.app[NODE].settings
    if not is_loopback(settings.host):
        return None
    own = {URL(origin).host or "" for origin in settings.origins}
    return frozenset({*LOOPBACK_HOSTS, *own})


def _asked_host(request: web.Request) -> str | None:
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None


def is_same_origin(request: web.Request) -> bool:
    """True when the browser says that our own page sent this request (rule 2)."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None or origin == "null":
        return False
    if origin.lower() in request.app[NODE].settings.origins:
        return True
    found = urlsplit(origin)
    # Whoever asks us by https was not sent here by a page that came without it.
    fits = found.scheme == "https" or not is_https(request)
    return fits and found.netloc.lower() == request.host.lower()


@web.middleware
async def know_ourselves(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: every page, also an error page, says whose node this is."""
    node = request.app[NODE]
    await request.app[OWN].learn(node)
    with meaning(node.names.signed):
        return await handler(request)


@web.middleware
async def check_host(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Rule 1."""
    hosts = allowed_hosts(request)
    if hosts is not None and _asked_host(request) not in hosts:
        raise web.HTTPMisdirectedRequest
    return await handler(request)


@web.middleware
async def check_origin(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Rule 2."""
    by_link = needs_of(request) is Open.LINK
    if request.method not in SAFE_METHODS and not by_link and not is_same_origin(request):
        request.app[NODE].logger.warning("foreign form refused", path=place_of(request))
        raise RefusedError("foreign")
    return await handler(request)


@web.middleware
async def check_access(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Rule 4."""
    needs = needs_of(request)
    if needs in (Open.UNSEEN, Open.LINK):
        return await handler(request)
    await know_visitor(request)
    await keep_at_account(request)
    viewer = viewer_of(request)
    if needs is None:
        return await handler(request)
    if not allows(needs, viewer.user, reading_is_open=viewer.reading_is_open):
        if viewer.user is not None:
            raise RefusedError("not-allowed")
        if request.method not in SAFE_METHODS:
            raise RefusedError("signed-out")
        raise see_other(f"/logga-in?till={quote(request.path_qs, safe='')}")
    # Signing in again is no act of whoever is signed in; the page for it may be older than that.
    is_act = request.method not in SAFE_METHODS and needs is not Open.ALWAYS
    if is_act and viewer.user is not None:
        posted = await read_posted(request)
        if not carries_key(request, posted.get(KEY_FIELD)):
            request.app[NODE].logger.warning("form without its key", path=place_of(request))
            raise RefusedError("foreign")
    return await handler(request)


@web.middleware
async def show_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Rule 5. Outside the others, so that their refusals become pages too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        usual = "request" if error.status < 500 else "fault"
        known = error.what if isinstance(error, RefusedError) else KINDS.get(error.status)
        what = known or usual
        return _error_page(request, error.status, what, error.headers.get("Allow"))
    except TidanError as error:
        logger = request.app[NODE].logger
        logger.warning("page refused", path=place_of(request), code=error.code, error=str(error))
        return _refusal_page(request, error)
    except Exception as error:  # noqa: BLE001 - any fault of a page becomes a page that helps
        if isinstance(error, ConnectionError) and _has_left(request):
            request.app[NODE].logger.debug("caller left half-way", path=place_of(request))
            return web.Response(status=400)  # nobody reads it
        request.app[NODE].logger.exception("page failed", path=place_of(request))
        return _error_page(request, 500, "fault")


def _has_left(request: web.Request) -> bool:
    """Whether the caller's connection is gone; else a lost connection is one of our own."""
    return request.transport is None or request.transport.is_closing()


def _error_page(
    request: web.Request,
    status: int,
    what: str,
    allow: str | None = None,
    *,
    words: str = "",
    detail: str = "",
) -> web.Response:
    response = request.app[RENDERER].page(
        request, "error.html", status=status, what=what, words=words, detail=detail
    )
    if allow:
        response.headers["Allow"] = allow
    if status in (429, 503):
        response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _refusal_page(request: web.Request, error: TidanError) -> web.Response:
    """What an act, or a page that was read, met on our side."""
    passes = error.code in PASSING
    if isinstance(error, DamagedLogError):
        request.app[NODE].sync.mender.met(error)
        if request.method in SAFE_METHODS:
            return _error_page(request, 503, "damaged")
    if request.method in SAFE_METHODS:
        return _error_page(request, 503, "busy") if passes else _error_page(request, 500, "fault")
    words, status = refusal(error.code), 503 if passes else 409
    return _error_page(request, status, "refused", words=words, detail=str(error))
