"""Write the protocol's test vectors as JSON, for any implementation in any language.

``python tests/vectors/generate.py`` writes them beside this file. Everything comes from fixed
keys and seeds, so writing them again changes nothing; a test checks that.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parents[1])]

from chain_cases import fork_cases, run_cases  # noqa: E402  # the path is set just above
from content_cases import content_cases  # noqa: E402
from core_cases import canonical_cases, entry_cases, key_cases  # noqa: E402

FILES = {
    "canonical.json": ("§2", "Deterministic CBOR items; bytes in hexadecimal.", canonical_cases),
    "entries.json": ("§3", "One entry each, with the public key to check it.", entry_cases),
    "keys.json": ("§4.5", "Public keys, and the encodings to refuse.", key_cases),
    "runs.json": ("§5", "Runs of packed entries from a log's beginning.", run_cases),
    "forks.json": ("§6", "Fork proofs.", fork_cases),
    "content.json": ("§11", "Content to read, by kind.", content_cases),
}


def render() -> dict[str, str]:
    """Return each file's name and text."""
    texts = {}
    for name, (section, about, cases) in FILES.items():
        document = {"protocol": 1, "section": section, "about": about, "vectors": cases()}
        texts[name] = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return texts


def main() -> None:
    """Write all files."""
    for name, text in render().items():
        (HERE / name).write_text(text, encoding="utf-8")
        print(f"{name}: {text.count(chr(34) + 'name' + chr(34))} vectors")


if __name__ == "__main__":
    main()
