"""Log ids as people copy them: with spaces, in capitals, or only the beginning. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from node.errors import ArgumentError
from protocol.limits import ID_BYTES

START_CHARS_MIN = 6
_DIGITS = "0123456789abcdef"


def read_log_id(text: str) -> bytes:
    """A whole log id; raises `ArgumentError`."""
    wanted = _plain(text)
    if len(wanted) != 2 * ID_BYTES or wanted.strip(_DIGITS):
        raise ArgumentError(
            "A log id is 64 characters, 0-9 and a-f; `tidan status` shows it on the other node."
        )
    return bytes.fromhex(wanted)


def find_log_id(text: str, known: Iterable[bytes], what: str) -> bytes:
    """The one of these log ids that is, or begins with, `text`; raises `ArgumentError`.

    `what` names the kind of thing that is looked for, for the person who reads the error.
    """
    wanted = _plain(text)
    if len(wanted) < START_CHARS_MIN or wanted.strip(_DIGITS):
        raise ArgumentError(
            f"{text!r} is not a log id, nor the first {START_CHARS_MIN} characters or more of one."
        )
    found = [log for log in known if log.hex().startswith(wanted)]
    if len(found) != 1:
        raise ArgumentError(f"{'More than one' if found else 'No'} {what} begins with {text}.")
    return found[0]


def _plain(text: str) -> str:
    return "".join(text.split()).lower()
