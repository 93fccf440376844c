"""From content bytes to a model, with an error that tells why when that cannot be done."""

from __future__ import annotations

from pydantic import ValidationError

from protocol import strict_json
from protocol.content.attachment import FILE_NAME_PATTERN
from protocol.content.base import LINE_PATTERN, TEXT_PATTERN, RootContent
from protocol.content.experience import Experience
from protocol.content.introduction import Introduction
from protocol.content.key_events import Inception, KeyChange
from protocol.content.lifecycle import Address, Continue, Leave
from protocol.content.profile import Profile
from protocol.content.responses import Comment, Helped, Interest, Use
from protocol.content.withdraw import Withdraw
from protocol.errors import ContentError

SCHEMA_NEWEST = 1

_WORDS_FOR_PATTERNS = {
    TEXT_PATTERN: "holds a control character or one that turns the reading direction",
    LINE_PATTERN: "must be one line, without tabs and control characters",
    FILE_NAME_PATTERN: "must be a plain file name, without a path",
}

KINDS: dict[str, type[RootContent]] = {
    "inception": Inception,
    "key": KeyChange,
    "profile": Profile,
    "experience": Experience,
    "comment": Comment,
    "use": Use,
    "interest": Interest,
    "helped": Helped,
    "withdraw": Withdraw,
    "introduction": Introduction,
    "address": Address,
    "leave": Leave,
    "continue": Continue,
}


class UnknownKindError(ContentError):
    """A kind of entry this version has never heard of."""

    code = "unknown_kind"


class NewerSchemaError(ContentError):
    """A kind we know, in a newer schema than this version reads."""

    code = "newer_schema"


def read_content(kind: str, content: bytes) -> RootContent:
    """Read content of a kind; raises ContentError or one of the two errors above."""
    model = KINDS.get(kind)
    if model is None:
        raise UnknownKindError(f"this version does not know entries of kind {kind!r}")
    value = strict_json.loads(content)
    if not isinstance(value, dict):
        raise ContentError("content is not a JSON object")
    schema = value.get("schema")
    if type(schema) is not int or schema < 1:
        raise ContentError("content does not say which schema it follows")
    if schema > SCHEMA_NEWEST:
        raise NewerSchemaError(f"{kind} content of schema {schema}, newest known {SCHEMA_NEWEST}")
    try:
        return model.model_validate(value)
    except ValidationError as error:
        raise ContentError(describe(error)) from error


def describe(error: ValidationError) -> str:
    """Name the first offending field and what is wrong with it, on one line."""
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"]) or "content"
    words = _WORDS_FOR_PATTERNS.get(first.get("ctx", {}).get("pattern", ""))
    return f"{field}: {words or first['msg'].removeprefix('Value error, ')}"
