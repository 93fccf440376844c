"""Writes a record as Markdown that reads back as the same record (see node/importers/markdown.py).

Text goes under its heading. A text that itself holds one of our headings goes into the front
matter instead, so reading it back gives the same fields.
"""

from __future__ import annotations

import yaml

from node.importers.markdown_outline import field_of_heading
from node.importers.markdown_words import HEADINGS
from protocol.content import Experience


def experience_to_markdown(experience: Experience) -> str:
    """Write one version of a record; English field names, Swedish headings."""
    front = experience.model_dump(
        mode="json", exclude={"schema_version"}, exclude_none=True, by_alias=True
    )
    front = {name: value for name, value in front.items() if value != []}
    body = []
    for field, heading in HEADINGS.items():
        text = front.get(field)
        if isinstance(text, str) and _fits_in_body(text):
            body.append(f"## {heading}\n\n{text}\n")
            del front[field]
    header = yaml.safe_dump(front, allow_unicode=True, sort_keys=False, width=100)
    return "\n".join([f"---\n{header}---\n", *body])


def _fits_in_body(text: str) -> bool:
    return not any(field_of_heading(line) for line in text.split("\n"))
