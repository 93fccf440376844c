"""Whether a record says, by its source, that our municipality uses what it tells of.

A publiccode.yml lists who uses the software; an import keeps that as the file's claim. Nobody may
say "vi använder också" for another municipality, so the one that is named is asked on the page.
"""

from __future__ import annotations

from node.importers.publiccode_texts import USED_BY
from node.municipal.naming import municipalities_named
from protocol.content import Experience

SOURCE_BEGINS = "publiccode.yml"


def names_us(experience: Experience | None, own_code: str) -> bool:
    """Whether an imported record names the municipality with this code among the users."""
    if experience is None or experience.source is None or not experience.results:
        return False
    if not experience.source.name.startswith(SOURCE_BEGINS):
        return False
    named = municipalities_named(_bullets_under(experience.results, f"{USED_BY}:"))
    return own_code in {item.code for item in named}


def _bullets_under(text: str, heading: str) -> list[str]:
    lines = [line.strip() for line in text.split("\n")]
    found: list[str] = []
    for line in lines[lines.index(heading) + 1 :] if heading in lines else ():
        if line.startswith("- "):
            found.append(line.removeprefix("- "))
        elif line:
            break
    return found
