"""Languages of the pages: which there are, and in which one a request is answered.

Swedish is the source: its texts stand in templates and code, and are the keys of every catalog
(`locale/<code>/LC_MESSAGES/tidan.po`). A reader's choice is an address with `?sprak=en`; a cookie
keeps it, and the account of who is signed in. Who has not chosen gets Swedish, unless the browser
lists languages and none of them is one whose readers understand Swedish.
"""

from __future__ import annotations

import gettext
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from aiohttp import web

from node.web.english import ENGLISH
from node.web.formats import Formats
from node.web.message import Counted, Message, Value, filled
from node.web.site import NODE
from node.web.swedish import SWEDISH
from node.web.visitors import VISITOR, is_https
from storage.account_views import User
from storage.errors import StorageError

PARAMETER: Final = "sprak"
COOKIE: Final = "tidan-sprak"
COOKIE_SECONDS: Final = 365 * 24 * 3600
SOURCE: Final = "sv"
VARY: Final = "Cookie, Accept-Language"
READ_SWEDISH: Final = frozenset({"sv", "nb", "nn", "no", "da", "*"})
LISTED_MAX = 50
LANGUAGE_CHARS_MAX = 8
_AS_WRITTEN: Final = gettext.NullTranslations()
"""What the source's own texts are translated by."""


@dataclass(frozen=True, slots=True)
class Language:
    """One language: its code, the words of the link to it, what is said over a page that is not
    translated yet, and its formats.
    """

    code: str
    link: str
    only_source: str
    formats: Formats

    @property
    def texts(self) -> gettext.NullTranslations:
        """Its catalog, read when the first text is asked for."""
        return _AS_WRITTEN if self.code == SOURCE else catalog(self.code)

    def translated(self, text: str) -> str:
        """A text that Python says, in this language."""
        if self.code == SOURCE:
            return text  # as it was written
        if isinstance(text, Message) and text.template:  # the empty text is the catalog's header
            values = {name: self._said(value) for name, value in text.values.items()}
            return filled(self.texts.gettext(text.template), values, self.formats)
        return text

    def _said(self, value: Value) -> Value:
        """A value of a text, in this language as far as it has words."""
        if isinstance(value, Counted):
            return self.counted(*value)
        return self.translated(value) if isinstance(value, Message) else value

    def counted(self, count: int, one: str, many: str) -> str:
        """A count and its word, given in Swedish: "12 erfarenheter", "12 records"."""
        one, many = self.texts.ngettext(one, many, 1), self.texts.ngettext(one, many, 2)
        return self.formats.counted(count, one, many)


@cache
def languages() -> Mapping[str, Language]:
    """All languages, the source first."""
    swedish = Language(SOURCE, "På svenska", "", SWEDISH)
    english = Language("en", "In English", "This page is in Swedish only so far.", ENGLISH)
    return {language.code: language for language in (swedish, english)}


@cache
def catalog(code: str) -> gettext.GNUTranslations:
    """The texts of a language, compiled from its catalog as it is read: a tenth of a second."""
    from babel.messages.mofile import write_mo  # noqa: PLC0415  # with the first English page
    from babel.messages.pofile import read_po  # noqa: PLC0415  # likewise

    path = files("node.web").joinpath("locale", code, "LC_MESSAGES", "tidan.po")
    compiled = io.BytesIO()
    with path.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def wanted(request: web.Request) -> Language:
    """The language a request asks for: by its address, by an earlier choice, by its browser.

    What is kept at the account goes before the cookie: many may have used a browser.
    """
    visitor = request.get(VISITOR)
    kept = visitor.user.language if visitor is not None else None
    for said in (request.query.get(PARAMETER), kept, request.cookies.get(COOKIE)):
        if said is not None and said in languages():
            return languages()[said]
    return languages()[preferred(request.headers.get("Accept-Language", ""))]


def preferred(accept_language: str) -> str:
    """The code for a browser's list of languages."""
    listed = set()
    for item in accept_language.lower().split(",")[:LISTED_MAX]:
        tag, _, quality = item.partition(";")
        name = tag.strip().partition("-")[0]
        is_name = name == "*" or (name.isalpha() and len(name) <= LANGUAGE_CHARS_MAX)
        if is_name and not re.fullmatch(r"\s*q=0(\.0*)?\s*", quality):
            listed.add(name)
    return "en" if listed and not listed & READ_SWEDISH else SOURCE


def keep_choice(request: web.Request, response: web.StreamResponse) -> None:
    """Remember the language that an address named."""
    chosen = request.query.get(PARAMETER)
    if chosen is not None and chosen in languages():
        response.set_cookie(
            COOKIE,
            chosen,
            max_age=COOKIE_SECONDS,
            path="/",
            httponly=True,
            samesite="Lax",
            secure=is_https(request),
        )


async def keep_at_account(request: web.Request) -> None:
    """Keep the language that an address names at the account of who is signed in, for letters."""
    visitor, chosen = request.get(VISITOR), request.query.get(PARAMETER, "")
    if visitor is not None and chosen in languages() and chosen != visitor.user.language:
        try:
            await request.app[NODE].accounts.choose_language(visitor.user, chosen)
        except StorageError:  # the page can be read all the same, and its cookie keeps the choice
            request.app[NODE].logger.exception("a chosen language could not be kept")


async def with_language(request: web.Request, user: User) -> User:
    """A user who gets letters: in the language of the page on which they are asked for, unless
    another was chosen before.
    """
    if user.language is not None:
        return user
    return await request.app[NODE].accounts.choose_language(user, wanted(request).code)
