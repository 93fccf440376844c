"""Reads publiccode.yml (https://yml.publiccode.tools), any version, as a "lösning i bruk".

The description is taken in Swedish, else English, else the first language given; the others are
kept as one line each under the text, and their longer texts are named as left out. Names and
addresses of persons are left out. What a record has no place for is named in a warning. Who uses it
is told as the file's claim: node/municipal/naming.py finds the municipalities in it, and each
decides itself whether to say so.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from node.importers import phrases, publiccode_texts
from node.importers.notes import Note
from node.importers.personal import is_role_mailbox
from node.importers.publiccode_source import Source, as_list, as_mapping, as_text
from node.importers.result import LICENCE_UNKNOWN, BrokenFileError, Draft, ImportResult, shortened
from node.municipal.naming import municipalities_named
from protocol.content.base import WebUrl
from protocol.content.experience import Language
from protocol.limits import (
    LINE_CHARS_MAX,
    LIST_ITEMS_MAX,
    NOTE_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TAG_CHARS_MAX,
    TAGS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
)

AREA_ASSUMED = "digital.system-etjanst"
PREFIX = "publiccode:"
OTHER_LANGUAGES = "På andra språk"

STATUS_OF = {
    "concept": "ide",
    "development": "pilot",
    "beta": "pilot",
    "stable": "drift",
    "obsolete": "avslutat",
}

SOURCE_OF = {
    "title": "name",
    "summary": "description",
    "situation": "description",
    "results": "description",
    "preconditions": "dependsOn",
    "products": "organisation",
    "tags": "categories",
    "licence": "legal",
    "legal": "legal",
    "source": "legal",
    "contact": "maintenance",
}
"""Which key of the file a field of the record comes from, to name its line in a refusal."""


def read_publiccode(text: str, file_name: str) -> ImportResult:
    """Read one file's text; never raises."""
    draft = Draft()
    source_key = f"{PREFIX}{file_name}"
    try:
        source = Source(text)
        draft.lines = {field: source.line_of(key) for field, key in SOURCE_OF.items()}
        url = source.text("url")
        source_key = f"{PREFIX}{url.removesuffix('.git').rstrip('/') or file_name}"
        source.value("publiccodeYmlVersion")
        _take_software(draft, source, url)
        language = _take_description(draft, source)
        _take_links(draft, source, language)
        _take_maintenance(draft, source)
        _take_users(draft, source)
        if left_out := source.left_out():
            draft.warn(phrases.NO_PLACE, keys=", ".join(left_out))
        experience = draft.build()
    except BrokenFileError as error:
        warnings = tuple(draft.warnings)
        return ImportResult(file_name, source_key, warnings=warnings, error=error.problem)
    return ImportResult(
        file_name, source_key, experience, tuple(draft.warnings), assumed=tuple(draft.assumed)
    )


def _take_software(draft: Draft, source: Source, url: str) -> None:
    name = source.line("name") or url.rstrip("/").rsplit("/", 1)[-1]
    if not name:
        raise BrokenFileError(1, Note(phrases.NO_NAME))
    draft.fields["type"] = "losning"
    draft.assume("area", AREA_ASSUMED, AREA_ASSUMED)
    draft.put_text("title", name, TITLE_CHARS_MAX)
    development = source.text("developmentStatus")
    draft.fields["status"] = STATUS_OF.get(development, "drift")
    if development not in STATUS_OF:
        draft.warn(phrases.UNKNOWN_STATUS, value=shortened(development, 40))
    supplier = publiccode_texts.owner(source)
    draft.fields["products"] = [{"name": name} | ({"supplier": supplier} if supplier else {})]
    _take_tags(draft, source.lines("categories"))
    _take_licence(draft, source, name, url)


def _take_tags(draft: Draft, categories: list[str]) -> None:
    tags = list(dict.fromkeys(shortened(tag, TAG_CHARS_MAX) for tag in categories))
    draft.fields["tags"] = tags[:TAGS_MAX]
    if len(tags) > TAGS_MAX:
        draft.warn(phrases.TAGS_CUT, kept=TAGS_MAX, given=len(tags))


def _take_licence(draft: Draft, source: Source, name: str, url: str) -> None:
    licence = source.line("legal.license")
    if not licence:
        draft.warn(phrases.NO_LICENCE)
    origin = {
        "name": f"publiccode.yml, {name}"[:LINE_CHARS_MAX],
        "url": url if _is_valid(WebUrl, url) else None,
        "licence": licence,
    }
    draft.fields["licence"] = licence or LICENCE_UNKNOWN
    draft.fields["source"] = {key: value for key, value in origin.items() if value}
    if law := publiccode_texts.legal_note(source):
        draft.fields["legal"] = {"note": shortened(law, NOTE_CHARS_MAX)}
    owners = (source.line("legal.mainCopyrightOwner"), source.line("legal.repoOwner"))
    if any(owner and not publiccode_texts.is_organisation(owner) for owner in owners):
        draft.warn(phrases.OWNERS_LEFT_OUT)


