"""Reads publiccode.yml (https://yml.publiccode.tools), any version, as a "lösning i bruk".

The description is taken in Swedish, else English, else the first language given. Names and
addresses of persons are left out. What a record has no place for is named in a warning.
"""

from __future__ import annotations

from typing import Any

from pydantic import TypeAdapter, ValidationError

from node.importers import plain_yaml
from node.importers.personal import is_role_mailbox
from node.importers.result import LICENCE_UNKNOWN, BrokenFileError, Draft, ImportResult, shortened
from protocol.content.base import PartialDate, WebUrl
from protocol.content.experience import Language
from protocol.limits import (
    LINE_CHARS_MAX,
    LIST_ITEMS_MAX,
    SUMMARY_CHARS_MAX,
    TAG_CHARS_MAX,
    TAGS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
)

AREA_ASSUMED = "digital.system-etjanst"

STATUS_OF = {
    "concept": "ide",
    "development": "pilot",
    "beta": "pilot",
    "stable": "drift",
    "obsolete": "avslutat",
}
USED = frozenset(
    [
        "publiccodeYmlVersion",
        "name",
        "applicationSuite",
        "url",
        "landingURL",
        "releaseDate",
        "developmentStatus",
        "categories",
        "usedBy",
        "roadmap",
        "description",
        "legal",
        "maintenance",
        "organisation",
        "softwareVersion",
    ]
)


SOURCE_OF = {
    "title": "name",
    "summary": "description",
    "situation": "description",
    "results": "description",
    "products": "organisation",
    "tags": "categories",
    "licence": "legal",
    "source": "legal",
    "contact": "maintenance",
}
"""Which key of the file a field of the record comes from, to name its line in a refusal."""


def read_publiccode(text: str, file_name: str) -> ImportResult:
    """Read one file's text; never raises."""
    draft = Draft()
    source_key = f"publiccode:{file_name}"
    try:
        document = _load(draft, text)
        url = _text(document.get("url"))
        source_key = f"publiccode:{url.removesuffix('.git').rstrip('/') or file_name}"
        _take_software(draft, document, url)
        _take_description(draft, document)
        _take_maintenance(draft, document)
        left_out = sorted(str(key) for key in document.keys() - USED)
        if left_out:
            draft.warn(f"left out, a record has no place for it: {', '.join(left_out)}")
        experience = draft.build()
    except BrokenFileError as error:
        warnings = tuple(draft.warnings)
        return ImportResult(file_name, source_key, warnings=warnings, error=error.problem)
    return ImportResult(file_name, source_key, experience, tuple(draft.warnings))


def _load(draft: Draft, text: str) -> dict[str, Any]:
    loaded = plain_yaml.load(text)
    document = loaded.value
    if not isinstance(document, dict) or not {"name", "description"} & document.keys():
        raise BrokenFileError(1, "not a publiccode.yml: it gives neither name nor description")
    draft.lines = {field: loaded.lines.get(key, 1) for field, key in SOURCE_OF.items()}
    return document


def _take_software(draft: Draft, document: dict[str, Any], url: str) -> None:
    name = _line(document.get("name")) or url.rstrip("/").rsplit("/", 1)[-1]
    if not name:
        raise BrokenFileError(1, "the software has no name")
    draft.fields |= {"type": "losning", "area": AREA_ASSUMED}
    draft.warn(f"area is not given; set to {AREA_ASSUMED}")
    draft.put_text("title", name, TITLE_CHARS_MAX)
    development = _text(document.get("developmentStatus"))
    draft.fields["status"] = STATUS_OF.get(development, "drift")
    if development not in STATUS_OF:
        draft.warn(f"developmentStatus {development!r} is not known; set to drift")
    supplier = _line(_mapping(document.get("organisation")).get("name"))
    draft.fields["products"] = [{"name": name} | ({"supplier": supplier} if supplier else {})]
    released = _text(document.get("releaseDate"))
    if _is_valid(PartialDate, released[:10]):
        draft.fields["timeline"] = {"live": released[:10]}
    elif released:
        draft.warn(f"releaseDate {shortened(released, 40)!r} is not a date and was left out")
    tags = [_line(tag)[:TAG_CHARS_MAX] for tag in _list(document.get("categories"))]
    draft.fields["tags"] = [tag for tag in tags if tag][:TAGS_MAX]
    if len(tags) > TAGS_MAX:
        draft.warn(f"only the first {TAGS_MAX} of {len(tags)} categories were kept")
    _take_licence(draft, document, name, url)


