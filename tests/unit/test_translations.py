"""Every page that has begun to be translated is translated whole, and says the same in English."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment

from node.importers import phrases
from node.municipal import places
from node.web import english, labels, swedish
from node.web.import_words import SAID
from node.web.language import SOURCE, catalog, languages, preferred
from node.web.message import Message, joined, said
from translations import TEMPLATES, all_said, catalog_path, read, translated_templates, updated

NOVEMBER_23_2026_MS = 1_795_438_800_000  # 2026-11-23 13.00 UTC, 14.00 in Sweden
NBSP = "\u00a0"
OTHERS = [code for code in languages() if code != SOURCE]
ATTRIBUTES = r"""(\s*[a-z-]+="[^"]*")+"""
"""What a macro adds to a tag is no text."""
SPOKEN_ATTRIBUTES = {"aria-label", "alt", "title", "placeholder"}
# What is the same in every language.
UNCHANGED = {"Tidan", "KLASSA", "– Tidan,", "Ctrl", ":", "(", ")", "tidan user setup"}


@pytest.mark.parametrize("code", OTHERS)
def test_catalogs_are_whole_and_up_to_date(code: str) -> None:
    """Each wrapped text is in the catalog with its translation; none is there for nothing."""
    missing = [message.id for message in read(code) if message.id and not all_said(message)]

    assert missing == []
    assert catalog_path(code).read_text("utf-8") == updated(code), "run `make translations`"


@pytest.mark.parametrize("code", OTHERS)
def test_translations_have_the_same_places_links_and_marks(code: str) -> None:
    """A translation fills the same places and leads to the same pages as the Swedish text."""
    for message in read(code):
        if not message.id:
            continue
        source = message.id if isinstance(message.id, str) else message.id[-1]
        said = message.string if isinstance(message.string, str) else message.string[-1]
        for pattern in (r"%\(\w+\)s", r"<[^>]+>"):
            assert sorted(re.findall(pattern, said)) == sorted(re.findall(pattern, source)), source


class Spoken(HTMLParser):
    """What a reader sees or hears of a template outside its wrapped texts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note attributes that are spoken, unless they are in a language of their own."""
        for_scripts = "data-texts" in dict(attrs)
        self.found += [
            value
            for name, value in attrs
            if value and (name in SPOKEN_ATTRIBUTES or (for_scripts and name != "data-texts"))
        ]

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.found += [data.strip()] if data.strip() else []


def bare_texts(path: Path) -> list[str]:
    """Texts of a template that are neither wrapped nor made of expressions."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    kept, wrapped, tag = [], False, []
    for _, kind, value in environment.lex(path.read_text("utf-8")):
        if kind == "block_begin":
            tag = []
        elif kind == "name" and not tag:
            tag.append(value)
            wrapped = value == "trans" or (wrapped and value != "endtrans")
        elif kind == "data" and not wrapped:
            kept.append(value)
    texts = Spoken("".join(kept)).found
    texts = [text for text in texts if not re.fullmatch(ATTRIBUTES, text)]
    return [text for text in texts if re.search(r"[^\W\d_]", text) and text not in UNCHANGED]


def bare_words(path: Path) -> list[str]:
    """Texts in quotation marks in a template's expressions that stand outside `_(…)`."""
    source = path.read_text("utf-8")
    inside = " ".join(re.findall(r"\{[{%](.*?)[}%]\}", source, re.DOTALL))
    outside = re.sub(r"""(?:_|counted|loop)\((?:[^()"]|"[^"]*"|\([^()]*\))*\)""", "", inside)
    found = re.findall(r'"([A-ZÅÄÖ][a-zåäö]+[^"]*|[^"]*[åäöÅÄÖ][^"]*)"', outside)
    return [words for words in found if words not in UNCHANGED]


@pytest.mark.parametrize(
    "path", translated_templates(), ids=lambda path: path.relative_to(TEMPLATES).as_posix()
)
def test_a_template_is_wrapped_whole_or_not_at_all(path: Path) -> None:
    """No Swedish text is left where the rest of the page is in the reader's language."""
    assert bare_texts(path) == []
    assert bare_words(path) == []


def test_the_check_sees_what_is_not_wrapped(tmp_path: Path) -> None:
    """Bare text, a bare label and a bare word in an expression are each noticed."""
    path = tmp_path / "exempel.html"
    path.write_text(
        '<p aria-label="Naken">{% trans %}Klädd{% endtrans %} Bar {{ _("Klädd") }}</p>'
        '{{ f("Också bar") }}{% if x == "kod" %}{% endif %}<i data-texts="x" data-a="Tyst"></i>',
        "utf-8",
    )

    assert bare_texts(path) == ["Naken", "Bar", "Tyst"]
    assert bare_words(path) == ["Också bar"]


def test_every_template_is_translated() -> None:
    """A template becomes English by being wrapped; no page or letter waits for that any more."""
    translated = set(translated_templates())
    waiting = [path for path in TEMPLATES.rglob("*.html") if path not in translated]

    assert [path for path in waiting if bare_texts(path) or bare_words(path)] == []


