"""Files of records given out: all of them as downloads, pictures also to be shown on a page.

Rules, since what these files hold came from anyone:
1. A file is given to whoever may see a record that names it; a draft's pictures to whoever may open
   the draft.
2. Its name is the address's, and one that a record could give, so it opens with no program but
   those for documents and pictures. Its type is the name's, and no browser guesses another.
3. A picture is shown only when its bytes are what its name says; see node/web/pictures.py.
4. Opened by itself, whatever the bytes are, it may ask for nothing and run nothing.
"""

from __future__ import annotations

from typing import Literal
from urllib.parse import quote

from aiohttp import hdrs, web

from node.operations.node import Node
from node.web.attachment_fields import attachment_rows
from node.web.pictures import is_shown, look_into, may_be_shown
from node.web.site import NODE
from node.web.sniffing import type_by_name
from node.web.visitors import user_of, visible_to
from protocol.blob_messages import Blob
from protocol.content.attachment import FILE_NAME_REGEX, MediaType
from protocol.limits import FILE_NAME_CHARS_MAX

FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'; base-uri 'none'"


async def download(request: web.Request) -> web.StreamResponse:
    """GET /filer/{sha256}/{name}: always a download, whatever it holds."""
    media_type = _named_type(request)
    blob = await _published(request)
    if not await request.app[NODE].sync.blobs.is_whole(blob):
        raise web.HTTPNotFound
    return _answer(request, blob, media_type, "attachment")


async def picture(request: web.Request) -> web.StreamResponse:
    """GET /bilder/{sha256}/{name}: a picture of a published record, to be shown."""
    return await _picture(request, await _published(request))


async def draft_picture(request: web.Request) -> web.StreamResponse:
    """GET /utkast/{draft}/bilder/{sha256}/{name}: a picture that a draft names, to be shown."""
    node, sha256 = request.app[NODE], request.match_info["sha256"]
    draft = await node.drafts.open(user_of(request), bytes.fromhex(request.match_info["draft"]))
    named = {one["sha256"] for _, one in attachment_rows(draft.typed)} if draft else set()
    blob = (await node.blob_store.held([digest := bytes.fromhex(sha256)])).get(digest)
    if sha256 not in named or blob is None:
        raise web.HTTPNotFound
    return await _picture(request, blob)


async def _picture(request: web.Request, blob: Blob) -> web.StreamResponse:
    """Rule 3."""
    node, media_type = request.app[NODE], _named_type(request)
    found = await look_into(node, blob) if may_be_shown(blob) else None
    if found is None or not is_shown(found) or found.media_type != media_type:
        raise web.HTTPNotFound
    return _answer(request, blob, media_type, "inline")


async def _published(request: web.Request) -> Blob:
    """Rule 1."""
    node: Node = request.app[NODE]
    digest = bytes.fromhex(request.match_info["sha256"])
    blob = await node.blob_store.may_read(digest, visible_to(request))
    if blob is None:
        raise web.HTTPNotFound
    return blob


def _named_type(request: web.Request) -> MediaType:
    """Rule 2."""
    name = request.match_info["name"]
    media_type = type_by_name(name)
    if media_type is None or len(name) > FILE_NAME_CHARS_MAX or not FILE_NAME_REGEX.fullmatch(name):
        raise web.HTTPNotFound
    return media_type


def _answer(
    request: web.Request,
    blob: Blob,
    media_type: MediaType,
    disposition: Literal["attachment", "inline"],
) -> web.FileResponse:
    """Rule 4."""
    name = quote(request.match_info["name"], safe="")
    return web.FileResponse(
        request.app[NODE].blob_files.path_of(blob.digest),
        headers={
            hdrs.CONTENT_TYPE: media_type,
            hdrs.CONTENT_DISPOSITION: f"{disposition}; filename*=UTF-8''{name}",
            "Content-Security-Policy": FILE_POLICY,
            "X-Content-Type-Options": "nosniff",
        },
    )
