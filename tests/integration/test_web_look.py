"""The municipality's own name, logo and colour, served so that nothing in them can run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from node.config import load_settings
from node.errors import SettingsError
from node.look import Look
from node.web.assets import Assets
from node.web.own_look import LOGO_BYTES_MAX, PNG_START, prepare_look
from web_site import assert_sound, open_site

LOGO = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
STYLED = b'<svg xmlns="http://www.w3.org/2000/svg"><style>path{fill:url(#a)}</style></svg>'
# As drawing programs write them: a document type, a part used twice, a quoted reference.
DRAWN = (
    b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://a.se/x.dtd">'
    b'<svg xmlns="http://www.w3.org/2000/svg"><g id="a"/><use href="#a" fill="url(\'#b\')"/></svg>'
)


def asset(name: str, page: str) -> str:
    """The address of one of the view's files, as a page names it."""
    found = re.search(rf'"(/static/[0-9a-f]+/{re.escape(name)})"', page)
    assert found is not None
    return found.group(1)


async def test_name_logo_and_colour_are_on_every_page(tmp_path: Path) -> None:
    """The header shows them; colour and logo come from versioned addresses that keep for ever."""
    (tmp_path / "1498").mkdir()
    (tmp_path / "1498" / "logotyp.svg").write_bytes(LOGO)
    look = Look(name="Hökensås kommun", logo="logotyp.svg", colour="#8a1538")
    async with open_site(tmp_path, look=look) as site:
        page = await site.get("/om")
        sheet = await site.get(asset("look.css", page.text))
        picture = await site.get(asset("logotyp.svg", page.text))

    assert page.title == "Om Tidan – Tidan, Hökensås kommun"
    assert page.text.index("tokens.css") < page.text.index("look.css") < page.text.index("base.css")
    assert 'class="wave"' not in page.text
    assert "--river: #8a1538;" in sheet.text
    assert "immutable" in sheet.headers["Cache-Control"]
    assert picture.headers["Content-Type"] == "image/svg+xml"
    assert picture.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture.headers["Content-Security-Policy"]


async def test_without_settings_the_look_is_tidan_s_own(tmp_path: Path) -> None:
    """No empty stylesheet and no broken picture."""
    async with open_site(tmp_path) as site:
        page = await site.get("/om")

    assert_sound(page)
    assert "look.css" not in page.text
    assert 'class="wave"' in page.text


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.svg", LOGO.replace(b"<path", b"<script>alert(1)</script><path"), "<script"),
        ("a.svg", LOGO.replace(b"<path", b'<path onload="x()"'), "onload"),
        ("a.svg", LOGO.replace(b"<path", b'<image href="https://a.se/x.png"/><path'), "href"),
        ("a.svg", LOGO.replace(b"<path", b'<a xlink:href="javascript:x()"><path'), "href"),
        ("a.svg", b'<!DOCTYPE svg [<!ENTITY a "b">]>' + LOGO, "ENTITY"),
        ("a.svg", STYLED.replace(b"#a", b"https://a.se/x"), "url"),
        ("a.svg", b"<html></html>", "no SVG"),
        ("a.svg", b"\xff\xfe<\x00", "no SVG"),
        ("a.png", LOGO, "no PNG"),
        ("a.png", PNG_START + b"x" * LOGO_BYTES_MAX, "30 kB"),
        ("a.png", None, "cannot be read"),
    ],
)
def test_what_is_no_plain_picture_is_refused(
    tmp_path: Path, name: str, content: bytes | None, said: str
) -> None:
    """The start ends with an error that names the file and what to do."""
    if content is not None:
        (tmp_path / name).write_bytes(content)

    with pytest.raises(SettingsError, match=said):
        prepare_look(Look(logo=name), tmp_path, Assets())


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.svg", LOGO), ("a.svg", STYLED), ("a.svg", DRAWN), ("a.png", PNG_START + b"x")],
)
def test_plain_pictures_are_taken(tmp_path: Path, name: str, content: bytes) -> None:
    """An ordinary SVG, also with a style of its own, and a PNG are served as they are."""
    (tmp_path / name).write_bytes(content)
    assets = Assets()

    assert prepare_look(Look(logo=name), tmp_path, assets).logo == name
    found = assets.get(name)
    assert found is not None
    assert found.content == content


def test_the_look_is_read_from_the_file(tmp_path: Path) -> None:
    """A table in tidan.toml, as the operator guide shows it."""
    (tmp_path / "tidan.toml").write_text(
        '[look]\nname = "Hjo kommun"\ncolour = "#8A1538"\n', "utf-8"
    )

    assert load_settings(data=tmp_path).look == Look(name="Hjo kommun", colour="#8a1538")
