"""Files in the form for a record: chosen, kept here, removed, and looked for before publishing."""

from __future__ import annotations

import asyncio
from typing import Any

from aiohttp import web
from multidict import MultiMapping

from node.operations.node import Node
from node.web.attachment_fields import (
    CHOOSER,
    PREFIX,
    attachment_row,
    attachment_rows,
    put_rows,
)
from node.web.form_fields import REPEATED_ROWS_MAX
from node.web.form_reading import FieldError
from node.web.language import wanted
from node.web.message import Message
from node.web.posted import INVALID, read_posted
from node.web.record_view import RecordView
from node.web.render import RENDERER
from node.web.sniffing import types_of
from node.web.uploads import WAITING, Uploaded, UploadError, keep
from protocol.blob_messages import Blob
from protocol.content import Attachment, Experience

ADD, REMOVE, ROW_FIELD = "bifoga", "bilaga-bort-", "nummer"
NONE_CHOSEN = Message("Välj en fil först")
NOT_ADDED = Message("Filen är vald men inte bifogad än. Tryck på Bifoga filen, eller välj bort den")
FULL = Message("Det får plats %(count)s bilagor. Ta bort någon först", count=REPEATED_ROWS_MAX)
GONE = Message("Filen finns inte kvar på servern. Ta bort den och bifoga den igen")


async def change(
    request: web.Request, values: dict[str, str], errors: dict[str, str], posted: MultiMapping[Any]
) -> bool:
    """Add or remove files as the form's button says; False when it says something else."""
    step = str(posted.get("steg", ""))
    if step.startswith(REMOVE):
        gone = step.removeprefix(REMOVE)
        put_rows(values, [one for row, one in attachment_rows(values) if str(row) != gone])
        return True
    if step == ADD:
        await _add_all(request, values, errors)
        return True
    if posted.get(CHOOSER) and step != "spara":
        errors[CHOOSER] = NOT_ADDED
        return True
    return False


async def _add_all(request: web.Request, values: dict[str, str], errors: dict[str, str]) -> None:
    if not request.get(WAITING):
        errors[CHOOSER] = NONE_CHOSEN
    for waiting in request.get(WAITING, []):
        rows = [one for _, one in attachment_rows(values)]
        if len(rows) >= REPEATED_ROWS_MAX:
            errors[CHOOSER] = FULL
            return
        try:
            uploaded = await keep(request, waiting)
        except UploadError as error:
            errors[CHOOSER] = _named(waiting.given_name, error.words)
        else:
            put_rows(values, [*rows, _row(uploaded)])


def _named(file_name: str, problem: Message) -> Message:
    if not file_name:
        return problem
    return Message("%(file)s: %(problem)s", file=file_name, problem=problem)


def _row(uploaded: Uploaded) -> dict[str, str]:
    return {
        "sha256": uploaded.blob.digest.hex(),
        "media_type": uploaded.media_type,
        "size_bytes": str(uploaded.blob.size_bytes),
        "name": uploaded.name,
        "description": "",
    }


async def upload(request: web.Request) -> web.Response:
    """POST /bilagor: keep one file and answer with its row of the form; the page's script asks."""
    posted, language = await read_posted(request), wanted(request)
    number = str(posted.get(ROW_FIELD, ""))
    if not request.get(WAITING) or not number.isdecimal() or int(number) >= REPEATED_ROWS_MAX:
        raise web.HTTPBadRequest
    try:
        uploaded = await keep(request, request[WAITING][0])
    except UploadError as error:
        return web.Response(text=language.translated(error.words), status=INVALID)
    row = int(number)
    values = {f"{PREFIX}_{row}_{name}": text for name, text in _row(uploaded).items()}
    context = {"row": row, "one": attachment_row(values, row), "errors": {}}
    html = request.app[RENDERER].html("parts/attachment_row.html", context, language.code)
    return web.Response(text=html, content_type="text/html", charset="utf-8")


async def missing(
    node: Node, experience: Experience | None, edited: RecordView | None
) -> list[FieldError]:
    """Errors for files that are not here, or are not what the form says; nobody typed those.

    What the version before named may be anywhere: it stays as it was.
    """
    before = edited.experience.attachments if edited and edited.experience else ()
    named = {(one.sha256, one.size_bytes, one.media_type) for one in before}
    errors = []
    for row, one in enumerate(experience.attachments if experience else ()):
        is_known = (one.sha256, one.size_bytes, one.media_type) in named
        if not is_known and not await _is_here(node, one):
            errors.append(FieldError(f"{PREFIX}_{row}_description", GONE))
    return errors


async def _is_here(node: Node, attachment: Attachment) -> bool:
    blob = Blob(bytes.fromhex(attachment.sha256), attachment.size_bytes)
    if (await node.blob_store.held([blob.digest])).get(blob.digest) != blob:
        return False
    if not await node.sync.blobs.is_whole(blob):
        return False
    types = await asyncio.to_thread(types_of, node.blob_files.path_of(blob.digest))
    return attachment.media_type in types
