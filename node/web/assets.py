"""The view's own files (styles, modules, icon), read once and served under content-named addresses.

An address carries the digest of the file, so browsers may keep it for ever and never show an old
style with a new page. Only files read at start exist, from the package and the municipality's own
look (node/web/own_look.py); a request names no path.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import NamedTuple

CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
CACHE_FOR_EVER = "public, max-age=31536000, immutable"
_DIGEST_CHARS = 12


class Asset(NamedTuple):
    """One file: its bytes, media type and digest."""

    content: bytes
    content_type: str
    digest: str


class Assets:
    """All files of `node/web/static`, by name."""

    def __init__(self) -> None:
        self._by_name: dict[str, Asset] = {}
        for path in files("node.web").joinpath("static").iterdir():
            if _suffix(path.name) in CONTENT_TYPES:
                self.add(path.name, path.read_bytes())

    def add(self, name: str, content: bytes) -> None:
        """Serve a file under this name as well; its ending says what it is."""
        digest = hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS]
        self._by_name[name] = Asset(content, CONTENT_TYPES[_suffix(name)], digest)

    def get(self, name: str) -> Asset | None:
        """The file with this name, or None."""
        return self._by_name.get(name)

    def url(self, name: str) -> str:
        """Its address; KeyError for a name that does not exist (a mistake in a template)."""
        return f"/static/{self._by_name[name].digest}/{name}"


def _suffix(name: str) -> str:
    return name[name.rfind(".") :]