def test_english_dates_amounts_and_counts() -> None:
    """The day before the month, commas in numbers, and words in English."""
    formats = english.ENGLISH

    assert formats.long_date(NOVEMBER_23_2026_MS) == "23 November 2026"
    assert formats.date_and_time(NOVEMBER_23_2026_MS) == "23 November 2026, 14:00"
    assert formats.partial_date("2024-03") == "March 2024"
    assert formats.number(1930) == "1,930"
    assert formats.kronor(185_000) == f"SEK{NBSP}185,000"
    assert formats.kronor(185_000, 240_000) == f"SEK{NBSP}185,000–240,000"
    assert swedish.kronor(5, 10) == f"5–10{NBSP}kr"
    assert formats.duration(180_000) == f"3{NBSP}minutes"
    assert formats.data_size(3_100_000) == f"3.1{NBSP}MB"
    assert [formats.data_size(size) for size in (0, 1, 2_400)] == [
        f"{thousands}{NBSP}kB" for thousands in (0, 1, 2)
    ]
    assert formats.possessive("Hjo") == "Hjo’s"


def test_counts_are_said_in_each_language() -> None:
    """One, several and none, given in Swedish."""
    english_language = languages()["en"]

    assert english_language.counted(1, "kommun", "kommuner") == f"1{NBSP}municipality"
    assert english_language.counted(1200, "kommun", "kommuner") == f"1,200{NBSP}municipalities"
    assert english_language.counted(0, "kommun", "kommuner") == "no municipalities"
    assert languages()["sv"].counted(0, "kommun", "kommuner") == "inga kommuner"


def test_a_message_is_swedish_text_that_can_be_translated() -> None:
    """It reads as Swedish wherever nobody translates it, and its values follow the language."""
    wait = "Det har blivit fel för många gånger. Försök igen om %(wait)s"
    message = Message(wait, wait=lambda formats: formats.duration(120_000))
    percent = Message("100 % av alla")

    assert message == f"Det har blivit fel för många gånger. Försök igen om 2{NBSP}minuter"
    assert languages()["en"].translated(message).endswith(f"Try again in 2{NBSP}minutes")
    assert languages()["en"].translated(percent) == percent == "100 % av alla"
    assert languages()["en"].translated("fritt skriven text") == "fritt skriven text"


def test_texts_made_of_others_are_said_whole_in_each_language() -> None:
    """Areas, dates and lists of filters follow the language, also inside another text."""
    english_language, kind = languages()["en"], labels.label(labels.RECORD_TYPES, "fraga")
    day = said(lambda formats: formats.long_date(NOVEMBER_23_2026_MS))
    question = Message("Hur gör andra med %(area)s?", area=labels.area("digital", inside=True))
    chosen = joined([labels.area("aldre"), kind, "Hjo"])

    assert (day, english_language.translated(day)) == ("23 november 2026", "23 November 2026")
    assert question == "Hur gör andra med IT, digitalisering och bredband?"
    said_in_english = english_language.translated(question)
    assert said_in_english == "How do others handle IT, digitalisation and broadband?"
    assert chosen == "Äldreomsorg, Fråga, Hjo"
    assert english_language.translated(chosen) == "Elder care, Question, Hjo"
    assert joined([]) == ""


def test_every_group_of_municipalities_has_words() -> None:
    """SKR's groups are known by name, each with its English one."""
    assert labels.MUNICIPALITY_GROUPS.keys() == set(places.groups().values())
    for words in labels.MUNICIPALITY_GROUPS.values():
        assert languages()["en"].translated(words) != words


@pytest.mark.parametrize(
    ("listed", "code"),
    [
        ("", "sv"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("en-US,en;q=0.9,sv;q=0.1", "sv"),
        ("en-GB,en;q=0.9", "en"),
        ("de-DE,de;q=0.9", "en"),
        ("nb-NO,en;q=0.9", "sv"),
        ("de,sv;q=0", "en"),
        ("*", "sv"),
        (",;,q=,", "sv"),
        ("x" * 10_000, "sv"),
    ],
)
def test_a_browser_s_languages(listed: str, code: str) -> None:
    """Who lists Swedish, or a language close to it, gets Swedish; others English."""
    assert preferred(listed) == code


def test_catalogs_compile() -> None:
    """A catalog is compiled as it is read; an unknown text stays as it is."""
    texts = catalog("en")

    assert texts.gettext("Kommuner") == "Municipalities"
    assert texts.gettext("Finns inte i katalogen") == "Finns inte i katalogen"
    assert swedish.counted(2, "kommun", "kommuner") == f"2{NBSP}kommuner"


def test_all_that_importers_say_is_said_on_pages() -> None:
    """Each phrase of an importer has its words on pages, with places that it fills."""
    told = {value for name, value in vars(phrases).items() if name.isupper()}

    assert told == SAID.keys()
    for phrase, words in SAID.items():
        places = set(re.findall(r"%\((\w+)\)s", words))
        assert places <= set(re.findall(r"%\((\w+)\)s", phrase)) | {"field"}, phrase
        assert "field" not in places or "%(field)s" in phrase or phrase == phrases.UNFIT
