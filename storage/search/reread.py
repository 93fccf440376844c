"""An experience as it is read once more for the index: quickly, and without being checked.

What breaks the rules of content (docs/protocol.md §11) has never become a record, and nothing is
put in but the version by which a record stands (storage/search/indexing.py). So only what is looked
for is read here, in one go; checking again what was checked then took twice the time.
"""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class _Reread(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True, str_strip_whitespace=True)


class RereadProduct(_Reread):
    """What a product is called, and who supplies it."""

    name: str
    supplier: str | None = None


class RereadSource(_Reread):
    """Where an imported record came from."""

    name: str


class Reread(_Reread):
    """The fields of an experience that an index holds, as :class:`protocol.content.Experience` has
    them; ``replaces`` is the record's id in hexadecimal."""

    type: str
    title: str
    summary: str
    area: str
    status: str
    situation: str | None = None
    actions: str | None = None
    results: str | None = None
    lessons_well: str | None = None
    lessons_change: str | None = None
    advice: str | None = None
    preconditions: str | None = None
    products: tuple[RereadProduct, ...] = ()
    tags: tuple[str, ...] = ()
    language: str = "sv"
    collaboration_open: bool = False
    visibility: str = "public"
    source: RereadSource | None = None
    replaces: str | None = None
