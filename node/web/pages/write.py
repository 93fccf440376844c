"""Write, check and publish a record; change or withdraw an own one.

One form posts to one address; the button says which step. Nothing is stored before "Publicera": the
preview carries what was typed in hidden fields, so a draft never leaves the page it is written on.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from aiohttp import web
from multidict import MultiMapping
from pydantic import ValidationError

from node.errors import ArgumentError
from node.municipal import taxonomy
from node.operations.personal_data import Finding, find_personal_data
from node.web import form_fields
from node.web.attachment_fields import FIXED_NAMES
from node.web.form_fields import CHECKLIST, REPEATED_ROWS_MAX, REPEATED_ROWS_MIN, SECTIONS
from node.web.form_reading import FieldError, field_words, form_names, form_values, read_form
from node.web.labels import refusal
from node.web.pages import attachments
from node.web.pages.records import find_record
from node.web.posted import INVALID, read_posted
from node.web.published_forms import PUBLISHED_FORMS, new_token
from node.web.record_view import RecordView, preview_view
from node.web.render import RENDERER, record_url
from node.web.site import NODE, OWN, see_other, today
from node.web.visitors import acting, changeable, require_change
from protocol.content import Experience, Withdraw
from protocol.errors import LocalError
from protocol.limits import NOTE_CHARS_MAX

NOT_LOOKED_THROUGH = frozenset({"contact_email", "contact_phone"}) | FIXED_NAMES
TOO_LONG = "Texterna är för långa tillsammans. Korta den längsta, eller lägg det långa som en länk"
CHANGED_MEANWHILE = (
    "Någon har publicerat en ändring medan ni skrev. Läs den senaste versionen innan ni "
    "publicerar er, annars ersätter den här texten deras"
)


@dataclass(slots=True)
class FormState:
    """What a form shows: typed texts, errors by field, rows of its tables, opened sections."""

    values: dict[str, str]
    token: str
    errors: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for section in SECTIONS:
            if section.repeated and section.repeated not in self.rows:
                self.rows[section.repeated] = _rows_needed(self.values, section.repeated)

    @property
    def open_sections(self) -> set[str]:
        """Folded sections that hold something typed or an error."""
        return {
            section.id
            for section in SECTIONS
            for item in section.fields
            for name in form_names(section, item)
            if name in self.errors or self.values.get(name, "") not in _untouched(item.name)
        }


def _untouched(name: str) -> tuple[str, str]:
    default = form_fields.DEFAULTS.get(name, "okant" if name == "call_off" else "")
    return ("", default)


def _rows_needed(values: Mapping[str, str], prefix: str) -> int:
    used = [
        row
        for row in range(REPEATED_ROWS_MAX)
        if any(name.startswith(f"{prefix}_{row}_") and value for name, value in values.items())
    ]
    return min(REPEATED_ROWS_MAX, max(REPEATED_ROWS_MIN, max(used, default=-1) + 2))


def _typed(posted: MultiMapping[object]) -> dict[str, str]:
    """The form's own fields out of a posted form; anything else is dropped."""
    names = {
        name
        for section in SECTIONS
        for item in section.fields
        for name in form_names(section, item)
    } | {"version"}
    return {name: str(value) for name, value in posted.items() if name in names}


async def new_form(request: web.Request) -> web.Response:
    """GET /skriv"""
    values = dict(form_fields.DEFAULTS)
    if (kind := request.query.get("typ", "")) in SECTIONS[0].fields[0].choices:
        values["type"] = kind
    return _show_form(request, FormState(values, new_token()), None)


async def new_step(request: web.Request) -> web.Response:
    """POST /skriv"""
    return await _step(request, None)


