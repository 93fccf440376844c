"""YAML with the surprises left out, for files that strangers wrote.

Only ``true``/``false``, plain decimal integers and null are anything but text: no dates, no
octal, no ``no`` meaning false. Refused, with the line: a key given twice, aliases (they multiply),
tags that say a value is something else, nesting beyond a bound.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple, cast

import yaml
from yaml.composer import Composer

from node.importers import phrases
from node.importers.notes import Note
from node.importers.result import BrokenFileError

YAML_DEPTH_MAX = 32


class PlainYaml(NamedTuple):
    """A document's value, and the line of each top-level key."""

    value: object
    lines: dict[str, int]


class _Loader(Composer, yaml.CSafeLoader):
    """libyaml takes the text apart; values are put together here, within bounds.

    Composer is named first, or libyaml would put them together itself, without bounds. The class
    attribute replaces the inherited resolvers.
    """

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012
    depth = 0

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        mark = cast("Any", self.peek_event()).start_mark  # an end of the document comes
        if self.check_event(yaml.AliasEvent):
            raise yaml.MarkedYAMLError(problem="aliases (*name) are not read", problem_mark=mark)
        if self.depth == YAML_DEPTH_MAX:
            raise _TooDeepError(mark.line)
        self.depth += 1
        node = super().compose_node(parent, index)
        self.depth -= 1
        return node


class _TooDeepError(Exception):
    """Nesting goes on beyond the bound, on this line of the document."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


_TAG = "tag:yaml.org,2002:"
_NO_TEXT = {
    f"{_TAG}bool": (re.compile(r"(?:true|false)\Z"), list("tf")),
    f"{_TAG}int": (re.compile(r"-?(?:0|[1-9][0-9]{0,15})\Z"), list("-0123456789")),
    f"{_TAG}null": (re.compile(r"(?:~|null|)\Z"), ["~", "n", ""]),
}
_READ = frozenset({f"{_TAG}{name}" for name in ("str", "seq", "map")} | _NO_TEXT.keys())
for _tag, (_pattern, _beginnings) in _NO_TEXT.items():
    _Loader.add_implicit_resolver(_tag, _pattern, _beginnings)


def load(text: str, *, first_line: int = 1) -> PlainYaml:
    """Read one document that starts on ``first_line`` of its file; raises BrokenFileError."""
    try:
        return _load(text, first_line)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = min(mark.line if mark else 0, text.rstrip("\n").count("\n"))  # none beyond the last
        raise BrokenFileError(
            first_line + line, Note(phrases.BROKEN_YAML, why=str(error.problem))
        ) from error
    except yaml.reader.ReaderError as error:
        line = text.encode()[: error.position].count(b"\n")
        raise BrokenFileError(
            first_line + line, Note(phrases.BROKEN_YAML, why=str(error.reason))
        ) from error
    except _TooDeepError as error:
        raise BrokenFileError(first_line + error.line, Note(phrases.DEEP_YAML)) from error
    except ValueError as error:
        raise BrokenFileError(first_line, Note(phrases.BROKEN_YAML, why=str(error))) from error


def _load(text: str, first_line: int) -> PlainYaml:
    loader = _Loader(text)
    node = loader.get_single_node()
    if node is None:
        return PlainYaml(None, {})
    _check(node, first_line)
    return PlainYaml(loader.construct_document(node), _lines_of(node, first_line))


def _lines_of(node: yaml.Node, first_line: int) -> dict[str, int]:
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): first_line + key.start_mark.line for key, _ in node.value}


def _check(node: yaml.Node, first_line: int) -> None:
    line = first_line + node.start_mark.line
    pattern, _ = _NO_TEXT.get(node.tag, (None, []))
    if node.tag not in _READ or (pattern and not pattern.match(str(node.value))):
        why = f"{node.tag.removeprefix(_TAG)!r} is not read here"
        raise BrokenFileError(line, Note(phrases.BROKEN_YAML, why=why))
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            _check(item, first_line)
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            line = first_line + key.start_mark.line
            if not isinstance(key, yaml.ScalarNode):
                raise BrokenFileError(line, Note(phrases.KEY_IS_NO_TEXT))
            if key.value in seen:
                raise BrokenFileError(line, Note(phrases.KEY_TWICE, key=repr(key.value)))
            seen.add(key.value)
            _check(key, first_line)
            _check(value, first_line)
