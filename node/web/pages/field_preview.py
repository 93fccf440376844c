"""How one text of the form will look, as a fragment that the bar of tools asks for."""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from node.web.attachment_fields import attachment_rows
from node.web.form_state import posted_place
from node.web.language import wanted
from node.web.pictures import PUBLISHED, FilesShown, look_up
from node.web.posted import read_posted
from node.web.render import RENDERER
from node.web.site import NODE
from node.web.visitors import user_of
from protocol.content import Attachment
from protocol.limits import TEXT_CHARS_MAX
from storage.draft_store import Draft


async def field_preview(request: web.Request) -> web.Response:
    """POST /skriv/forhandsvisning: the pictures are those of the draft as it was last saved."""
    node, posted, language = request.app[NODE], await read_posted(request), wanted(request).code
    place = posted_place(posted, b"")
    draft = await node.drafts.open(user_of(request), place.draft_id)
    files = _files_of(draft) if draft else ()
    shown = FilesShown(files, await look_up(node, files), address=f"/utkast/{place.id}{PUBLISHED}")
    context = {
        "text": str(posted.get("text", ""))[:TEXT_CHARS_MAX],
        "files": shown,
        "view": {"experience": {"language": language}},
    }
    html = request.app[RENDERER].html("parts/field_preview.html", context, language)
    return web.Response(text=html.strip(), content_type="text/html", charset="utf-8")


def _files_of(draft: Draft) -> tuple[Attachment, ...]:
    """What a draft names; nobody has to have described it yet."""
    found = []
    for _, one in attachment_rows(draft.typed):
        try:
            size_bytes = int(one["size_bytes"])
            texts = one | {"description": one["description"].strip() or one["name"]}
            found.append(Attachment.model_validate(texts | {"size_bytes": size_bytes}))
        except (ValidationError, ValueError):
            continue
    return tuple(found)
