"""Templates compiled once in a process, however many nodes and languages it serves.

Compiling takes longer than all else a page needs when it is asked for the first time. What Jinja
works out while compiling may depend on an environment's filters, so each language has its own.
"""

from __future__ import annotations

from collections import defaultdict
from types import CodeType

from jinja2 import BytecodeCache
from jinja2.bccache import Bucket


class CompiledTemplates(BytecodeCache):
    """Keeps what was compiled; a template whose source has changed is compiled anew."""

    def __init__(self) -> None:
        self._code: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give what was compiled from this source, if anything was."""
        bucket.code = self._code.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        if bucket.code is not None:
            self._code[bucket.key, bucket.checksum] = bucket.code


COMPILED: defaultdict[str, CompiledTemplates] = defaultdict(CompiledTemplates)
"""What was compiled, by code of language."""
