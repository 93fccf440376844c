"""Write, check and publish a record, or change an own one.

One form posts to one address; the button says which step. Each step keeps the text as a draft on
this node; nothing is signed before "Publicera". The preview carries what was typed in hidden
fields, so what is published is what was looked at.
"""

from __future__ import annotations

from aiohttp import web

from node.errors import ArgumentError
from node.operations.personal_data import Finding, find_personal_data
from node.web import draft_words, form_fields
from node.web.attachment_fields import FIXED_NAMES
from node.web.form_fields import CHECKLIST, REPEATED_ROWS_MAX, SECTIONS
from node.web.form_reading import FieldError, field_words, form_values, read_form
from node.web.form_state import DraftPlace, FormState, posted_place, typed_values
from node.web.labels import refusal
from node.web.message import Message
from node.web.pages import attachments
from node.web.pages.form_pages import show_conflict, show_form, show_preview
from node.web.pages.own_records import experience_of, own_record
from node.web.pages.records import find_record
from node.web.pictures import find_positions
from node.web.posted import Posted, read_posted
from node.web.published_forms import PUBLISHED_FORMS, new_token
from node.web.record_view import RecordView
from node.web.render import RENDERER, record_url
from node.web.site import NODE, see_other, today
from node.web.visitors import acting, changeable, user_of
from protocol.content import Experience
from protocol.errors import LocalError
from storage.errors import DraftChangedError, DraftGoneError, TooManyDraftsError

NOT_LOOKED_THROUGH = frozenset({"contact_email", "contact_phone"}) | FIXED_NAMES
FILES_CHANGED = "bilaga"
TOO_LONG = Message(
    "Texterna är för långa tillsammans. Korta den längsta, eller lägg det långa som en länk"
)
NOT_GONE_THROUGH = Message("Gå igenom listan och kryssa i varje rad som stämmer")
CHANGED_MEANWHILE = Message(
    "Någon har publicerat en ändring medan ni skrev. Läs den senaste versionen innan ni "
    "publicerar er, annars ersätter den här texten deras"
)


async def new_form(request: web.Request) -> web.Response:
    """GET /skriv"""
    values = dict(form_fields.DEFAULTS)
    if (kind := request.query.get("typ", "")) in SECTIONS[0].fields[0].choices:
        values["type"] = kind
    return await show_form(request, _new_state(request, values), None)


async def new_step(request: web.Request) -> web.Response:
    """POST /skriv"""
    return await _step(request, None)


