"""The pages of a form for a record: the form, its preview, and two texts that met in one draft."""

from __future__ import annotations

from collections.abc import Sequence

from aiohttp import web

from node.municipal import taxonomy
from node.operations.personal_data import Finding
from node.web.draft_words import changed_words, differences, saved_words
from node.web.form_fields import CHECKLIST, LINE_WORDS, REPEATED_ROWS_MAX, SECTIONS
from node.web.form_state import FormState
from node.web.language import wanted
from node.web.message import Message
from node.web.pages.similar import similar_records
from node.web.pictures import PUBLISHED, FilesShown, look_up
from node.web.posted import INVALID
from node.web.record_view import RecordView, preview_view
from node.web.render import RENDERER
from node.web.site import NODE, OWN
from node.web.visitors import user_of
from protocol.content import Experience
from storage.account_views import User
from storage.draft_store import Draft, DraftRow


def _frame(request: web.Request, form: FormState, edited: RecordView | None) -> dict[str, object]:
    saved = form.draft.saved
    now_ms = request.app[NODE].clock.time_ms()
    return {
        "form": form,
        "editing": edited is not None,
        "record": edited.id if edited else "",
        "trail": [(edited.url, edited.title, edited.language)] if edited else [],
        "action": f"/erfarenheter/{edited.id}/andra" if edited else "/skriv",
        "has_left": request.app[NODE].recovery.has_left,
        "recovering": request.app[NODE].recovery.reason is not None,
        "waits_for_answers": request.app[NODE].recovery.waits_for_answers,
        "needs_new_key": request.app[NODE].recovery.needs_new_key,
        "own_official_name": request.app[OWN].official_name,
        "saved_words": saved_words(saved, user_of(request), now_ms) if saved else "",
    }


async def show_form(
    request: web.Request,
    form: FormState,
    edited: RecordView | None,
    *,
    opened: str = "",
    begun: Sequence[DraftRow] = (),
) -> web.Response:
    """The form; `opened` is a table that got more rows, `begun` are drafts of the same change."""
    user = user_of(request)
    own = await request.app[NODE].drafts.newest_of(user)
    return request.app[RENDERER].page(
        request,
        "write.html",
        status=INVALID if form.errors else 200,
        opened=opened,
        sections=SECTIONS,
        areas=taxonomy.areas(),
        rows_max=REPEATED_ROWS_MAX,
        line_words=LINE_WORDS,
        begun=begun,
        other_drafts=sum(row.draft_id != form.draft.draft_id for row in own),
        user_no=user.number,
        **_frame(request, form, edited),
    )


async def show_preview(
    request: web.Request,
    form: FormState,
    edited: RecordView | None,
    experience: Experience,
    findings: list[Finding],
    ticked: set[str],
) -> web.Response:
    """How the record will look, what resembles personal data, and the list to go through."""
    own, drafts, user = request.app[OWN], request.app[NODE].drafts, user_of(request)
    if form.draft.saved is None:
        form.draft.saved = await drafts.open(user, form.draft.draft_id)
    record = edited.row.record_id if edited else None
    return request.app[RENDERER].page(
        request,
        "preview.html",
        status=INVALID if form.errors else 200,
        view=preview_view(experience, own.code, own.name),
        related_rows={},
        files=FilesShown(
            experience.attachments,
            await look_up(request.app[NODE], experience.attachments),
            address=f"/utkast/{form.draft.id}{PUBLISHED}",
        ),
        findings=findings,
        checklist=CHECKLIST,
        checked_boxes=ticked,
        may_publish=drafts.may_publish(user, form.draft.saved),
        may_review=drafts.may_review(user, form.draft.saved),
        similar=await similar_records(request, experience.title, record),
        user_no=user.number,
        **_frame(request, form, edited),
    )


def show_conflict(request: web.Request, form: FormState, saved: Draft) -> web.Response:
    """Both texts, field by field, and the choice between them."""
    node, user = request.app[NODE], user_of(request)
    return request.app[RENDERER].page(
        request,
        "conflict.html",
        status=409,
        form=form,
        saved=saved,
        said=changed_words(saved, user, node.clock.time_ms()),
        saver=_saver(saved, user),
        differences=differences(form.values, saved.typed, wanted(request).code),
        aside=node.drafts.new_id().hex(),
    )


def _saver(saved: Draft, user: User) -> Message:
    if saved.saved_by_no == user.number:
        return Message("Den sparade texten")
    return Message("%(owner)s text", owner=lambda formats: formats.possessive(saved.saved_by))
