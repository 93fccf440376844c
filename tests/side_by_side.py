"""Which tests run in the same process when several do at once.

Each file stays whole, since its tests may share something costly. The files that look at the pages
of one full node are one: every page is opened once for all of them, and the next while one is
judged.
"""

from __future__ import annotations

from xdist.scheduler.loadscope import LoadScopeScheduling

VISITING = ("test_page_checks.py", "test_page_markup.py", "test_page_mistakes.py")
"""Files whose tests open every page, each once, whichever of them asks first."""


class SideBySide(LoadScopeScheduling):
    """Gives out files, and those that look at pages together."""

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "pages" if path.endswith(VISITING) else path