async def edit_form(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/andra"""
    view = await own_record(request)
    values = form_values(experience_of(view)) | {"version": view.entry_id.hex()}
    begun = await request.app[NODE].drafts.of_record(view.row.record_id)
    return await show_form(request, _new_state(request, values), view, begun=begun)


async def edit_step(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/andra"""
    return await _step(request, await own_record(request))


def _new_state(request: web.Request, values: dict[str, str]) -> FormState:
    return FormState(values, new_token(), DraftPlace(request.app[NODE].drafts.new_id()))


async def _step(request: web.Request, edited: RecordView | None) -> web.Response:
    posted = await read_posted(request)
    place = posted_place(posted, request.app[NODE].drafts.new_id())
    form = FormState(typed_values(posted), str(posted.get("formular", "")), place)
    step = str(posted.get("steg", "granska"))
    if await attachments.change(request, form.values, form.errors, posted):
        step = FILES_CHANGED
    try:
        if step in ("publicera", "lamna"):
            return await _publishing(request, form, edited, posted)
        is_kept = await keep(request, form, edited)
        if step == "spara":
            if is_kept:
                receipt = "utkast-nytt" if form.notice else "utkast"
                raise see_other(f"/utkast/{form.draft.id}?klart={receipt}")
            form.notice = form.notice or draft_words.NOTHING_YET
        if step == "granska":
            return await _reviewing(request, form, edited, posted)
    except DraftChangedError:
        saved = await request.app[NODE].drafts.open(user_of(request), place.draft_id)
        if saved is None:
            raise
        return show_conflict(request, form, saved)
    table = "attachment" if step == FILES_CHANGED else step.removeprefix("fler-")
    if step.startswith("fler-") and table in form.rows:
        form.rows[table] = min(form.rows[table] + 2, REPEATED_ROWS_MAX)
    return await show_form(request, form, edited, opened=table)


async def keep(request: web.Request, form: FormState, edited: RecordView | None) -> bool:
    """Keep what was typed as a draft; says in the form's notice what whoever writes has to know.

    A draft that is gone becomes a new one, so no text is lost. Raises `DraftChangedError`.
    """
    node, user = request.app[NODE], user_of(request)
    record = edited.row.record_id if edited else None
    if form.is_untouched:
        return False
    try:
        form.draft.now_at(await node.drafts.save(user, form.written(record)))
    except DraftGoneError:
        form.draft = DraftPlace(node.drafts.new_id(), window=form.draft.window)
        form.draft.now_at(await node.drafts.save(user, form.written(record)))
        form.notice = draft_words.SAVED_ANEW
    except TooManyDraftsError:
        form.notice = draft_words.TOO_MANY
        return False
    return True


async def _reviewing(
    request: web.Request, form: FormState, edited: RecordView | None, posted: Posted
) -> web.Response:
    experience = await _read(request, form, edited)
    if experience is None:
        return await show_form(request, form, edited)
    findings = await _suspicions(request, form.values, experience)
    return await show_preview(request, form, edited, experience, findings, _ticked(posted))


async def _publishing(
    request: web.Request, form: FormState, edited: RecordView | None, posted: Posted
) -> web.Response:
    experience = await _read(request, form, edited)
    if experience is None:
        return await show_form(request, form, edited)
    findings, ticked = await _suspicions(request, form.values, experience), _ticked(posted)
    _check_before_publishing(form, edited, findings, ticked)
    if not form.errors:
        try:
            if posted.get("steg") == "lamna":
                record = edited.row.record_id if edited else None
                await request.app[NODE].drafts.hand_in(user_of(request), form.written(record))
                raise see_other("/utkast?klart=lamnat")
            return await _publish(request, form, edited, experience)
        except DraftChangedError:
            raise
        except DraftGoneError:
            form.draft = DraftPlace(request.app[NODE].drafts.new_id())
            form.token = new_token()
            form.errors["intygar"] = draft_words.GONE_AT_PUBLISHING
        except LocalError as error:
            request.app[NODE].logger.warning("not published", code=error.code, error=str(error))
            form.errors["intygar"] = refusal(error.code)
    return await show_preview(request, form, edited, experience, findings, ticked)


def _ticked(posted: Posted) -> set[str]:
    return {str(value) for value in posted.getall("intygar", [])}


async def _read(
    request: web.Request, form: FormState, edited: RecordView | None
) -> Experience | None:
    """The record that the form holds; with errors in `form` it is None."""
    node = request.app[NODE]
    role = " ".join(form.values.get("contact_role", "").split())
    result = read_form(
        form.values,
        previous=edited.experience if edited else None,
        checked={"role": role, "date": today(request)} if role else None,
        replaces=edited.id if edited else None,
    )
    errors = result.errors or await attachments.missing(node, result.experience, edited)
    if result.experience is not None and not errors:
        try:
            await node.publisher.ready("experience", [result.experience])
        except ArgumentError:
            errors = [FieldError("situation", TOO_LONG)]
    form.errors = dict(errors)
    return None if errors else result.experience


async def _suspicions(
    request: web.Request, values: dict[str, str], experience: Experience
) -> list[Finding]:
    """What looks like personal data, in every field but those that ask for a mailbox."""
    texts = [(field_words(name), text) for name, text in values.items()
             if name not in NOT_LOOKED_THROUGH]  # fmt: skip
    positions = await find_positions(request.app[NODE], experience.attachments)
    return find_personal_data(texts) + positions


def _check_before_publishing(
    form: FormState, edited: RecordView | None, findings: list[Finding], ticked: set[str]
) -> None:
    wanted = {str(number) for number in range(1, len(CHECKLIST) + 1)}
    if findings:
        wanted.add("uppgifter")
    if not wanted <= ticked:
        form.errors["intygar"] = NOT_GONE_THROUGH
    if edited and form.values.get("version", "") != edited.entry_id.hex():
        form.errors["intygar"] = CHANGED_MEANWHILE
        form.values["version"] = edited.entry_id.hex()


async def _publish(
    request: web.Request, form: FormState, edited: RecordView | None, experience: Experience
) -> web.Response:
    async def sign() -> bytes:
        published = await acting(request).publish("experience", experience)
        return bytes.fromhex(published.record)

    async def publish() -> bytes:
        written = form.written(edited.row.record_id if edited else None)
        return await request.app[NODE].drafts.publish(user_of(request), written, sign)

    record_id = await request.app[PUBLISHED_FORMS].once(form.token, publish)
    if edited:
        raise see_other(f"{record_url(record_id, experience.title)}?klart=andrad")
    raise see_other(f"/skriv/klart/{record_id.hex()}")


async def published_page(request: web.Request) -> web.Response:
    """GET /skriv/klart/{id}: what happened and what happens next; may be bookmarked."""
    view = await find_record(request)
    if not view.is_own:
        raise web.HTTPNotFound
    return request.app[RENDERER].page(
        request,
        "published.html",
        view=view,
        may_change=view.id in await changeable(request, [view.id]),
        neighbours=len(await request.app[NODE].neighbours.all()),
        holders=await request.app[NODE].operations.holders(view.sequence),
    )
