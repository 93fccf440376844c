"""Outlines and maps in a page: each defined once, shown wherever it is used, in any language."""

from __future__ import annotations

import re

import pytest
from markupsafe import Markup

from node.municipal import municipalities
from node.web.drawings import Listed, OutlinesUsed
from node.web.language import languages
from node.web.maps import IN_FULL_MIN, neighbourhood, network, sharing
from storage.record_views import MunicipalityRow

ALL_CODES = [place.code for place in municipalities.all_municipalities()]
SWEDISH, ENGLISH = languages()["sv"], languages()["en"]


def ids(html: str, kind: str) -> list[str]:
    """What the elements of a page are called, or which ones it shows."""
    pattern = r'id="(yta-\d+)"' if kind == "defined" else r'<use href="#(yta-\d+)"'
    return re.findall(pattern, html)


@pytest.mark.parametrize("count", [3, IN_FULL_MIN])
def test_a_map_shows_what_the_page_defines(count: int) -> None:
    """Few or many that share: all that is shown by reference is defined, and once."""
    used = OutlinesUsed()
    for code in ALL_CODES[:count]:
        used.drawing(code, "small")
    drawn = str(used.map(network("1498", dict.fromkeys(ALL_CODES[:count], 1)), "Karta", SWEDISH))
    defined = ids(str(used.definitions), "defined")

    assert set(ids(drawn, "shown")) <= set(defined)
    assert len(defined) == len(set(defined))
    assert drawn.count("<title>") == drawn.count('class="share-') >= count


def test_a_map_says_names_and_counts_in_the_language_of_the_page() -> None:
    """Each municipality has its name and how much it shares, the own one last and marked."""
    picture, _ = neighbourhood("1498", {"1497": 1, "1498": 12})
    assert picture is not None
    swedish, english = (
        str(OutlinesUsed().map(picture, 'Karta "nära"', language))
        for language in (SWEDISH, ENGLISH)
    )

    assert "<title>Hjo: 1\xa0erfarenhet</title>" in swedish
    assert "<title>Hjo: 1\xa0experience</title>" in english
    assert 'class="share-3 own"><title>Tidaholm: 12\xa0erfarenheter</title></use></svg>' in swedish
    assert 'aria-label="Karta &#34;nära&#34;"' in swedish


def test_rows_hold_nothing_but_text_of_others() -> None:
    """A name or a code that another municipality made up cannot become a tag."""
    rows = str(OutlinesUsed().share_rows([('"><b>', "<i>Hjo</i>", 1_200)], "skola", SWEDISH))

    assert "<i>" not in rows
    assert "<b>" not in rows
    assert 'aria-label="1\xa0200\xa0erfarenheter från &lt;i&gt;Hjo&lt;/i&gt;"' in rows


def test_what_is_shared_near_is_a_near_map() -> None:
    """While all that share lie around us, the map is of the neighbourhood; else it is wider."""
    near, far = sharing("1498", {"1497": 1}), sharing("1498", {"1497": 1, "2584": 1})

    assert "2584" not in {shape.code for shape in near.shapes}
    assert "2584" in {shape.code for shape in far.shapes}


def test_a_name_that_reads_as_our_own_words_is_still_escaped() -> None:
    """Words that are safe do not make the same text safe when others have written it."""
    ours, theirs = (OutlinesUsed().sender("", name, link=False) for name in (Markup("<i>"), "<i>"))

    assert "<span><i></span>" in ours
    assert "<span>&lt;i&gt;</span>" in theirs


def test_the_table_of_municipalities_says_what_is_known_of_each() -> None:
    """A known one has county and inhabitants, an unknown one dashes; names of others are text."""
    day_ms = 1_767_225_600_000
    known = MunicipalityRow("1497", "Hjo kommun", bytes(32), 1_200, day_ms, has_left=True)
    strange = MunicipalityRow("9999", "<i>Ny</i>", bytes(32), 0, None, has_left=False)
    listed = [
        Listed(known, "Hjo", municipalities.by_code("1497")),
        Listed(strange, "<i>Ny</i>", None),
    ]
    hjo, ny = str(OutlinesUsed().municipality_rows(listed, ENGLISH)).split("<tr>")[1:]

    assert ('href="/kommuner/1497-hjo"' in hjo, ">has left<" in hjo) == (True, True)
    assert re.findall(r">([^<>]+)</td>", hjo)[0] == "Västra Götalands län"
    assert re.findall(r">([^<>]+)</td>", hjo)[2:] == ["1,200", "2026-01-01"]
    assert re.findall(r">([^<>]+)</td>", ny) == ["–", "–", "0", "–"]
    assert ("<i>" in ny, ">has left<" in ny) == (False, False)
