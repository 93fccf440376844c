"""Files that arrive with a form: streamed to disk, bounded, looked into, and kept only then.

- Nobody who is not signed in as an author gets a byte onto the disk, and no form whose key is not
  the user's: the key stands before the files in each of our forms.
- A file goes to disk as it comes and counts its bytes; the one that is too large ends there.
- What it is, its bytes say (node/web/sniffing.py), and its name must agree with them.
- What was not kept is removed, whatever became of the request.
"""

from __future__ import annotations

import asyncio
import secrets
from functools import reduce
from typing import Any, NamedTuple

from aiohttp import BodyPartReader, web
from aiohttp.web_request import FileField
from multidict import MultiDict, MultiDictProxy

from node.ground.background import finish
from node.web.access import Handler
from node.web.attachment_fields import file_name
from node.web.labels import FILE_TYPES
from node.web.message import Message
from node.web.site import NODE
from node.web.sniffing import type_by_name, types_of
from node.web.visitors import KEY_FIELD, carries_key, viewer_of
from protocol.blob_messages import Blob
from protocol.content.attachment import MediaType
from protocol.limits import BLOB_BYTES_MAX
from storage.account_views import Role
from storage.blob_files import GrowingFile
from storage.errors import StorageError

FIELDS_BYTES_MAX = 512 * 1024
FILES_MAX = 12
_PIECE_BYTES = 256 * 1024
TOO_LARGE = Message("Filen är för stor. Högst 25 MB får plats.")
EMPTY = Message("Filen är tom.")
NOT_ALLOWED = Message(
    "Den sortens fil går inte att bifoga. Använd PDF, Word, Excel, PowerPoint, OpenDocument, "
    "en bild (PNG, JPEG, GIF, WebP), text eller CSV. Filer med makron går inte."
)
NO_ROOM = Message(
    "Det finns inte plats för fler filer på servern. Den som sköter driften kan göra plats."
)
FAILED = Message(
    "Filen kunde inte sparas på servern. Försök igen, eller säg till den som sköter driften."
)
_Fields = MultiDict[str | bytes | bytearray | FileField]


class UploadError(Exception):
    """A file that cannot be attached; `words` are for whoever chose it."""

    def __init__(self, words: Message) -> None:
        super().__init__(words)
        self.words = words


class Uploaded(NamedTuple):
    """A file that is kept here, as a record may name it."""

    blob: Blob
    name: str
    media_type: MediaType


class Waiting:
    """A file that came with a form and is not kept yet; `problem` says why it cannot be, if so."""

    def __init__(self, given_name: str, growing: GrowingFile, problem: Message | None) -> None:
        self.given_name = given_name
        self.growing = growing
        self.problem = problem


WAITING = web.RequestKey("waiting_files", list[Waiting])
_POSTED = web.RequestKey("posted_with_files", MultiDictProxy[Any])


async def read_with_files(request: web.Request) -> MultiDictProxy[Any]:
    """Return the texts of a form with files; the files wait in `request[WAITING]`.

    Raises 403 for files from somebody who may not attach any, 413 for too many texts.
    """
    if _POSTED in request:
        return request[_POSTED]
    fields: _Fields = MultiDict()
    request[WAITING] = []
    texts_bytes = 0
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise web.HTTPBadRequest
        if part.filename is None:
            text = await _read_text(part, FIELDS_BYTES_MAX - texts_bytes)
            texts_bytes += len(text)
            fields.add(part.name, text.decode("utf-8"))
        elif part.filename:
            _check_sender(request, fields)
            await _receive(request, part)
    request[_POSTED] = MultiDictProxy(fields)
    return request[_POSTED]


async def _read_text(part: BodyPartReader, bytes_max: int) -> bytes:
    text = bytearray()
    while piece := await part.read_chunk():
        text += piece
        if len(text) > bytes_max:
            raise web.HTTPRequestEntityTooLarge(bytes_max, len(text))
    return bytes(text)


def _check_sender(request: web.Request, fields: _Fields) -> None:
    user = viewer_of(request).user
    may_attach = user is not None and user.role.covers(Role.AUTHOR)
    if not may_attach or not carries_key(request, fields.get(KEY_FIELD)):
        raise web.HTTPForbidden
    if len(request[WAITING]) >= FILES_MAX:
        raise web.HTTPRequestEntityTooLarge(FILES_MAX, FILES_MAX + 1)


async def _receive(request: web.Request, part: BodyPartReader) -> None:
    """Write one file to disk; of one that is too large the rest is read and thrown away."""
    files = request.app[NODE].blob_files
    growing = await asyncio.to_thread(files.upload, secrets.token_hex(16))
    waiting = Waiting(part.filename or "", growing, None)
    request[WAITING].append(waiting)
    while piece := await part.read_chunk(_PIECE_BYTES):
        if growing.size_bytes + len(piece) > BLOB_BYTES_MAX:
            waiting.problem = TOO_LARGE
        if not waiting.problem:
            await asyncio.to_thread(growing.append, bytes(piece))


async def keep(request: web.Request, waiting: Waiting) -> Uploaded:
    """Look into a file and keep it; raises `UploadError` with the reason."""
    node = request.app[NODE]
    try:
        if waiting.problem:
            raise UploadError(waiting.problem)
        if not waiting.growing.size_bytes:
            raise UploadError(EMPTY)
        usage = await node.blob_store.usage()
        room = node.settings.attachment_quota.node_bytes - usage.held_bytes
        if waiting.growing.size_bytes > room:
            raise UploadError(NO_ROOM)
        media_type = await asyncio.to_thread(_type_of, waiting)
        blob = await node.sync.blobs.hold(waiting.growing)
    except StorageError as error:
        node.logger.exception("an upload could not be kept", code=error.code)
        raise UploadError(FAILED) from error
    finally:
        await asyncio.to_thread(waiting.growing.discard)
    return Uploaded(blob, file_name(waiting.given_name, media_type), media_type)


def _type_of(waiting: Waiting) -> MediaType:
    """The type of a file by its bytes and its name, which must agree."""
    possible = types_of(waiting.growing.path)
    if not possible:
        raise UploadError(NOT_ALLOWED)
    promised = type_by_name(waiting.given_name)
    if promised in possible:
        return promised
    if promised is None and len(possible) == 1 and "." not in waiting.given_name:
        return possible[0]
    what = reduce(_either, [FILE_TYPES[media_type] for media_type in possible])
    raise UploadError(
        Message(
            "Filens namn säger något annat än innehållet (%(what)s). Byt namn på den.", what=what
        )
    )


def _either(one: str, other: str) -> str:
    return Message("%(one)s eller %(other)s", one=one, other=other)


@web.middleware
async def drop_what_is_not_kept(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Remove what came and was not kept, also when the request was refused or broke off."""
    try:
        return await handler(request)
    finally:
        for waiting in request.get(WAITING, []):
            await finish(asyncio.to_thread(waiting.growing.discard))
