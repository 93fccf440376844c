"""Colours as WCAG 2.2 compares them. Pure; a colour is text, "#rrggbb" in lower case."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

BLACK, WHITE = "#000000", "#ffffff"
_STEPS = 255


def luminance(colour: str) -> float:
    """Relative luminance, from 0 (black) to 1 (white)."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in _parts(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: str, second: str) -> float:
    """Contrast ratio of two colours, from 1 (none) to 21."""
    lighter, darker = sorted((luminance(first), luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, other: str, share: float) -> str:
    """The colour with a share (0 to 1) of another one in it."""
    pairs = zip(_parts(colour), _parts(other), strict=True)
    return _text(*(own + (its - own) * share for own, its in pairs))


def nearest(colour: str, goal: str, suits: Callable[[str], bool]) -> str:
    """The colour of the same hue that suits, found by going towards black or white."""
    hue, lightness, saturation = colorsys.rgb_to_hls(*_parts(colour))
    end = 1.0 if goal == WHITE else 0.0
    for step in range(_STEPS + 1):
        there = lightness + (end - lightness) * step / _STEPS
        tried = _text(*colorsys.hls_to_rgb(hue, there, saturation)) if step else colour
        if suits(tried):
            return tried
    return goal


def _parts(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    return red, green, blue


def _text(red: float, green: float, blue: float) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in (red, green, blue))
