"""Which tests run in the same process when several do at once.

Each file stays whole, since its tests may share something costly. What looks at the pages of one
full node is parted into two halves by page instead: it takes longest, and each half opens a node of
its own.
"""

from __future__ import annotations

from zlib import crc32

from xdist.scheduler.loadscope import LoadScopeScheduling

VISITING = ("test_page_checks.py", "test_page_markup.py", "test_page_mistakes.py")
"""Files whose tests open every page, each once, whichever of them asks first."""


class SideBySide(LoadScopeScheduling):
    """Gives out files, and halves of the pages."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        if not path.endswith(VISITING):
            return path
        page = test.partition("[")[2]
        return f"pages {crc32(page.encode()) % 2}"
