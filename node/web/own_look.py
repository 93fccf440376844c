"""The municipality's own look as files of the view: a stylesheet of tokens, and the logo.

Both are served under content-named addresses like the view's own files. The logo is shown as an
image only, where browsers run nothing in it; opened by its own address it is sandboxed. Still it
must be what its name says, and hold nothing that would run or load.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

from node.errors import SettingsError
from node.look import Look
from node.web.assets import Assets

SHEET = "look.css"
LOGO_BYTES_MAX = 30 * 1024
PNG_START = b"\x89PNG\r\n\x1a\n"
_ACTIVE = re.compile(
    r"<!ENTITY|<\?xml-stylesheet|<\s*(?:\w+:)?(?:script|foreignObject|iframe)\b|\son\w+\s*="
    r"|javascript:|@import|href\s*=\s*['\"]\s*+(?!#|data:image/)[^'\"]*"
    r"|url\(\s*+['\"]?+\s*+(?!#)[^)]*",
    re.IGNORECASE,
)


class OwnLook(NamedTuple):
    """What templates ask: the name shown, and the names of the files, empty where there is none."""

    name: str = ""
    sheet: str = ""
    logo: str = ""


def prepare_look(look: Look, folder: Path, assets: Assets) -> OwnLook:
    """Give the view its files. Raises `SettingsError` for a logo that cannot be used."""
    sheet = look.stylesheet()
    if sheet:
        assets.add(SHEET, sheet.encode())
    if look.logo:
        assets.add(look.logo, _read_logo(folder / look.logo))
    return OwnLook(look.name, SHEET if sheet else "", look.logo)


def _read_logo(path: Path) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(f"Setting look.logo: {path} cannot be read ({error}).") from error
    if len(content) > LOGO_BYTES_MAX:
        raise SettingsError(
            f"Setting look.logo: {path.name} is {len(content) // 1024} kB and at most "
            f"{LOGO_BYTES_MAX // 1024} kB are loaded with every page; save it smaller."
        )
    if fault := _fault_of(path.suffix, content):
        raise SettingsError(f"Setting look.logo: {path.name} {fault}.")
    return content


def _fault_of(suffix: str, content: bytes) -> str:
    """Why a file is no logo; empty when it is one."""
    if suffix == ".png":
        return "" if content.startswith(PNG_START) else "is no PNG file; save it as PNG"
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return "is no SVG file in UTF-8; save it as plain SVG"
    if not re.search(r"<svg\b", text):
        return "is no SVG file; save it as plain SVG"
    active = _ACTIVE.search(text)
    found = active.group().strip() if active else ""
    return f"holds {found!r}, which a picture does not need; save it as plain SVG" if found else ""
