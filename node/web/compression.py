"""Pages are sent compressed, unless length could tell somebody else what a page holds.

Rules:
1. A compressed page is the shorter the more it repeats itself. Whoever can have a browser ask for
   addresses of their choice, and watch the lengths, can guess letter by letter a secret that stands
   beside what the address says (BREACH). Pages of somebody signed in hold such secrets: the key of
   their forms, and texts for member municipalities. And they repeat the address: what is searched.
2. So those are compressed only when the browser says that our own page, or the person, asked for
   them. What another site starts comes as it is, and so it does when the browser says nothing.
   Pages for somebody who is not signed in hold no secret and are always compressed.
3. The view's own files never change while the node runs: each is compressed once and kept.
4. Browsers that know zstd (over https most do) get that: as small, for a third of the work.
"""

from __future__ import annotations

import gzip
import re
import sys
from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from aiohttp import hdrs, web

from node.web.access import Handler
from node.web.assets import CACHE_FOR_EVER
from node.web.middleware import is_same_origin
from node.web.visitors import VISITOR

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

SHRINKING_TYPES = re.compile(r"text/.*|application/json|.*\+(json|xml)")
SIZE_BYTES_MIN = 1_000
"""What fits in one packet anyway gains nothing."""
FILES_MAX = 64


class Coding(NamedTuple):
    """A way to compress; levels are for pages, made each time, and for files, made once."""

    name: str
    pack: Callable[[bytes, int], bytes]
    page_level: int
    file_level: int


def _gzip(content: bytes, level: int) -> bytes:
    """The same bytes for the same content, whenever it is."""
    return gzip.compress(content, level, mtime=0)


CODINGS = (
    Coding("zstd", zstd.compress, 4, 19),  # a page of 190 kB: 2.4 ms, 48.6 kB
    Coding("gzip", _gzip, 4, 9),  # the same page: 3.6 ms, 50.4 kB; at level 5 6.7 ms, 49.7 kB
)
"""The best first."""
_REFUSED = re.compile(r"q=0(\.0*)?")


@web.middleware
async def compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Outermost: also error pages are compressed."""
    response = await handler(request)
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return response
    if hdrs.CONTENT_ENCODING in response.headers or len(response.body) < SIZE_BYTES_MIN:
        return response
    if SHRINKING_TYPES.fullmatch(response.content_type) is None:
        return response
    response.headers.add(hdrs.VARY, hdrs.ACCEPT_ENCODING)
    coding = accepted(request)
    if coding is not None and _tells_nothing(request):
        if response.headers.get(hdrs.CACHE_CONTROL) == CACHE_FOR_EVER:
            response.body = _packed_once(coding, response.body)
        else:
            response.body = coding.pack(response.body, coding.page_level)
        response.headers[hdrs.CONTENT_ENCODING] = coding.name
    return response


def accepted(request: web.Request) -> Coding | None:
    """The best coding that who asks can unpack, whatever it prefers; None when there is none."""
    listed = {}
    for part in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(","):
        name, _, weight = part.partition(";")
        listed[name.strip()] = _REFUSED.fullmatch(weight.strip()) is None
    any_other = listed.get("*", False)
    # Who only says "anything" may be too old for what came late.
    allowed = {"zstd": listed.get("zstd", False), "gzip": listed.get("gzip", any_other)}
    return next((coding for coding in CODINGS if allowed[coding.name]), None)


@lru_cache(FILES_MAX * len(CODINGS))
def _packed_once(coding: Coding, content: bytes) -> bytes:
    return coding.pack(content, coding.file_level)


def _tells_nothing(request: web.Request) -> bool:
    """Rules 1 and 2."""
    return request.get(VISITOR) is None or is_same_origin(request)
