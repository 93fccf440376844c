"""The colours that the pages use can be read by everyone, in both modes."""

from __future__ import annotations

import re
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from node.look import Look

TEXT_CONTRAST_MIN = 4.5
EDGE_CONTRAST_MIN = 3.0

TOKENS = files("node.web").joinpath("static", "tokens.css").read_text(encoding="utf-8")
LIGHT_TEXT, DARK_TEXT = TOKENS.split("@media (prefers-color-scheme: dark)")


def colours(text: str) -> dict[str, str]:
    """Return the colour tokens that a style text defines."""
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", text))


LIGHT = colours(LIGHT_TEXT)
DARK = colours(DARK_TEXT)
PAIRS = re.findall(r"^\s+(pair|edge): ([a-z0-9-]+) on ([a-z0-9-]+)$", TOKENS, re.MULTILINE)


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2 definition."""
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours, WCAG 2.2 definition."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize(("use", "front", "ground"), PAIRS)
def test_declared_pairs_have_contrast(use: str, front: str, ground: str, mode: str) -> None:
    """Every declared pair of text reaches 4.5:1 and every edge 3:1, in light and dark."""
    palette = LIGHT if mode == "light" else DARK
    expected = TEXT_CONTRAST_MIN if use == "pair" else EDGE_CONTRAST_MIN

    assert contrast(palette[front], palette[ground]) >= expected


def test_both_modes_define_the_same_colours() -> None:
    """Dark mode is drawn: no colour is left over from the light one."""
    assert LIGHT.keys() == DARK.keys()
    assert len(PAIRS) > 25


def test_no_colour_stands_outside_the_tokens() -> None:
    """Styles name tokens only, so the test of the pairs covers what is shown."""
    for name in ("base.css", "components.css", "forms.css"):
        text = files("node.web").joinpath("static", name).read_text(encoding="utf-8")
        assert not re.findall(r"#[0-9a-fA-F]{3,8}\b(?=[;\s])|rgba?\(", text), name


def test_every_token_in_use_exists() -> None:
    """A misspelt token would silently fall back to the browser's own colour."""
    defined = set(re.findall(r"--([a-z0-9-]+):", TOKENS))
    for name in ("base.css", "components.css", "forms.css", "print.css"):
        text = files("node.web").joinpath("static", name).read_text(encoding="utf-8")
        assert set(re.findall(r"var\(--([a-z0-9-]+)\)", text)) <= defined, name


def test_the_map_s_steps_can_be_told_apart() -> None:
    """Each step of the map is darker (in dark mode lighter) than the one before."""
    for palette, sign in ((LIGHT, -1), (DARK, 1)):
        steps = [sign * luminance(palette[f"map-{level}"]) for level in range(5)]
        assert steps == sorted(steps)


def declared_together(text: str) -> set[tuple[str, str]]:
    """The colour tokens that one rule of a style sets as text and as its ground."""
    found = set()
    for body in re.findall(r"\{([^{}]*)\}", text):
        front = re.findall(r"(?:^|[;\s])color: var\(--([a-z0-9-]+)\)", body)
        ground = re.findall(r"background(?:-color)?: var\(--([a-z0-9-]+)\)", body)
        found |= {(one, other) for one in front[-1:] for other in ground[-1:]}
    return found


def test_what_a_rule_sets_together_is_declared() -> None:
    """Text and ground that one rule sets are a declared pair, so their contrast is tested."""
    pairs = {(front, ground) for _, front, ground in PAIRS}
    together = set()
    for name in ("base.css", "components.css", "forms.css"):
        text = files("node.web").joinpath("static", name).read_text(encoding="utf-8")
        together |= declared_together(text)

    assert len(together) > 8
    assert together - pairs == set()


@given(st.integers(0, 0xFFFFFF))
@example(0xFFCC00)
@example(0xFFFFFF)
@example(0)
def test_every_main_colour_is_readable_or_refused_with_one_that_is(number: int) -> None:
    """Any colour at all: what is taken keeps every pair, what is refused names what is taken."""
    colour = f"#{number:06x}"
    try:
        look = Look(colour=colour)
    except ValidationError as error:
        look = Look(colour=re.findall("#[0-9a-f]{6}", str(error))[1])
    light, _, dark = look.stylesheet().partition("@media")

    for palette in (LIGHT | colours(light), DARK | colours(dark)):
        for use, front, ground in PAIRS:
            expected = TEXT_CONTRAST_MIN if use == "pair" else EDGE_CONTRAST_MIN
            assert contrast(palette[front], palette[ground]) >= expected, (front, ground, look)


def test_a_readable_main_colour_is_taken_as_it_is() -> None:
    """The nearest readable colour of one that can be read is itself, in both modes."""
    look = Look(colour="#8A1538", colour_dark="#f0a0b8")
    light, _, dark = look.stylesheet().partition("@media")

    assert colours(light)["river"] == "#8a1538"
    assert colours(dark)["river"] == "#f0a0b8"
    assert colours(light).keys() <= LIGHT.keys()
    assert Look().stylesheet() == ""


def test_a_main_colour_s_map_steps_can_be_told_apart() -> None:
    """Maps are drawn in the municipality's colour, each step apart from the one before."""
    light, _, dark = Look(colour="#8a1538").stylesheet().partition("@media")
    for palette, sign in ((LIGHT | colours(light), -1), (DARK | colours(dark), 1)):
        steps = [sign * luminance(palette[f"map-{level}"]) for level in range(5)]
        assert steps == sorted(steps)
