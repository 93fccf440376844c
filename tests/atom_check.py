"""What RFC 4287 asks of a feed, checked for tests."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

import feedparser

from node.web.atom import NAMESPACE


def assert_valid(document: bytes) -> ET.Element:
    """Check what RFC 4287 asks of a feed and of each entry."""
    parsed = feedparser.parse(document)
    assert not parsed.bozo, parsed.get("bozo_exception")
    assert parsed.version == "atom10"
    root = ET.fromstring(document)
    atom_names = {element.tag.removeprefix(f"{{{NAMESPACE}}}") for element in root.iter()}
    assert not any(name.startswith("{") for name in atom_names)
    for element in (root, *root.findall(f"{{{NAMESPACE}}}entry")):
        counts = [
            len(element.findall(f"{{{NAMESPACE}}}{name}")) for name in ("id", "title", "updated")
        ]
        assert counts == [1, 1, 1]
        assert element.find(f"{{{NAMESPACE}}}author/{{{NAMESPACE}}}name") is not None
        relations = [link.get("rel") for link in element.findall(f"{{{NAMESPACE}}}link")]
        assert relations.count("alternate") == 1
        for name in ("updated", "published"):
            for time in element.findall(f"{{{NAMESPACE}}}{name}"):
                assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", time.text or "")
        assert (element.findtext(f"{{{NAMESPACE}}}id") or "").startswith("urn:uuid:")
    assert root.get("{http://www.w3.org/XML/1998/namespace}lang") == "sv"
    ids = [element.text for element in root.iter(f"{{{NAMESPACE}}}id")]
    assert len(set(ids)) == len(ids)
    return root
