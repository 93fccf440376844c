"""What every request passes: allowed host, same-origin writes, helpful errors, strict headers.

Rules:
1. While the node listens on loopback it answers only to names of this machine and to its own
   stated addresses. A foreign name that resolves to this machine (DNS rebinding) is refused.
2. A request that may change something must come from our own pages: `Sec-Fetch-Site` says
   same-origin, or, from browsers without it, `Origin` names the host that was asked. One that says
   neither is refused: every browser in use sends one of them with a form.
3. Nothing inline and nothing from other hosts: the content security policy allows our own
   stylesheets, modules and forms, and that is all.
4. Errors are pages that say what happened and what to do; the cause goes to the node's log.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from aiohttp import hdrs, web
from yarl import URL

from node.origins import LOOPBACK_HOSTS, is_loopback
from node.web.labels import refusal
from node.web.render import RENDERER
from node.web.site import NODE, OWN
from protocol.errors import TidanError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

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


async def add_security_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Signal handler: the headers of rule 3 on every answer, also on errors and files.

    An answer that opens a WebSocket is no page: it carries what the handshake needs, and no more.
    """
    response.headers.pop(hdrs.SERVER, None)  # versions of our libraries help nobody but attackers
    if isinstance(response, web.WebSocketResponse):
        response.headers.pop(hdrs.DATE, None)
        return
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
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
    return urlsplit(origin).netloc.lower() == request.host.lower()


@web.middleware
async def know_ourselves(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: every page, also an error page, says whose node this is."""
    await request.app[OWN].learn(request.app[NODE])
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
    if request.method not in SAFE_METHODS and not is_same_origin(request):
        request.app[NODE].logger.warning("foreign form refused", path=request.path)
        raise web.HTTPForbidden
    return await handler(request)


@web.middleware
async def show_errors(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Rule 4. Outside the others, so that their refusals become pages too."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _error_page(request, error.status, error.headers.get("Allow"))
    except TidanError as error:
        logger = request.app[NODE].logger
        logger.warning("page refused", path=request.path, code=error.code, error=str(error))
        if request.method in SAFE_METHODS:
            return _error_page(request, 500, None)
        words = refusal(error.code)
        return request.app[RENDERER].page(
            request, "error.html", status=409, what="refused", words=words, detail=str(error)
        )
    except Exception as error:  # noqa: BLE001 - any fault of a page becomes a page that helps
        if isinstance(error, ConnectionError) and _has_left(request):
            request.app[NODE].logger.debug("caller left half-way", path=request.path)
            return web.Response(status=400)  # nobody reads it
        request.app[NODE].logger.exception("page failed", path=request.path)
        return _error_page(request, 500, None)


def _has_left(request: web.Request) -> bool:
    """Whether the caller's connection is gone; else a lost connection is one of our own."""
    return request.transport is None or request.transport.is_closing()


def _error_page(request: web.Request, status: int, allow: str | None) -> web.Response:
    what = {403: "foreign", 404: "missing", 405: "method", 413: "large", 421: "host"}.get(status)
    if what is None:
        what = "request" if status < 500 else "fault"
    response = request.app[RENDERER].page(
        request, "error.html", status=status, what=what, words="", detail=""
    )
    if allow:
        response.headers["Allow"] = allow
    return response
