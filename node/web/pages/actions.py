"""Short acts on a record: comment, question, answer, "vi använder också" and the like, undo.

Each is one small signed entry of the own municipality. All are POST and end with a redirect to the
place on the record's page where the act shows.
"""

from __future__ import annotations

from aiohttp import web
from pydantic import ValidationError

from node.web.labels import refusal
from node.web.message import Message
from node.web.pages.records import find_record, show_record
from node.web.posted import INVALID, read_posted
from node.web.published_forms import PUBLISHED_FORMS
from node.web.record_view import RecordView
from node.web.site import read_id, see_other
from node.web.visitors import acting, require_change
from protocol.content import Comment, Helped, Interest, RootContent, Use, Withdraw
from protocol.errors import LocalError
from protocol.limits import COMMENT_CHARS_MAX, NOTE_CHARS_MAX

UNPUBLISHABLE = Message("Texten innehåller tecken som inte går att publicera. Skriv om den.")
UNDO_REASON = "Uppgiften gäller inte längre."


async def standing_record(request: web.Request) -> RecordView:
    """The record that the address names, if one may still respond to it."""
    view = await find_record(request)
    if view.withdrawn is not None:
        raise web.HTTPNotFound
    return view


async def _sign(request: web.Request, kind: str, content: RootContent) -> bytes:
    published = await acting(request).publish(kind, content)
    return bytes.fromhex(published.entry)


async def comment(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/kommentarer"""
    view = await standing_record(request)
    posted = await read_posted(request)
    text = str(posted.get("text", "")).strip()
    kind = str(posted.get("kind", "comment"))
    answer_to = str(posted.get("answer_to", "")) or None
    error = _comment_error(text)
    if not error:
        try:
            content = Comment.model_validate(
                {"record": view.id, "kind": kind, "text": text, "answer_to": answer_to}
            )
        except ValidationError:
            error = UNPUBLISHABLE
    if error:
        return await show_record(request, view, status=INVALID, text=text, kind=kind, error=error)
    try:
        entry_id = await request.app[PUBLISHED_FORMS].once(
            str(posted.get("formular", "")), lambda: _sign(request, "comment", content)
        )
    except LocalError as refused:
        error = refusal(refused.code)
        return await show_record(request, view, status=INVALID, text=text, kind=kind, error=error)
    raise _shown(view, "kommentar", entry_id.hex())


def _shown(view: RecordView, done: str, comment: str) -> web.HTTPSeeOther:
    """Lead to a comment, on whichever page of comments it is."""
    return see_other(f"{view.url}?klart={done}&visa={comment}#k-{comment}")


def _comment_error(text: str) -> str:
    if not text:
        return Message("Skriv något innan ni publicerar")
    return _too_long(COMMENT_CHARS_MAX) if len(text) > COMMENT_CHARS_MAX else ""


def _too_long(chars_max: int) -> Message:
    return Message(
        "Texten är för lång, högst %(most)s tecken får plats",
        most=lambda formats: formats.number(chars_max),
    )


async def undo_comment(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/kommentarer/{comment}/angra"""
    view = await find_record(request)
    target = read_id(request.match_info["comment"])
    if not any(node.row.entry_id == target and view.may_undo(node.row) for node in view.comments):
        raise web.HTTPNotFound
    await require_change(request, target.hex())
    return await _withdraw(request, view, target, "kommentarer")


async def accept_answer(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/kommentarer/{comment}/hjalpte"""
    view = await standing_record(request)
    target = read_id(request.match_info["comment"])
    if not any(node.row.entry_id == target and node.may_accept for node in view.comments):
        raise web.HTTPNotFound
    await _sign(request, "comment", Comment(record=view.id, accepts=target.hex()))
    raise _shown(view, "accepterat", target.hex())


async def declare_use(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/anvander"""
    view = await foreign_record(request)
    posted = await read_posted(request)
    year = str(posted.get("since_year", "")).strip()
    role = " ".join(str(posted.get("contact_role", "")).split())
    content = {
        "record": view.id,
        "since_year": int(year) if year.isascii() and year.isdigit() else None,
        "contact": {"role": role} if role else None,
    }
    try:
        use = Use.model_validate(content)
    except ValidationError:
        # Year and contact are extras; a mistake in them must not stop the statement itself.
        use = Use(record=view.id)
    await _sign(request, "use", use)
    raise see_other(f"{view.url}?klart=anvander#gensvar")


async def undo_use(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/anvander/angra"""
    view = await find_record(request)
    if view.own_use is None:
        raise see_other(f"{view.url}#gensvar")
    return await _withdraw(request, view, view.own_use.entry_id, "gensvar")


async def declare_interest(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/intresse/{interest}"""
    view = await foreign_record(request)
    interest = request.match_info["interest"]
    await _sign(
        request, "interest", Interest.model_validate({"record": view.id, "interest": interest})
    )
    raise see_other(f"{view.url}?klart={interest}#gensvar")


async def undo_interest(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/intresse/{interest}/angra"""
    view = await find_record(request)
    rows = {"samverka": view.own_collaborates, "planerar": view.own_plans}
    own = rows[request.match_info["interest"]]
    if own is None:
        raise see_other(f"{view.url}#gensvar")
    return await _withdraw(request, view, own.entry_id, "gensvar")


async def declare_helped(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/hjalp: a new statement takes the place of the one before."""
    view = await foreign_record(request)
    posted = await read_posted(request)
    text = str(posted.get("reused", "")).strip()
    error: str = ""
    if len(text) > NOTE_CHARS_MAX:
        error = _too_long(NOTE_CHARS_MAX)
    else:
        try:
            content = Helped(record=view.id, reused=text or None)
        except ValidationError:
            error = UNPUBLISHABLE
    if error:
        return await show_record(
            request, view, status=INVALID, helped_text=text, helped_error=error
        )
    await _sign(request, "helped", content)
    raise see_other(f"{view.url}?klart=hjalpte#gensvar")


async def undo_helped(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/hjalp/angra"""
    view = await find_record(request)
    if view.own_helped is None:
        raise see_other(f"{view.url}#gensvar")
    return await _withdraw(request, view, view.own_helped.entry_id, "gensvar")


async def foreign_record(request: web.Request) -> RecordView:
    """A standing record of another municipality; one does not join oneself."""
    view = await standing_record(request)
    if view.is_own:
        raise web.HTTPNotFound
    return view


async def _withdraw(
    request: web.Request, view: RecordView, target: bytes, place: str
) -> web.Response:
    await _sign(request, "withdraw", Withdraw(target=target.hex(), reason=UNDO_REASON))
    raise see_other(f"{view.url}?klart=angrat#{place}")
