"""What a target is given first: the test vectors, samples of ours, and what earlier runs found."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from content_factories import an_experience
from factories import LogMaker
from fuzz.readers import STATES
from node.importers import experience_to_markdown
from picture_factories import exif, gif, jpeg_with_exif, png, webp
from protocol import fork, strict_json
from protocol.archive import encode_item
from protocol.evidence import make_evidence
from protocol.packed import join
from protocol.run import encode_run

CORPUS = Path(__file__).parent / "corpus"
VECTORS = Path(__file__).parents[1] / "vectors"
SEED_BYTES_MAX = 20_000

PUBLICCODE = """publiccodeYmlVersion: "0.4"
name: Exempel
url: https://exempel.se/kod.git
releaseDate: "2026-01-01"
softwareType: standalone/web
developmentStatus: stable
platforms: [web]
categories: [e-learning]
legal: {license: EUPL-1.2}
maintenance: {type: internal, contacts: [{name: Exempel}]}
localisation: {localisationReady: true, availableLanguages: [sv]}
description:
  sv:
    shortDescription: Exempel.
    longDescription: "Exempel på en text som är lång nog."
    features: [ett, två]
"""
TABLE = (
    "Titel;Område;Status;Sammanfattning;Kostnad;Datum;Länk\r\n"
    'Exempel;Äldre;I drift;"Två rader\r\nmed "" i";12 000 kr;2026-03-01;https://exempel.se\r\n'
)
MARKDOWN = (
    "# Rubrik\n\n- ett\n- **två** _tre_ ~~fyra~~\n\n| a | b |\n|---|---|\n| 1 | `x` |\n\n"
    "> citat [länk](https://exempel.se 'ord') ![bild](bild.png)\n\n1. ett\n\n```\nkod\n```\n"
)


def _bytes_in(value: Any) -> Iterator[bytes]:
    """Every hexadecimal text in a vector, as its bytes, however deep it stands."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from _bytes_in(item)
    elif isinstance(value, str):
        try:
            yield bytes.fromhex(value)
        except ValueError:
            yield value.encode()


@cache
def _vectors(name: str) -> tuple[bytes, ...]:
    vectors = json.loads((VECTORS / f"{name}.json").read_text("utf-8"))["vectors"]
    return tuple(data for data in _bytes_in(vectors) if 0 < len(data) <= SEED_BYTES_MAX)


@cache
def _log() -> LogMaker:
    maker = LogMaker()
    maker.append("experience", strict_json.dumps(an_experience()))
    maker.rotate()
    maker.extend(2)
    return maker


def _archives() -> list[bytes]:
    maker = _log()
    events = tuple(item for item in maker.envelopes if item.entry.is_key_event)
    evidence = make_evidence(events, maker.envelopes[-1])
    return [
        b"".join(map(encode_item, maker.envelopes)),
        b"".join(map(encode_item, evidence)),
        encode_item(maker.envelopes[0]),
    ]


def _proof() -> bytes:
    one = LogMaker()
    one.extend(1)
    other = one.fork()
    events = (one.envelopes[0],)
    left, right = one.append(content=b'{"a":1}'), other.append(content=b'{"a":2}')
    return fork.encode_proof(fork.make_proof(events, left.entry, right.entry))


def _sessions() -> list[bytes]:
    framed = [len(frame).to_bytes(2) + frame for frame in _vectors("messages")]
    return [bytes((state,)) + frame for state in range(len(STATES)) for frame in framed]


def _office() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<x/>")
        archive.writestr("word/document.xml", "<x/>")
    return out.getvalue()


def _contents() -> list[bytes]:
    content = strict_json.dumps(an_experience())
    return [bytes((kind,)) + data for kind in range(9) for data in (content, b"{}")]


def _pictures() -> list[bytes]:
    shot = jpeg_with_exif(position=True)
    return [png(3, 2), shot, gif(3, 2, 2), webp(), exif(position=True, order=">")]


def _packed() -> list[bytes]:
    return [
        join([(entry.raw, body.salt, body.content) for entry, body in _log().envelopes if body])
    ]


_SAMPLES: dict[str, Callable[[], list[bytes]]] = {
    "entry": lambda: [item.entry.raw for item in _log().envelopes],
    "packed": _packed,
    "run": lambda: [encode_run(_log().envelopes)],
    "session": _sessions,
    "content": _contents,
    "strict_json": lambda: [strict_json.dumps(an_experience()), b"[1,-2,true,null]"],
    "archive": _archives,
    "evidence": _archives,
    "fork_proof": lambda: [_proof()],
    "csv": lambda: [TABLE.encode(), TABLE.encode("cp1252"), TABLE.replace(";", "\t").encode()],
    "markdown_import": lambda: [
        experience_to_markdown(an_experience()).encode(),
        MARKDOWN.encode(),
    ],
    "publiccode": lambda: [PUBLICCODE.encode()],
    "markdown": lambda: [MARKDOWN.encode()],
    "sniffing": lambda: [*_pictures(), _office(), b"%PDF-1.7\n", b"text\n"],
    "picture": _pictures,
}
_VECTORS_OF = {
    "canonical": ("canonical", "messages"),
    "strict_json": ("content",),
    "entry": ("entries",),
    "run": ("runs",),
    "packed": ("runs",),
    "message": ("messages", "exchange"),
    "fork_proof": ("forks",),
    "invite": ("invites",),
    "evidence": ("exchange",),
}


def seeds(target: str) -> list[bytes]:
    """What a target begins with, without repetition."""
    found = [data for name in _VECTORS_OF.get(target, ()) for data in _vectors(name)]
    found += _SAMPLES.get(target, list)()
    found += [path.read_bytes() for path in sorted((CORPUS / target).glob("*"))]
    return list(dict.fromkeys(found))
