"""Reading a posted form: what arrives is the sender's doing, so it never counts as our fault.

A form that cannot be read (unknown character set, broken parts) is answered with 400; one that does
not arrive in time with 408, so that callers who send byte by byte hold nothing for long. Its size
is bounded by the application (`node.web.app.FORM_BYTES_MAX`), files apart (node/web/uploads.py).
"""

from __future__ import annotations

import asyncio

from aiohttp import web
from aiohttp.web_request import FileField
from multidict import MultiDictProxy

from node.web.uploads import read_with_files

FORM_SECONDS_MAX = 60.0
UPLOAD_SECONDS_MAX = 900.0
"""A file of 25 MB needs so long on a slow line."""
INVALID = 422
"""Status of the page that shows a form again with what is wrong in it."""

Posted = MultiDictProxy[str | bytes | bytearray | FileField]


async def read_posted(request: web.Request) -> Posted:
    """Return the fields of the form; raises `HTTPBadRequest` or `HTTPRequestTimeout`."""
    carries_files = request.content_type == "multipart/form-data"
    try:
        async with asyncio.timeout(UPLOAD_SECONDS_MAX if carries_files else FORM_SECONDS_MAX):
            return await (read_with_files(request) if carries_files else request.post())
    except TimeoutError as error:
        raise web.HTTPRequestTimeout from error
    except (ValueError, LookupError) as error:  # undecodable, or parts that are none
        raise web.HTTPBadRequest from error
