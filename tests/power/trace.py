"""What a traced process asked of the kernel: lines of `strace -f -y -xx`, read as calls.

Each call has the place in the trace where it began and where it had ended: calls of several threads
overlap, and a sync vouches only for what had ended before it began.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

CALLS = (
    "openat", "open", "creat", "close", "lseek", "write", "pwrite64", "writev", "pwritev",
    "pwritev2", "ftruncate", "truncate", "fallocate", "fsync", "fdatasync", "sync_file_range",
    "msync", "mmap", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat",
    "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "copy_file_range", "sendfile", "dup",
    "dup2", "dup3",
)  # fmt: skip
"""All by which a file's bytes or a name on a disk can change, and by which files are told apart."""

BYTES_SHOWN_MAX = 32 * 1024 * 1024
_BEGUN = re.compile(r"(\d+) +(\w+)\((.*)$")
_RESUMED = re.compile(r"(\d+) +<\.\.\. (\w+) resumed>(.*)$")
_UNFINISHED = " <unfinished ...>"
_ENDED = re.compile(r"^(.*)\) += (-?\d+)(.*)$", re.DOTALL)
_DESCRIPTOR = re.compile(r"^(-?\d+|AT_FDCWD)(?:<([^>]*)>)?(\(deleted\))?$")


class TraceError(Exception):
    """The trace says something that this reader does not know; nothing may be concluded."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call that has ended well; ``begun`` and ``ended`` are lines of the trace."""

    name: str
    arguments: tuple[str, ...]
    result: int
    begun: int
    ended: int

    def number(self, place: int) -> int:
        """An argument that is a number."""
        return int(self.arguments[place], 0)

    def text(self, place: int) -> bytes:
        """An argument that is bytes."""
        return decoded(self.arguments[place])

    def descriptor(self, place: int) -> tuple[int, str]:
        """An argument that is an open file: its number, -100 for the working folder, and path."""
        found = _DESCRIPTOR.match(self.arguments[place])
        if found is None:
            raise TraceError(f"not an open file: {self.arguments[place]!r}")
        number = -100 if found[1] == "AT_FDCWD" else int(found[1])
        return number, _unhex(found[2] or "").decode()


def decoded(quoted: str) -> bytes:
    """The bytes of a quoted string; raises when it was shown in part."""
    if not quoted.startswith('"') or not quoted.endswith('"'):
        raise TraceError(f"not a whole string: {quoted[:40]!r}…{quoted[-20:]!r}")
    return _unhex(quoted[1:-1])


def vector(argument: str) -> bytes:
    """The bytes of an array of buffers."""
    parts = re.findall(r'iov_base=("[^"]*"(?:\.\.\.)?)', argument)
    return b"".join(map(decoded, parts))


def read_trace(lines: Iterable[str]) -> Iterator[Call]:
    """The calls that ended well, in the order in which they ended."""
    waiting: dict[str, tuple[str, str, int]] = {}
    for number, raw in enumerate(lines):
        line = raw.rstrip("\n")
        if resumed := _RESUMED.match(line):
            name, text, begun = waiting.pop(resumed[1])
            text += resumed[3]
        elif started := _BEGUN.match(line):
            if line.endswith(_UNFINISHED):
                waiting[started[1]] = (started[2], started[3].removesuffix(_UNFINISHED), number)
                continue
            name, text, begun = started[2], started[3], number
        else:
            continue  # a signal, or the end of a thread
        ended = _ENDED.match(text)
        if ended is None:
            if text.endswith("= ?"):
                continue  # the process ended in it
            raise TraceError(f"line {number + 1} cannot be read: {line[:200]!r}")
        if int(ended[2]) >= 0:
            yield Call(name, _split(ended[1]), int(ended[2]), begun, number)


def _split(arguments: str) -> tuple[str, ...]:
    """Arguments apart; commas inside brackets belong to one. Strings are hexadecimal."""
    if "[" not in arguments:
        return tuple(part.strip() for part in arguments.split(","))
    found, depth, start = [], 0, 0
    for place, letter in enumerate(arguments):
        if letter in "[{":
            depth += 1
        elif letter in "]}":
            depth -= 1
        elif letter == "," and not depth:
            found.append(arguments[start:place].strip())
            start = place + 1
    return (*found, arguments[start:].strip())


def _unhex(text: str) -> bytes:
    try:
        return bytes.fromhex(text.replace("\\x", ""))
    except ValueError as error:
        raise TraceError(f"not hexadecimal: {text[:60]!r}") from error
