"""A municipality's own look: settings for name, logo and main colour, and what follows from them.

The main colour takes the place of the river teal. It is held to the same pairs as every other
colour of the pages, which tokens.css declares, in light and in dark: a colour that somebody could
not read is refused when settings are read, and the nearest one that can be read is named.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from typing import Annotated, ClassVar, Literal, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from node.colours import BLACK, WHITE, contrast, mix, nearest

Mode = Literal["light", "dark"]
TEXT_CONTRAST_MIN = 4.5
EDGE_CONTRAST_MIN = 3.0
# How much of the main colour each step of a map has; step 0 stays, step 4 is the colour itself.
MAP_SHARES = {"map-1": 0.22, "map-2": 0.48, "map-3": 0.75, "map-4": 1.0}

Colour = Annotated[
    str, StringConstraints(to_lower=True, strip_whitespace=True, pattern=r"^(#[0-9A-Fa-f]{6})?$")
]


class Pair(NamedTuple):
    """A colour that stands on another, and the contrast it needs."""

    front: str
    ground: str
    needed: float


class Tokens(NamedTuple):
    """What tokens.css says: colours by name in both modes, and the pairs they are held to."""

    light: dict[str, str]
    dark: dict[str, str]
    pairs: tuple[Pair, ...]


@cache
def tokens() -> Tokens:
    """Read the design tokens of the pages."""
    text = files("node").joinpath("web", "static", "tokens.css").read_text("utf-8")
    light, _, dark = text.partition("@media (prefers-color-scheme: dark)")
    declared = re.findall(r"^\s+(pair|edge): ([a-z0-9-]+) on ([a-z0-9-]+)$", text, re.MULTILINE)
    needed = {"pair": TEXT_CONTRAST_MIN, "edge": EDGE_CONTRAST_MIN}
    pairs = tuple(Pair(front, ground, needed[use]) for use, front, ground in declared)
    return Tokens(_colours(light), _colours(dark), pairs)


def _colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});", text))


def changes(colour: str, mode: Mode) -> dict[str, str]:
    """The tokens that a main colour takes the place of."""
    own = tokens().light if mode == "light" else tokens().dark
    deep = mix(colour, BLACK, 0.3) if mode == "light" else mix(colour, WHITE, 0.35)
    maps = {step: mix(own["map-0"], colour, share) for step, share in MAP_SHARES.items()}
    return maps | {
        "river": colour,
        "river-deep": deep,
        "on-river": WHITE if mode == "light" else own["field"],
        "focus": colour if mode == "light" else deep,
    }


def faint_pairs(colour: str, mode: Mode) -> list[tuple[Pair, float]]:
    """Pairs that a main colour would leave with too little contrast, the worst first."""
    changed = changes(colour, mode)
    palette = (tokens().light if mode == "light" else tokens().dark) | changed
    found = [
        (pair, contrast(palette[pair.front], palette[pair.ground]))
        for pair in tokens().pairs
        if pair.front in changed or pair.ground in changed
    ]
    return sorted((one for one in found if one[1] < one[0].needed), key=lambda one: one[1])


def readable(colour: str, mode: Mode) -> str:
    """The colour itself if everybody can read it, else the nearest of its hue that can be."""
    goal = BLACK if mode == "light" else WHITE
    return nearest(colour, goal, lambda tried: not faint_pairs(tried, mode))


def _checked(colour: str, mode: Mode) -> str:
    faint = faint_pairs(colour, mode) if colour else []
    if faint:
        pair, ratio = faint[0]
        raise ValueError(
            f"{colour} has a contrast of {ratio:.1f}:1 ({pair.front} on {pair.ground}, {mode}) "
            f"and {pair.needed}:1 is needed; the nearest colour that can be read is "
            f"{readable(colour, mode)}"
        )
    return colour


class Look(BaseModel):
    """Name, logo and main colour on the pages."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] = Field(
        "", description="The name beside the logo; else the municipality's."
    )
    logo: Annotated[str, Field(pattern=r"^([A-Za-z0-9_][A-Za-z0-9_.-]{0,80}\.(svg|png))?$")] = (
        Field("", description="An SVG or PNG file in the data folder, at most 30 kB.")
    )
    colour: Colour = Field("", description="Main colour, #rrggbb: links, the button, maps.")
    colour_dark: Colour = Field(
        "", description="The same where the reader's screen is dark; else made from `colour`."
    )

    @field_validator("colour")
    @classmethod
    def _colour_is_readable(cls, value: str) -> str:
        return _checked(value, "light")

    @field_validator("colour_dark")
    @classmethod
    def _colour_dark_is_readable(cls, value: str) -> str:
        return _checked(value, "dark")

    @model_validator(mode="after")
    def _dark_goes_with_light(self) -> Look:
        if self.colour_dark and not self.colour:
            raise ValueError("colour_dark needs `colour` as well")
        return self

    def stylesheet(self) -> str:
        """The tokens that change, as CSS; empty when no colour was chosen."""
        if not self.colour:
            return ""
        light, dark = self.colour, self.colour_dark or readable(self.colour, "dark")
        return (
            f":root {{\n{_rules(light, 'light')}}}\n"
            f"@media (prefers-color-scheme: dark) {{\n:root {{\n{_rules(dark, 'dark')}}}\n}}\n"
        )


def _rules(colour: str, mode: Mode) -> str:
    return "".join(f"--{name}: {value};\n" for name, value in sorted(changes(colour, mode).items()))
