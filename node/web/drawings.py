"""Outlines and maps as they stand in a page: each outline is written once and shown with `<use>`.

Some pages name all 290 municipalities and have a map of them, so all of this is joined from texts
that are made once while the node runs; only shades and counts are new each time.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache, lru_cache, partial
from typing import Final, NamedTuple

from markupsafe import Markup, escape

from node.municipal import municipalities, outlines
from node.municipal.municipalities import Municipality
from node.web.formats import short_date
from node.web.language import Language
from node.web.maps import MapPicture, Shape
from node.web.message import Message
from storage.record_views import MunicipalityRow

NAMES_MAX = 1_000
SHARED_BY: Final = Message("%(what)s från %(name)s")
HAS_LEFT: Final = Message("har lämnat")
NOTHING: Final = "–"


class Listed(NamedTuple):
    """A municipality in the table of all: what is here of it, its short name, and what is known."""

    row: MunicipalityRow
    name: str
    known: Municipality | None


class OutlinesUsed:
    """The outlines that one page shows; `definitions` writes them at its end."""

    def __init__(self) -> None:
        self._codes: dict[str, None] = {}

    def drawing(self, code: str, size: str) -> Markup:
        """The outline beside a name; nothing when none is known."""
        self._use(code)
        return _drawing(code, size)

    def surface(self, code: str) -> str:
        """Address of a known outline as a piece of a map, for `<use>`."""
        self._codes[code] = None
        return f"#yta-{code}"

    def sender(self, code: str, name: str, link: bool) -> Markup:
        """Who has written something."""
        self._use(code)
        return _sender(code, name, link)

    def _use(self, code: str) -> None:
        """Have the page define an outline, if it is known."""
        if outlines.outline(code) is not None:
            self._codes[code] = None

    def municipality_rows(self, listed: Iterable[Listed], language: Language) -> Markup:
        """Rows of the table of municipalities: who and where each is, how much it shares."""
        number = cache(language.formats.number)
        left = (
            f' <span class="quiet small">{escape(language.texts.gettext(HAS_LEFT.template))}</span>'
        )
        rows = "".join(
            f'<tr><th scope="row">{self.sender(row.code, name, link=True)}'
            f"{left if row.has_left else ''}</th>"
            f'<td class="wide-only">{escape(known.county) if known else NOTHING}</td>'
            f'<td class="number wide-only">{number(known.population) if known else NOTHING}</td>'
            f'<td class="number">{number(row.records)}</td><td class="number">'
            f"{NOTHING if row.latest_ms is None else short_date(row.latest_ms)}</td></tr>"
            for row, name, known in listed
        )
        # Each text is escaped where it is put in; Markup.format does so too, but slowly for 290.
        return Markup(rows)  # noqa: S704  # nosec B704  # escaped

    def share_rows(
        self, senders: Iterable[tuple[str, str, int]], area: str, language: Language
    ) -> Markup:
        """Rows of a table: kommunkod and name of who shares, and how much of an area."""
        said = language.texts.gettext(SHARED_BY.template)
        what = cache(partial(_records, language))
        number = cache(language.formats.number)
        link = f"/erfarenheter?amne={escape(area)}&amp;kommun="
        rows = "".join(
            f'<tr><th scope="row">{self.sender(code, name, link=True)}</th><td class="number">'
            f'<a href="{link}{escape(code)}" aria-label="'
            f'{escape(said % {"what": what(count), "name": name})}">{number(count)}</a></td></tr>'
            for code, name, count in senders
        )
        return Markup(rows)  # noqa: S704  # nosec B704  # escaped

    def map(self, picture: MapPicture, label: str, language: Language) -> Markup:
        """A map, whose label says where the same figures stand as a table."""
        words = {
            count: "" if count is None else f": {escape(_records(language, count))}"
            for count in {shape.records for shape in picture.shapes}
        }
        shapes = "".join(
            f'<{self._shape(shape)} class="share-{shape.level}{" own" if shape.own else ""}">'
            f"<title>{_name(shape.name)}{words[shape.records]}</title></"
            f"{'path' if shape.path else 'use'}>"
            for shape in picture.shapes
        )
        start = f'<svg class="region" viewBox="{picture.view_box}" role="img"'
        return Markup(  # noqa: S704  # nosec B704  # escaped
            f'{start} aria-label="{escape(label)}">{shapes}</svg>'
        )

    def _shape(self, shape: Shape) -> str:
        """How an element begins: with a path of its own, or the outline that is defined anyway."""
        if shape.path:
            return f'path fill-rule="evenodd" d="{shape.path}"'
        return f'use href="{self.surface(shape.code)}"'

    @property
    def definitions(self) -> Markup:
        """What the page must define, in the order of first use."""
        if not self._codes:
            return Markup()
        symbols = "".join(map(_definition, self._codes))
        start = '<svg class="hidden-text" aria-hidden="true" focusable="false">'
        return Markup(f"{start}{symbols}</svg>")  # noqa: S704  # nosec B704  # words of our own


def _records(language: Language, count: int) -> str:
    return language.counted(count, "erfarenhet", "erfarenheter")


@lru_cache(NAMES_MAX)
def municipality_url(code: str) -> str:
    """Address of a municipality's page: kommunkod first, the name for people."""
    known = municipalities.by_code(code)
    return f"/kommuner/{known.slug}" if known else f"/kommuner/{code}"


@lru_cache(NAMES_MAX)
def _drawing(code: str, size: str) -> Markup:
    if outlines.outline(code) is None:
        return Markup()
    drawing = Markup(
        '<svg class="outline {}" aria-hidden="true" focusable="false">'
        '<use href="#kommun-{}"/></svg>'
    )
    return drawing.format(size, code)


@lru_cache(NAMES_MAX, typed=True)  # of two names that read alike, one may be escaped already
def _sender(code: str, name: str, link: bool) -> Markup:
    who = Markup("<span>{}</span>").format(name)
    if link and code:
        who = Markup('<a href="{}">{}</a>').format(municipality_url(code), name)
    return Markup('<span class="sender">{}{}</span>').format(_drawing(code, "small"), who)


@cache
def _definition(code: str) -> str:
    outline = outlines.outline(code)
    assert outline is not None, "only known outlines are used"
    return (
        f'<symbol id="kommun-{code}" viewBox="{outline.view_box}">'
        f'<path id="yta-{code}" fill-rule="evenodd" d="{outline.path}"/></symbol>'
    )


@cache
def _name(name: str) -> str:
    """A municipality's name, escaped; they are ours, so they are few."""
    return str(escape(name))
