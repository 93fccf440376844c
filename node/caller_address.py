"""Where a request comes from, as far as our own proxies can be believed."""

from __future__ import annotations

from aiohttp import web


def caller_address(request: web.Request, proxy_count: int) -> str:
    """The caller, or what the outermost of our own proxies saw."""
    said = ",".join(request.headers.getall("X-Forwarded-For", [])).split(",")
    if proxy_count and len(said) >= proxy_count and said[-proxy_count].strip():
        return said[-proxy_count].strip()
    return request.remote or ""
