"""The view's own files (styles, modules, icon), read once and served under content-named addresses.

An address carries the digest of the file, so browsers may keep it for ever and never show an old
style with a new page. Only files found in the package at start exist; a request names no path.
"""

from __future__ import annotations

import hashlib
from importlib.resources import files
from typing import NamedTuple

CONTENT_TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
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
            suffix = path.name[path.name.rfind(".") :]
            if suffix in CONTENT_TYPES:
                content = path.read_bytes()
                digest = hashlib.sha256(content).hexdigest()[:_DIGEST_CHARS]
                self._by_name[path.name] = Asset(content, CONTENT_TYPES[suffix], digest)

    def get(self, name: str) -> Asset | None:
        """The file with this name, or None."""
        return self._by_name.get(name)

    def url(self, name: str) -> str:
        """Its address; KeyError for a name that does not exist (a mistake in a template)."""
        return f"/static/{self._by_name[name].digest}/{name}"
