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
"""

from __future__ import annotations

import gzip
import re
from functools import lru_cache

from aiohttp import hdrs, web

from node.web.access import Handler
from node.web.assets import CACHE_FOR_EVER
from node.web.middleware import is_same_origin
from node.web.visitors import VISITOR

SHRINKING_TYPES = re.compile(r"text/.*|application/json|.*\+(json|xml)")
SIZE_BYTES_MIN = 1_000
"""What fits in one packet anyway gains nothing."""
PAGE_LEVEL = 5  # 0.3 ms for the form of 32 kB, and within 1 % of the smallest
FILE_LEVEL = 9
FILES_MAX = 64
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
    if accepts_gzip(request) and _tells_nothing(request):
        is_file = response.headers.get(hdrs.CACHE_CONTROL) == CACHE_FOR_EVER
        pack = packed_once if is_file else packed
        response.body = pack(response.body, FILE_LEVEL if is_file else PAGE_LEVEL)
        response.headers[hdrs.CONTENT_ENCODING] = "gzip"
    return response


def accepts_gzip(request: web.Request) -> bool:
    """Whether who asks can unpack gzip."""
    codings = {}
    for part in request.headers.get(hdrs.ACCEPT_ENCODING, "").lower().split(","):
        coding, _, weight = part.partition(";")
        codings[coding.strip()] = _REFUSED.fullmatch(weight.strip()) is None
    return codings.get("gzip", codings.get("*", False))


def packed(content: bytes, level: int) -> bytes:
    """The same bytes for the same content, whenever it is."""
    return gzip.compress(content, level, mtime=0)


packed_once = lru_cache(FILES_MAX)(packed)


def _tells_nothing(request: web.Request) -> bool:
    """Rules 1 and 2."""
    return request.get(VISITOR) is None or is_same_origin(request)
