"""What bytes from outside are given to, and the errors that may come of it.

Each target takes any bytes. It may raise the errors that are documented for it and nothing else,
and it may not think for longer than `THINKING_SECONDS_MAX`.
"""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from node.importers.csv_columns import Columns
from node.importers.csv_records import read_csv
from node.importers.files import read_data
from node.web.markdown import render_markdown
from node.web.picture_metadata import read_exif, read_xmp
from node.web.picture_reading import read_picture
from node.web.sniffing import types_of
from protocol import canonical, fork, strict_json
from protocol.archive import read_stream
from protocol.chain import verify_run
from protocol.content import read_content
from protocol.content.reading import KINDS
from protocol.entry import decode_entry
from protocol.errors import ContentError, InviteCodeError, LimitError, MalformedError, RemoteError
from protocol.evidence import check_evidence, is_evidence
from protocol.invite import decode_code
from protocol.limits import RUN_ENTRIES_MAX
from protocol.messages import decode
from protocol.packed import read_parts, split
from protocol.run import open_run
from protocol.transitions import State
from session_puppet import make_puppet

THINKING_SECONDS_MAX = 0.05
STATES = tuple(state for state in State if state is not State.CLOSED)
_KINDS = sorted(KINDS)


@dataclass(frozen=True, slots=True)
class Target:
    """Something that reads bytes from outside, and what it may answer with."""

    read: Callable[[bytes], object]
    allowed: tuple[type[Exception], ...] = ()

    def execute(self, data: bytes) -> None:
        """Give it some bytes; raises what it must not."""
        try:
            self.read(data)
        except self.allowed:
            return


def _packed(data: bytes) -> None:
    for parts in split(data, entries_max=RUN_ENTRIES_MAX):
        read_parts(parts)


def _content(data: bytes) -> None:
    """The first byte says of which kind the rest is."""
    read_content(_KINDS[data[0] % len(_KINDS)] if data else "", data[1:])


def _evidence(data: bytes) -> None:
    """A file of entries: evidence for one of them, or a log from its beginning."""
    envelopes = list(read_stream(io.BytesIO(data)))
    if envelopes and is_evidence(envelopes):
        check_evidence(envelopes)
    elif envelopes:
        verify_run(None, envelopes[0].entry.log, envelopes)


def _fork(data: bytes) -> None:
    fork.verify_proof(fork.decode_proof(data))


def _session(data: bytes) -> None:
    """The first byte chooses a state; frames follow, each after two bytes with its length."""
    puppet = make_puppet(STATES[data[0] % len(STATES)] if data else STATES[0])
    place = 1
    while place + 2 <= len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2])
        puppet.give(data[place + 2 : end])
        place = end
    puppet.node.hub.tick(60_000)


@cache
def _file() -> Path:
    """A file in memory, of which nothing is left however the process ends."""
    return Path(f"/proc/self/fd/{os.memfd_create('tidan-fuzz')}")


def _sniff(data: bytes) -> None:
    path = _file()
    path.write_bytes(data)
    types_of(path)


def _picture(data: bytes) -> None:
    read_picture(data)
    read_exif(data)
    read_xmp(data)


def _render(data: bytes) -> None:
    html = render_markdown(data.decode("utf-8", "replace"))
    assert "<script" not in html.lower(), "what is rendered must be harmless"


TARGETS: dict[str, Target] = {
    "canonical": Target(canonical.decode, (MalformedError, LimitError)),
    "strict_json": Target(strict_json.loads, (ContentError,)),
    "entry": Target(decode_entry, (RemoteError,)),
    "packed": Target(_packed, (RemoteError,)),
    "run": Target(open_run, (RemoteError,)),
    "message": Target(decode, (MalformedError, LimitError)),
    "session": Target(_session),
    "content": Target(_content, (ContentError,)),
    "archive": Target(lambda data: list(read_stream(io.BytesIO(data))), (RemoteError,)),
    "evidence": Target(_evidence, (RemoteError,)),
    "fork_proof": Target(_fork, (RemoteError,)),
    "invite": Target(lambda data: decode_code(data.decode("latin-1")), (InviteCodeError,)),
    "csv": Target(lambda data: read_csv(data, "exempel.csv", Columns())),
    "markdown_import": Target(lambda data: read_data("markdown", "exempel.md", data)),
    "publiccode": Target(lambda data: read_data("publiccode", "publiccode.yml", data)),
    "markdown": Target(_render),
    "sniffing": Target(_sniff),
    "picture": Target(_picture),
}
