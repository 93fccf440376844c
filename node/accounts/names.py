"""User names and full names as people type them, in the one spelling that is stored.

A user name may be an e-mail address; it is a name and nothing is sent to it. Letters of one script
only would be too much to ask of people, so look-alikes are kept out by the short list of characters
that a name may have.
"""

from __future__ import annotations

import unicodedata

from node.errors import ArgumentError

NAME_CHARS_MIN = 2
NAME_CHARS_MAX = 80
FULL_NAME_CHARS_MAX = 80
_NAME_CHARS = frozenset("abcdefghijklmnopqrstuvwxyzåäöéü0123456789.-_@+")


def read_name(typed: str) -> str:
    """The user name somebody means; any text gives one, so that an unknown name is not told by it.

    Case and space around it make no difference.
    """
    return unicodedata.normalize("NFC", typed).strip().casefold()[: NAME_CHARS_MAX + 1]


def new_name(typed: str) -> str:
    """The user name for a new account; raises `ArgumentError` when it cannot be one."""
    name = read_name(typed)
    if not NAME_CHARS_MIN <= len(name) <= NAME_CHARS_MAX or not set(name) <= _NAME_CHARS:
        raise ArgumentError(
            f"A user name has {NAME_CHARS_MIN} to {NAME_CHARS_MAX} of the characters a-ö, 0-9 and "
            ". - _ + @, such as anna.berg or anna.berg@hjo.se."
        )
    return name


def new_full_name(typed: str) -> str:
    """The name that colleagues see; raises `ArgumentError` when it cannot be one."""
    name = " ".join(unicodedata.normalize("NFC", typed).split())
    if not 0 < len(name) <= FULL_NAME_CHARS_MAX or not name.isprintable():
        raise ArgumentError(f"A full name has 1 to {FULL_NAME_CHARS_MAX} characters.")
    return name
