"""Check an exported log, or evidence for one entry, without any of Tidan's own code.

Written from docs/protocol.md alone (sections in the comments), with pycose, an independent COSE
library, doing the COSE.
Usage: ``python verify_log.py FILE.cbor``; prints one JSON line and exits with 1 when anything
does not hold. It needs an environment of its own, because pycose wants an older cbor2.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
from pathlib import Path

import cbor2
from pycose.algorithms import EdDSA
from pycose.headers import Algorithm
from pycose.keys import OKPKey
from pycose.keys.curves import Ed25519
from pycose.messages import CoseMessage, Sign1Message

EXTERNAL_AAD = b"tidan/1 entry"  # §3.2
KEY_EVENTS = ("inception", "key")  # §4


class RefusedError(Exception):
    """The log is not what the protocol describes."""


def require(condition: bool, problem: str) -> None:
    """Refuse the log unless the condition holds."""
    if not condition:
        raise RefusedError(problem)


def sha256(*parts: bytes) -> bytes:
    """Return the digest of the parts put together."""
    return hashlib.sha256(b"".join(parts)).digest()


def read_items(data: bytes) -> list[list[bytes]]:
    """§8: a CBOR sequence of [entry, salt, content] or [entry]."""
    stream, items = io.BytesIO(data), []
    while stream.tell() < len(data):
        items.append(cbor2.load(stream))
    return items


def check_signature(raw: bytes, public_key: bytes) -> None:
    """§3.2: every entry is a COSE_Sign1 with EdDSA and Tidan's external data."""
    message = CoseMessage.decode(raw)
    require(isinstance(message, Sign1Message), "not a COSE_Sign1")
    require(message.phdr == {Algorithm: EdDSA}, "unexpected protected header")
    require(message.uhdr == {}, "unexpected unprotected header")
    message.external_aad = EXTERNAL_AAD
    message.key = OKPKey(crv=Ed25519, x=public_key)
    require(message.verify_signature(), "a signature does not match")


class LogCheck:
    """What the items so far have shown: whose log it is, and which key signs."""

    def __init__(self) -> None:
        self.log = self.public_key = self.next_digest = b""
        self.owner: dict[str, object] = {}

    def check_item(self, item: list[bytes]) -> tuple[dict[int, object], bytes]:
        """§3, §4: one item by itself; returns its header and its id."""
        raw, salt, content = (*item, b"", b"")[:3]
        header = cbor2.loads(CoseMessage.decode(raw).payload)  # §3.3
        number, entry_id = header[3], sha256(raw)  # §3.5
        require(header[1] == 1, f"entry {number}: wrong version")
        if not self.log:
            require(number == 1, "the first entry is missing")
            require(2 not in header and 4 not in header, "the first entry names a log")
            require(header[6] == "inception", "the first entry is not an inception")
            self.log = entry_id
        else:
            require(header[2] == self.log, f"entry {number}: of another log")
        if len(item) == 3:  # §3.4
            require(len(content) == header[7], f"entry {number}: wrong size")
            require(
                sha256(b"tidan/1 content", salt, content) == header[8],
                f"entry {number}: wrong commitment",
            )
        if header[6] in KEY_EVENTS:  # §4
            event = json.loads(content)
            revealed = bytes.fromhex(event["key"])
            require(
                number == 1 or sha256(b"tidan/1 next key", revealed) == self.next_digest,
                f"entry {number}: not the key committed to",
            )
            self.public_key, self.next_digest = revealed, bytes.fromhex(event["next"])
            self.owner = self.owner or {"code": event["code"], "name": event["name"]}
        check_signature(raw, self.public_key)
        return header, entry_id


def check_log(items: list[list[bytes]]) -> dict[str, object]:
    """§3 to §5: links, commitments, key events and every signature."""
    check, previous = LogCheck(), b""
    for number, item in enumerate(items, start=1):
        header, entry_id = check.check_item(item)
        require(header[3] == number, f"entry {number}: wrong number")
        require(number == 1 or header[4] == previous, f"entry {number}: broken link")
        previous = entry_id
    require(bool(items), "the file is empty")
    return {
        "log": check.log.hex(),
        "entries": len(items),
        "head": previous.hex(),
        **check.owner,
    }


def is_evidence(items: list[list[bytes]]) -> bool:
    """§8.3: numbers are left out, and every item but the last is a key event."""
    headers = [cbor2.loads(CoseMessage.decode(item[0]).payload) for item in items]
    has_gap = [header[3] for header in headers] != list(range(1, len(items) + 1))
    return has_gap and all(header[6] in KEY_EVENTS for header in headers[:-1])


def check_evidence(items: list[list[bytes]]) -> dict[str, object]:
    """§8.3: key events in order, and one entry on its own signature."""
    check, last = LogCheck(), 0
    for item in items:
        header, entry_id = check.check_item(item)
        require(header[3] > last, f"entry {header[3]}: out of order")
        last = header[3]
    return {"log": check.log.hex(), "entry": entry_id.hex(), "number": last, **check.owner}


def main() -> int:
    """Check the file named on the command line."""
    try:
        items = read_items(Path(sys.argv[1]).read_bytes())
        print(json.dumps((check_evidence if is_evidence(items) else check_log)(items)))
    except RefusedError as problem:
        print(f"refused: {problem}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