async def edit_form(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/andra"""
    view = await own_record(request)
    values = form_values(_experience(view)) | {"version": view.entry_id.hex()}
    return _show_form(request, FormState(values, new_token()), view)


async def edit_step(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/andra"""
    return await _step(request, await own_record(request))


async def own_record(request: web.Request) -> RecordView:
    """The own, standing record that the address names, if the visitor may change it.

    Raises 404 for any other, 403 for one that only its author or an editor may change.
    """
    view = await find_record(request)
    if not view.is_own or view.withdrawn is not None:
        raise web.HTTPNotFound
    await require_change(request, view.id)
    return view


def _experience(view: RecordView) -> Experience:
    if view.experience is None:
        raise web.HTTPNotFound
    return view.experience


async def _step(request: web.Request, edited: RecordView | None) -> web.Response:
    posted = await read_posted(request)
    step = str(posted.get("steg", "granska"))
    form = FormState(_typed(posted), str(posted.get("formular", "")))
    if step.startswith("fler-"):
        table = step.removeprefix("fler-")
        if table in form.rows:
            form.rows[table] = min(form.rows[table] + 2, REPEATED_ROWS_MAX)
        return _show_form(request, form, edited, opened=table)
    if await attachments.change(request, form.values, form.errors, posted):
        return _show_form(request, form, edited, opened="attachment")
    if step == "skriv":
        return _show_form(request, form, edited)
    experience = await _read(request, form, edited)
    if experience is None:
        return _show_form(request, form, edited)
    findings = _suspicions(form.values)
    ticked = {str(value) for value in posted.getall("intygar", [])}
    if step != "publicera":
        return _show_preview(request, form, edited, experience, findings, ticked)
    _check_before_publishing(form, edited, findings, ticked)
    if form.errors:
        return _show_preview(request, form, edited, experience, findings, ticked)
    try:
        return await _publish(request, form, edited, experience)
    except LocalError as error:
        request.app[NODE].logger.warning("not published", code=error.code, error=str(error))
        form.errors["intygar"] = refusal(error.code)
        return _show_preview(request, form, edited, experience, findings, ticked)


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


def _suspicions(values: Mapping[str, str]) -> list[Finding]:
    """What looks like personal data, in every field but those that ask for a mailbox."""
    texts = [(field_words(name), text) for name, text in values.items()
             if name not in NOT_LOOKED_THROUGH]  # fmt: skip
    return find_personal_data(texts)


def _check_before_publishing(
    form: FormState, edited: RecordView | None, findings: list[Finding], ticked: set[str]
) -> None:
    wanted = {str(number) for number in range(1, len(CHECKLIST) + 1)}
    if findings:
        wanted.add("uppgifter")
    if not wanted <= ticked:
        form.errors["intygar"] = "Gå igenom listan och kryssa i varje rad som stämmer"
    if edited and form.values.get("version", "") != edited.entry_id.hex():
        form.errors["intygar"] = CHANGED_MEANWHILE
        form.values["version"] = edited.entry_id.hex()


async def _publish(
    request: web.Request, form: FormState, edited: RecordView | None, experience: Experience
) -> web.Response:
    async def publish() -> bytes:
        published = await acting(request).publish("experience", experience)
        return bytes.fromhex(published.record)

    record_id = await request.app[PUBLISHED_FORMS].once(form.token, publish)
    if edited:
        raise see_other(f"{record_url(record_id, experience.title)}?klart=andrad")
    raise see_other(f"/skriv/klart/{record_id.hex()}")


def _frame(request: web.Request, edited: RecordView | None) -> dict[str, object]:
    own = request.app[OWN]
    return {
        "editing": edited is not None,
        "trail": [(edited.url, edited.title)] if edited else [],
        "action": f"/erfarenheter/{edited.id}/andra" if edited else "/skriv",
        "recovering": request.app[NODE].recovery.reason is not None,
        "own_official_name": own.official_name,
    }


def _show_form(
    request: web.Request, form: FormState, edited: RecordView | None, opened: str = ""
) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "write.html",
        status=INVALID if form.errors else 200,
        form=form,
        opened=opened,
        sections=SECTIONS,
        areas=taxonomy.areas(),
        rows_max=REPEATED_ROWS_MAX,
        draft_key=edited.id if edited else "ny",
        **_frame(request, edited),
    )


def _show_preview(
    request: web.Request,
    form: FormState,
    edited: RecordView | None,
    experience: Experience,
    findings: list[Finding],
    ticked: set[str],
) -> web.Response:
    own = request.app[OWN]
    return request.app[RENDERER].page(
        request,
        "preview.html",
        status=INVALID if form.errors else 200,
        form=form,
        view=preview_view(experience, own.code, own.name),
        related_titles={},
        findings=findings,
        checklist=CHECKLIST,
        checked_boxes=ticked,
        **_frame(request, edited),
    )


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


async def withdraw_form(request: web.Request) -> web.Response:
    """GET /erfarenheter/{id}/aterkalla"""
    return _show_withdraw(request, await own_record(request), "", "")


async def withdraw(request: web.Request) -> web.Response:
    """POST /erfarenheter/{id}/aterkalla"""
    view = await own_record(request)
    posted = await read_posted(request)
    reason = str(posted.get("reason", "")).strip()
    if not reason:
        error = "Skriv varför den återkallas, så att andra vet vad som gäller"
        return _show_withdraw(request, view, reason, error)
    if len(reason) > NOTE_CHARS_MAX:
        error = f"Skälet är för långt, högst {NOTE_CHARS_MAX} tecken får plats"
        return _show_withdraw(request, view, reason, error)
    try:
        content = Withdraw(target=view.id, reason=reason)
    except ValidationError:
        error = "Skälet innehåller tecken som inte går att publicera. Skriv om det"
        return _show_withdraw(request, view, reason, error)
    await acting(request).publish("withdraw", content)
    raise see_other(f"{view.url}?klart=aterkallad")


def _show_withdraw(request: web.Request, view: RecordView, reason: str, error: str) -> web.Response:
    return request.app[RENDERER].page(
        request,
        "withdraw.html",
        status=INVALID if error else 200,
        view=view,
        reason=reason,
        error=error,
    )
