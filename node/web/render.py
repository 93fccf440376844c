"""Templates → pages: a Jinja2 environment for each language, autoescaping, strict about names.

Rules: a template sees the context it is given plus the site's frame (own municipality, current
path, who looks); filters only format. Each page collects which outlines it used, so that every
outline is written once per page and shown with `<use>`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.ext import extract_from_ast
from markupsafe import Markup, escape
from yarl import URL

from node.look import Look
from node.municipal import municipalities, taxonomy
from node.web import account_words, labels, swedish
from node.web.assets import Assets
from node.web.attachment_fields import attachment_rows
from node.web.compiled import COMPILED
from node.web.completeness import hints
from node.web.drawings import OutlinesUsed, municipality_url
from node.web.formats import short_date
from node.web.language import (
    PARAMETER,
    SOURCE,
    VARY,
    Language,
    keep_choice,
    languages,
    wanted,
)
from node.web.markdown import render_markdown
from node.web.marking import marked
from node.web.menu import MENU
from node.web.named_users import names_us
from node.web.own_look import OwnLook, prepare_look
from node.web.record_fields import call_off_words
from node.web.site import OWN, short_name, today
from node.web.staleness import is_stale
from node.web.visitors import local_path, viewer_of
from protocol.limits import BLOB_BYTES_MAX

_LOADER = FileSystemLoader(str(files("node.web").joinpath("templates")))
_EXTENSIONS = ["jinja2.ext.i18n"]
OTHER_PAGES = frozenset({"andra", "aterkalla", "skillnad", "spridning"})
"""What may follow a record's id and is no title: a record of that name goes without."""


@cache
def _is_wrapped(template: str) -> bool:
    environment = Environment(loader=_LOADER, extensions=_EXTENSIONS, autoescape=True)
    source = _LOADER.get_source(environment, template)[0]
    return next(iter(extract_from_ast(environment.parse(source))), None) is not None


class Renderer:
    """Renders templates for one web application."""

    def __init__(self, look: Look | None = None, folder: Path | None = None) -> None:
        self.assets = Assets()
        self._look = prepare_look(look, folder, self.assets) if look and folder else OwnLook()
        self._environments: dict[str, Environment] = {}

    def _environment(self, code: str) -> Environment:
        """The environment of a language, made when it is first asked for."""
        if code not in self._environments:
            self._environments[code] = self._new_environment(languages()[code])
        return self._environments[code]

    def _new_environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=_LOADER,
            bytecode_cache=COMPILED[language.code],
            autoescape=True,
            extensions=_EXTENSIONS,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        environment.policies["ext.i18n.trimmed"] = True
        # The extension adds the method, so the types do not know it.
        environment.install_gettext_translations(  # type: ignore[attr-defined]
            language.texts, newstyle=True
        )
        environment.filters.update(_FILTERS, **_language_filters(language))
        environment.globals.update(
            _GLOBALS,
            asset=self.assets.url,
            own_look=self._look,
            counted=language.counted,
            area_label=partial(taxonomy.label, language=language.code),
            language=language,
        )
        return environment

    def is_translated(self, template: str) -> bool:
        """Whether a page's texts are wrapped for the catalog; until then it is Swedish for all."""
        return _is_wrapped(template)

    def html(self, template: str, context: dict[str, Any], language: str = SOURCE) -> str:
        """Render one template; a name the context lacks is an error."""
        found = self._environment(language).get_template(template)
        return found.render(outlines_used=OutlinesUsed(), **context)

    def page(
        self, request: web.Request, template: str, *, status: int = 200, **context: Any
    ) -> web.Response:
        """Answer a request with a page inside the site's frame."""
        own, asked = request.app[OWN], wanted(request)
        shown = asked.code if self.is_translated(template) else SOURCE
        frame = {
            "own_name": languages()[shown].translated(own.name),
            "own_code": own.code,
            "official_name": own.official_name,
            "current_path": request.path,
            "viewer": viewer_of(request),
            "menu": MENU,
            "today": today(request),
            "receipt": labels.RECEIPTS.get(request.query.get("klart", ""), ""),
            "asked_language": asked,
            "in_languages": addresses_by_language(request),
            "has_alternates": self.is_translated(template) and status == 200,
        }
        html = self.html(template, frame | context, shown)
        response = web.Response(
            text=html,
            status=status,
            content_type="text/html",
            charset="utf-8",
            headers={"Vary": VARY, "Content-Language": shown},
        )
        keep_choice(request, response)
        return response


RENDERER = web.AppKey("renderer", Renderer)


def addresses_by_language(request: web.Request) -> list[tuple[Language, str]]:
    """This page's address in each language; the start page's where a form's answer is shown."""
    here = request.rel_url.without_query_params("klart")
    has_page = request.method in ("GET", "HEAD")
    return [
        (language, local_path(str(here.update_query({PARAMETER: language.code}))))
        if has_page
        else (language, f"/?{PARAMETER}={language.code}")
        for language in languages().values()
    ]


def record_url(record_id: bytes | str, title: str = "") -> str:
    """Address of a record; its id decides, the slug is for people."""
    identifier = record_id if isinstance(record_id, str) else record_id.hex()
    words = swedish.slug(title)
    if not words or words in OTHER_PAGES:
        return f"/erfarenheter/{identifier}"
    return f"/erfarenheter/{identifier}/{words}"


def area_url(area: str) -> str:
    """Address of an area's page, or of a subarea's."""
    return f"/amnen/{area}"


def difference_url(record_id: bytes, version: bytes) -> str:
    """Address of what a version of a record changed."""
    return f"/erfarenheter/{record_id.hex()}/skillnad?till={version.hex()}"


def _breakable(address: str) -> Markup:
    """An address that may break after its at sign and full stops, never inside a word."""
    return Markup(  # noqa: S704  # nosec B704  # escaped
        re.sub(r"([@.])", r"\1<wbr>", str(escape(address)))
    )


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _in_language(code: str, address: str) -> str:
    """An address that answers in a language whoever asks, as feed readers do."""
    return address if code == SOURCE else str(URL(address).update_query({PARAMETER: code}))


def _label(code: str | None, table: str) -> str:
    return labels.label(getattr(labels, table), code)


def _language_filters(language: Language) -> dict[str, Callable[..., str]]:
    formats = language.formats
    return {
        "long_date": formats.long_date,
        "clock_time": formats.clock_time,
        "date_and_time": formats.date_and_time,
        "partial_date": formats.partial_date,
        "duration": formats.duration,
        "number": formats.number,
        "data_size": formats.data_size,
        "kronor": formats.kronor,
        "possessive": formats.possessive,
        "translated": language.translated,
        "in_language": partial(_in_language, language.code),
        "label": lambda code, table: language.translated(_label(code, table)),
    }


_FILTERS = {
    "marked": marked,
    "markdown": render_markdown,
    "short_date": short_date,
    "breakable": _breakable,
    "capitalised": _capitalised,
    "lower_first": labels.lower_first,
}
_GLOBALS = {
    "attachment_rows": attachment_rows,
    "call_off": call_off_words,
    "blob_bytes_max": BLOB_BYTES_MAX,
    "municipality_name": municipalities.name_of,
    "names_us": names_us,
    "municipality_url": municipality_url,
    "record_url": record_url,
    "short_name": short_name,
    "area_label": taxonomy.label,
    "area_url": area_url,
    "known_area": taxonomy.find,
    "hints": hints,
    "is_stale": is_stale,
    "labels": labels,
    "accounts": account_words,
    "nbsp": Markup("&nbsp;"),
}
