"""Markdown from anyone becomes HTML that can do nothing but show text."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from node.web.markdown import ALLOWED_TAGS, render_markdown

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<iframe src=https://example.org></iframe>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\nscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](&#x6A;avascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "[x](//example.org/x)",
    "[x][1]\n\n[1]: javascript:alert(1)",
    "<javascript:alert(1)>",
    "![x](https://example.org/pixel.png)",
    "![x](javascript:alert(1))",
    '[x](https://example.org "onmouseover=alert(1)")',
    '[x](https://example.org"onmouseover="alert(1))',
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    "```html onload=alert(1)\nx\n```",
    "<style>body{background:url(https://example.org)}</style>",
    "<form action=https://example.org><input name=a></form>",
    "<base href=https://example.org>",
    "<meta http-equiv=refresh content='0;url=https://example.org'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<p style=position:fixed>x</p>",
    "<div id=innehall class=primary>x</div>",
    "# [x](javascript:alert(1))",
    "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "\\<script>alert(1)\\</script>",
    "[a](<javascript:alert(1)>)",
    "<details open ontoggle=alert(1)>",
    "\u202e<script>",
    "![<script>alert(1)</script>](bilaga:plan.png)",
    "![x](bilaga:<img src=x onerror=alert(1)>)",
    '<img alt="0"> ![x](bilaga:plan.png)',
    "[x](https://example.org \"<img alt='0'>\") ![x](bilaga:plan.png)",
    "![x](bilaga:javascript:alert(1))",
]


class Seen(HTMLParser):
    """Collects tags and attributes of some HTML."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one tag."""
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


NAMES = ("plan.png", "Bild (1).jpg")


def drawn(name: str, words: str, alone: bool) -> Markup:
    """A picture as a page would draw it."""
    return Markup("<u>{}|{}|{}</u>").format(name, words, "alone" if alone else "inside")


def assert_harmless(text: str) -> None:
    """Fail when the HTML made of a text, with or without pictures, holds more than is listed."""
    seen = Seen()
    seen.feed(str(render_markdown(text)))
    assert seen.tags <= ALLOWED_TAGS
    seen.feed(str(render_markdown(text, NAMES, drawn)))

    assert seen.tags <= ALLOWED_TAGS | {"u"}
    for tag, name, value in seen.attributes:
        assert (tag, name) in {("a", "href"), ("a", "title"), ("a", "rel"), ("ol", "start")}
        if name == "href":
            assert value.split(":")[0].lower() in {"http", "https", "mailto"}, value
        if name == "rel":
            assert value == "nofollow noopener"


@pytest.mark.parametrize("payload", PAYLOADS)
def test_known_attacks_do_nothing(payload: str) -> None:
    """No known way of smuggling script, style, form or picture through Markdown works."""
    assert_harmless(payload)


PIECES = st.sampled_from(["![", "](bilaga:plan.png)", "](bilaga:", '<img alt="0">'])


@given(
    st.lists(
        PIECES | st.text("<>[]()!`*_#|-:\"'&;/\\ \nabjsx1javascript=on", max_size=40), max_size=6
    ).map("".join)
)
def test_no_text_makes_unknown_html(text: str) -> None:
    """Whatever is written, only the listed tags and attributes come out."""
    assert_harmless(text)


def test_ordinary_markdown_is_shown() -> None:
    """Paragraphs, emphasis, lists, tables and links look as written."""
    html = render_markdown("Vi **mätte**:\n\n- by\n- skog\n\n[rapport](https://example.org/r)")

    assert "<strong>mätte</strong>" in html
    assert html.count("<li>") == 2
    assert '<a href="https://example.org/r" rel="nofollow noopener">rapport</a>' in html


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("#", ["h3"]),
        ("####", ["h3"]),
        ("# ## ### #### #####", ["h3", "h4", "h5", "h6", "h6"]),
        ("## #### ### ##", ["h3", "h4", "h4", "h3"]),
    ],
)
def test_headings_stay_below_the_page_s_own(written: str, shown: list[str]) -> None:
    """A text's headings never compete with the page's h1 and h2, and skip no level."""
    html = render_markdown("\n\n".join(f"{level} Rubrik" for level in written.split()))

    assert re.findall(r"<(h\d)>Rubrik</h\d>", html) == shown


def test_links_without_a_scheme_are_not_followed() -> None:
    """A relative link in a foreign text cannot point into our own pages."""
    assert "href" not in render_markdown("[x](/grannar)")


def test_html_is_text() -> None:
    """Even harmless HTML is shown as it was typed, so that nobody learns to write it."""
    assert "&lt;em&gt;x&lt;/em&gt;" in render_markdown("<em>x</em>")


def test_an_empty_corner_is_no_heading() -> None:
    """A table's cell without words is not announced as a heading of its column."""
    html = render_markdown("| | Före |\n|---|---|\n| Tid | 9 |")

    assert html.count("<th>") == 1
    assert "<td></td>" in html


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Så:\n\n![En plan](bilaga:plan.png)", "<p>Så:</p>\n<u>plan.png|En plan|alone</u>"),
        ("![](bilaga:Bild (1).jpg)", "<u>Bild (1).jpg||alone</u>"),
        ("Se ![skylten](bilaga:plan.png) här", "<p>Se <u>plan.png|skylten|inside</u> här</p>\n"),
        ("![](bilaga:borta.png)", "<u>borta.png||alone</u>"),
        ("![](bilaga:plan.png)\n![](bilaga:plan.png)", "<u>plan.png||alone</u>" * 2),
        ("**![](bilaga:plan.png)**", "<p><strong><u>plan.png||inside</u></strong></p>\n"),
        ("`![](bilaga:plan.png)`", "<p><code>![](bilaga:plan.png)</code></p>\n"),
    ],
)
def test_a_picture_stands_where_the_text_has_it(written: str, shown: str) -> None:
    """By its whole name, brackets and all; alone it is no part of a paragraph."""
    assert render_markdown(written, NAMES, drawn) == shown


def test_pictures_from_elsewhere_are_not_drawn() -> None:
    """What is no attachment of the record never becomes an image, whatever its address."""
    for address in ("https://example.org/a.png", "data:image/png;base64,AA==", "/bilder/a.png"):
        html = render_markdown(f"![x]({address})", NAMES, drawn)
        assert "<u>" not in html
        assert "<img" not in html
