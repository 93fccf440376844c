"""Write the protocol's test vectors as JSON, for any implementation in any language.

``python tests/vectors/generate.py`` writes them beside this file. Everything comes from fixed
keys and seeds, so writing them again changes nothing; a test checks that.
"""

from __future__ import annotations

import json
import sys
import textwrap
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from chain_cases import fork_cases, run_cases
from content_cases import content_cases
from core_cases import canonical_cases, entry_cases, key_cases
from sync_cases import exchange, invite_cases, message_cases, reconcile_cases

from protocol.messages import decode

FILES = {
    "canonical.json": ("§2", "Deterministic CBOR items; bytes in hexadecimal.", canonical_cases),
    "entries.json": ("§3", "One entry each, with the public key to check it.", entry_cases),
    "keys.json": ("§4.5", "Public keys, and the encodings to refuse.", key_cases),
    "runs.json": ("§5", "Runs of packed entries from a log's beginning.", run_cases),
    "forks.json": ("§6", "Fork proofs.", fork_cases),
    "messages.json": ("§7.2", "Frames of a session.", message_cases),
    "invites.json": ("§7.12", "Invites as text, and one shown in a session.", invite_cases),
    "reconcile.json": ("§7.5", "Whole reconciliations, frame by frame.", reconcile_cases),
    "exchange.json": ("§12", "A whole session, frame by frame.", exchange),
    "content.json": ("§11", "Content to read, by kind.", content_cases),
}


def render() -> dict[str, str]:
    """Return each file's name and text."""
    texts = {}
    for name, (section, about, cases) in FILES.items():
        document = {"protocol": 1, "section": section, "about": about, "vectors": cases()}
        texts[name] = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return texts


DOCUMENT = HERE.parents[1] / "docs" / "protocol.md"
_BEGIN, _END = "<!-- example: begin, written by make vectors -->\n", "<!-- example: end -->\n"


def render_document(text: str) -> str:
    """Return docs/protocol.md with its example exchange (§12) made anew."""
    before, rest = text.split(_BEGIN)
    parts = []
    for case in exchange():
        frame = bytes.fromhex(str(case["frame"]))
        hexadecimal = "\n".join(textwrap.wrap(frame.hex(), 96))
        title = f"**{case['name']} {decode(frame).EVENT.upper()}**, {len(frame)} bytes:"
        parts.append(f"{title}\n\n```\n{hexadecimal}\n```\n")
    return before + _BEGIN + "\n" + "\n".join(parts) + "\n" + _END + rest.split(_END)[1]


def main() -> None:
    """Write all files, and the example in the document."""
    for name, text in render().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"{name}: {text.count(chr(34) + 'name' + chr(34))} vectors")
    DOCUMENT.write_text(render_document(DOCUMENT.read_text("utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
