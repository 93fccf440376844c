"""Models of what entries say, one file a kind, and the door to all of them.

:func:`read_content` is the only way from bytes to a model. What it cannot read is still stored
and passed on; reading decides what is shown, never what is accepted (docs/protocol.md §11).
"""

from __future__ import annotations

from protocol.content.attachment import Attachment
from protocol.content.base import Contact, RootContent
from protocol.content.experience import Experience
from protocol.content.introduction import Introduction
from protocol.content.key_events import Inception, KeyChange
from protocol.content.lifecycle import Address, Continue, Leave
from protocol.content.profile import Profile
from protocol.content.reading import KINDS, NewerSchemaError, UnknownKindError, read_content
from protocol.content.responses import Comment, Helped, Interest, Use
from protocol.content.withdraw import Withdraw

__all__ = [
    "KINDS",
    "Address",
    "Attachment",
    "Comment",
    "Contact",
    "Continue",
    "Experience",
    "Helped",
    "Inception",
    "Interest",
    "Introduction",
    "KeyChange",
    "Leave",
    "NewerSchemaError",
    "Profile",
    "RootContent",
    "UnknownKindError",
    "Use",
    "Withdraw",
    "read_content",
]