def _take_description(draft: Draft, source: Source) -> str:
    """Take the texts of one language; returns its key in the file."""
    languages = source.languages()
    code = _chosen(languages)
    key = languages.get(code, "")
    path = f"description.{key}"
    primary = code.split("-")[0]
    if key and _is_valid(Language, primary):
        draft.fields["language"] = primary
    elif key:
        draft.warn(phrases.NO_LANGUAGE, value=shortened(key, 40))
    long_text, generic = source.text(f"{path}.longDescription"), source.line(f"{path}.genericName")
    summary = source.line(f"{path}.shortDescription") or generic or long_text
    if not summary:
        summary = str(draft.fields["title"])
        draft.warn(phrases.NO_DESCRIPTION)
    draft.put_text("summary", " ".join(summary.split()), SUMMARY_CHARS_MAX)
    localised = source.line(f"{path}.localisedName")
    named = localised if localised and localised != draft.fields["title"] else ""
    known_as = f"Kallas också: {named}" if named else ""
    others = _other_languages(draft, source, {c: k for c, k in languages.items() if c != code})
    texts = [text for text in (long_text, known_as, others) if text]
    draft.put_text("situation", "\n\n".join(texts), TEXT_CHARS_MAX)
    draft.put_text("results", publiccode_texts.results(source, key), TEXT_CHARS_MAX)
    needed = publiccode_texts.preconditions(source, key)
    draft.put_text("preconditions", needed, TEXT_CHARS_MAX)
    draft.leave_addresses_out(("summary", "situation", "results", "preconditions"))
    free = as_list(source.value(f"{path}.freeTags"))
    if free:
        known = [str(tag) for tag in as_list(draft.fields.get("tags"))]
        _take_tags(draft, [*known, *(as_text(tag) for tag in free)])
    return key


def _chosen(languages: dict[str, str]) -> str:
    """Swedish, else English, else the first; a regional variant counts as its language."""
    for wanted in ("sv", "en", ""):
        for code in languages:
            if code.split("-")[0] == wanted or not wanted:
                return code
    return ""


def _other_languages(draft: Draft, source: Source, others: dict[str, str]) -> str:
    """The short descriptions in other languages, a line each."""
    if not others:
        return ""
    path = "description.{}.shortDescription"
    said = {code: source.line(path.format(key)) for code, key in others.items()}
    taken = str(draft.fields.get("language", "sv"))
    draft.warn(phrases.LANGUAGE_TAKEN, taken=taken, others=", ".join(sorted(others)))
    lines = [f"- {code}: {text}" for code, text in sorted(said.items()) if text]
    return "\n".join([f"{OTHER_LANGUAGES}:", "", *lines]) if lines else ""


def _take_links(draft: Draft, source: Source, language: str) -> None:
    path = f"description.{language}"
    found = [
        ("Källkod", source.text("url")),
        ("Webbplats", source.text("landingURL")),
        ("Dokumentation", source.text(f"{path}.documentation")),
        ("API-dokumentation", source.text(f"{path}.apiDocumentation")),
        ("Färdplan", source.text("roadmap")),
    ]
    found += [("Bygger på", as_text(url)) for url in as_list(source.value("isBasedOn"))]
    found += [("Film", as_text(url)) for url in as_list(source.value(f"{path}.videos"))]
    found.append(("Organisationen bakom", source.text("organisation.uri")))
    links = []
    for title, url in found:
        if _is_valid(WebUrl, url):
            links.append({"url": url, "title": title})
        elif url:
            draft.warn(phrases.NO_ADDRESS, title=title, value=shortened(url, 80))
    draft.fields["links"] = links[:LIST_ITEMS_MAX]


def _take_maintenance(draft: Draft, source: Source) -> None:
    contacts = [as_mapping(one) for one in as_list(source.value("maintenance.contacts"))]
    contacts += [as_mapping(one) for one in as_list(source.value("maintenance.contractors"))]
    emails = [email for contact in contacts if (email := as_text(contact.get("email")))]
    roles = [email for email in emails if is_role_mailbox(email)]
    role = shortened(f"Förvaltare av {draft.fields['title']}", LINE_CHARS_MAX)
    draft.fields["contact"] = {"role": role} | ({"email": roles[0]} if roles else {})
    if contacts:
        draft.warn(phrases.PERSONS_LEFT_OUT, count=len(roles[:1]))


def _take_users(draft: Draft, source: Source) -> None:
    named = municipalities_named(source.lines("usedBy"))
    if named:
        draft.warn(phrases.USED_BY, names=", ".join(item.official_name for item in named))


def _is_valid(kind: Any, value: str) -> bool:
    """Tell whether a value fits a field type of protocol/content/."""
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True
