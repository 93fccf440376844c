"""Templates → pages: one Jinja2 environment with autoescape, strict about unknown names.

Rules: a template sees the context it is given plus the site's frame (own municipality, current
path, who looks); filters only format. Each page collects which outlines it used, so that every
outline is written once per page and shown with `<use>`.
"""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path
from typing import Any

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from node.look import Look
from node.municipal import municipalities, outlines, taxonomy
from node.web import account_words, labels, swedish
from node.web.access import Open
from node.web.assets import Assets
from node.web.markdown import render_markdown
from node.web.own_look import OwnLook, prepare_look
from node.web.site import OWN, short_name
from node.web.visitors import viewer_of
from storage.account_views import Role

MENU = (
    ("/erfarenheter", "Erfarenheter", Open.READING),
    ("/kommuner", "Kommuner", Open.READING),
    ("/grannar", "Grannar", Role.READER),
    ("/skriv", "Skriv", Role.AUTHOR),
    ("/anvandare", "Användare", Role.OPERATOR),
)


class OutlinesUsed:
    """The outlines one page shows; `symbol` registers, `definitions` lists them at the end."""

    def __init__(self) -> None:
        self._codes: dict[str, outlines.Outline] = {}

    def symbol(self, code: str) -> str | None:
        """Id of the symbol to `<use>`, or None when no outline of that code is known."""
        outline = outlines.outline(code)
        if outline is None:
            return None
        self._codes[code] = outline
        return f"kommun-{code}"

    @property
    def definitions(self) -> list[outlines.Outline]:
        """What the page must define, in the order of first use."""
        return list(self._codes.values())


class Renderer:
    """Renders templates for one web application."""

    def __init__(self, look: Look | None = None, folder: Path | None = None) -> None:
        self.assets = Assets()
        own_look = prepare_look(look, folder, self.assets) if look and folder else OwnLook()
        self._environment = Environment(
            loader=FileSystemLoader(str(files("node.web").joinpath("templates"))),
            autoescape=True,
            extensions=["jinja2.ext.i18n"],
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=False,
        )
        self._environment.policies["ext.i18n.trimmed"] = True
        self._environment.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
        self._environment.filters.update(_FILTERS)
        self._environment.globals.update(_GLOBALS, asset=self.assets.url, own_look=own_look)

    def html(self, template: str, context: dict[str, Any]) -> str:
        """Render one template; a name the context lacks is an error."""
        used = OutlinesUsed()
        return self._environment.get_template(template).render(outlines_used=used, **context)

    def page(
        self, request: web.Request, template: str, *, status: int = 200, **context: Any
    ) -> web.Response:
        """Answer a request with a page inside the site's frame."""
        own = request.app[OWN]
        frame = {
            "own_name": own.name,
            "own_code": own.code,
            "official_name": own.official_name,
            "current_path": request.path,
            "viewer": viewer_of(request),
            "menu": MENU,
            "receipt": labels.RECEIPTS.get(request.query.get("klart", ""), ""),
        }
        html = self.html(template, frame | context)
        return web.Response(text=html, status=status, content_type="text/html", charset="utf-8")


RENDERER = web.AppKey("renderer", Renderer)


def municipality_url(code: str) -> str:
    """Address of a municipality's page: kommunkod first, the name for people."""
    known = municipalities.by_code(code)
    return f"/kommuner/{known.slug}" if known else f"/kommuner/{code}"


def record_url(record_id: bytes | str, title: str = "") -> str:
    """Address of a record; its id decides, the slug is for people."""
    identifier = record_id if isinstance(record_id, str) else record_id.hex()
    words = swedish.slug(title)
    return f"/erfarenheter/{identifier}/{words}" if words else f"/erfarenheter/{identifier}"


def _breakable(address: str) -> Markup:
    """An address that may break after its at sign and full stops, never inside a word."""
    return Markup(re.sub(r"([@.])", r"\1<wbr>", str(escape(address))))  # noqa: S704 - escaped


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]


def _label(code: str | None, table: str) -> str:
    return labels.label(getattr(labels, table), code)


_FILTERS = {
    "markdown": render_markdown,
    "long_date": swedish.long_date,
    "short_date": swedish.short_date,
    "clock_time": swedish.clock_time,
    "date_and_time": swedish.date_and_time,
    "partial_date": swedish.partial_date,
    "duration": swedish.duration,
    "number": swedish.number,
    "kronor": swedish.kronor,
    "possessive": swedish.possessive,
    "breakable": _breakable,
    "capitalised": _capitalised,
    "lower_first": _lower_first,
    "label": _label,
}
_GLOBALS = {
    "counted": swedish.counted,
    "municipality_name": municipalities.name_of,
    "municipality_url": municipality_url,
    "record_url": record_url,
    "short_name": short_name,
    "area_label": taxonomy.label,
    "labels": labels,
    "accounts": account_words,
    "nbsp": Markup("&nbsp;"),
}
