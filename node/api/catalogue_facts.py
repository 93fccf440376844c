"""What the catalogue of open data says of a node; apart from what writes it, which loads slowly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Facts:
    """What a node's catalogue is made from; `email` may be empty, `changed` None."""

    site: str
    publisher: str
    publisher_url: str
    contact: str
    email: str
    changed: date | None
    is_open: bool