def _take_licence(draft: Draft, document: dict[str, Any], name: str, url: str) -> None:
    licence = _line(_mapping(document.get("legal")).get("license"))
    if not licence:
        draft.warn("legal.license is not given; the text's licence is unknown")
    web_url = url if _is_web_address(url) else None
    source = {
        "name": f"publiccode.yml, {name}"[:LINE_CHARS_MAX],
        "url": web_url,
        "licence": licence,
    }
    draft.fields["licence"] = licence or LICENCE_UNKNOWN
    draft.fields["source"] = {key: value for key, value in source.items() if value}


def _take_description(draft: Draft, document: dict[str, Any]) -> None:
    languages = _mapping(document.get("description"))
    language, description = _chosen_description(languages)
    if len(languages) > 1:
        others = ", ".join(sorted(str(other) for other in languages if other != language))
        draft.warn(f"the description was taken in {language}; left out: {others}")
    code = language.split("-")[0].split("_")[0].lower()
    if _is_valid(Language, code):
        draft.fields["language"] = code
    else:
        draft.warn(f"{shortened(language, 40)!r} is not a language code; set to sv")
    long_text = _text(description.get("longDescription"))
    short_text = _text(description.get("shortDescription")) or _text(description.get("genericName"))
    summary = " ".join((short_text or long_text).split())
    if not summary:
        summary = str(draft.fields["title"])
        draft.warn("there is no description; the name was used as summary")
    draft.put_text("summary", summary, SUMMARY_CHARS_MAX)
    draft.put_text("situation", long_text, TEXT_CHARS_MAX)
    features = [_line(feature) for feature in _list(description.get("features"))]
    used_by = [_line(user) for user in _list(document.get("usedBy"))]
    parts = [_bullets("Funktioner", features), _bullets("Används av", used_by)]
    draft.put_text("results", "\n\n".join(part for part in parts if part), TEXT_CHARS_MAX)
    draft.leave_addresses_out(("summary", "situation", "results"))
    _take_links(draft, document, description)


def _chosen_description(languages: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Swedish, else English, else the first; a regional variant counts as its language."""
    for wanted in ("sv", "en", ""):
        for language, description in languages.items():
            if str(language).lower().startswith(wanted) and isinstance(description, dict):
                return str(language), description
    return "en", {}


def _take_links(draft: Draft, document: dict[str, Any], description: dict[str, Any]) -> None:
    found = [
        ("Källkod", document.get("url")),
        ("Webbplats", document.get("landingURL")),
        ("Dokumentation", description.get("documentation")),
        ("API-dokumentation", description.get("apiDocumentation")),
        ("Färdplan", document.get("roadmap")),
    ]
    links = []
    for title, value in found:
        url = _text(value)
        if _is_web_address(url):
            links.append({"url": url, "title": title})
        elif url:
            draft.warn(f"{title}: {shortened(url, 80)} is not a web address and was left out")
    draft.fields["links"] = links[:LIST_ITEMS_MAX]


def _take_maintenance(draft: Draft, document: dict[str, Any]) -> None:
    maintenance = _mapping(document.get("maintenance"))
    contacts = [_mapping(contact) for contact in _list(maintenance.get("contacts"))]
    contacts += [_mapping(contact) for contact in _list(maintenance.get("contractors"))]
    emails = [email for contact in contacts if (email := _text(contact.get("email")))]
    roles = [email for email in emails if is_role_mailbox(email)]
    role = shortened(f"Förvaltare av {draft.fields['title']}", LINE_CHARS_MAX)
    draft.fields["contact"] = {"role": role} | ({"email": roles[0]} if roles else {})
    if contacts:
        draft.warn(
            "names, telephone numbers and personal e-mail addresses of contacts were left out: "
            f"an import must not spread personal data (shared mailboxes kept: {len(roles[:1])})"
        )
    owner = _mapping(document.get("legal"))
    if owner.get("mainCopyrightOwner") or owner.get("repoOwner"):
        draft.warn("mainCopyrightOwner and repoOwner were left out: they may be persons")


def _bullets(heading: str, items: list[str]) -> str:
    lines = [f"- {item}" for item in items if item]
    return "\n".join([f"{heading}:", "", *lines]) if lines else ""


def _is_web_address(url: str) -> bool:
    return _is_valid(WebUrl, url)


def _is_valid(kind: Any, value: str) -> bool:
    """Tell whether a value fits a field type of protocol/content/."""
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def _text(value: object) -> str:
    """Text of a scalar; anything else counts as absent."""
    return str(value).strip() if isinstance(value, (str, int)) else ""


def _line(value: object) -> str:
    return shortened(" ".join(_text(value).split()), LINE_CHARS_MAX)


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
