"""Which tests run in the same process when several do at once.

Each file stays whole, since its tests may share something costly. The files that look at the pages
of one full node are one: every page is opened once for all of them, and the next while one is
judged. Files are given out in the order of the folders in pyproject.toml, those that take long
first, so that nobody waits for a long one at the end.
"""

from __future__ import annotations

import pytest
from xdist.remote import Producer
from xdist.scheduler.loadscope import LoadScopeScheduling

VISITING = ("test_page_checks.py", "test_page_markup.py", "test_page_mistakes.py")
"""Files whose tests open every page, each once, whichever of them asks first."""


class SideBySide(LoadScopeScheduling):
    """Gives out files as they come, and those that look at pages together."""

    def __init__(self, config: pytest.Config, log: Producer) -> None:
        super().__init__(config, log)
        config.option.loadscopereorder = False  # how many tests a file has says little

    def _split_scope(self, nodeid: str) -> str:
        path = nodeid.partition("::")[0]
        return "pages" if path.endswith(VISITING) else path
