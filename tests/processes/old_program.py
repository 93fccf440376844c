"""Earlier versions of this program, taken out of the repository's own history.

They run beside the present one, in the same virtual environment.
"""

from __future__ import annotations

import io
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from tests.benchmarks.processes import ROOT


class Earlier(NamedTuple):
    """A commit of the main line, the newest session protocol it speaks, and what came after it."""

    commit: str
    protocol: int
    lacks: str


WITHOUT_INVITES = Earlier(
    "5603ece94bc8edb93a02a4b975b61265fe8295e4",
    2,
    "invites, alerts, settled rotations, quotas, the daily check, moving, leaving and merging",
)
"""The last commit before the session protocol got its version 3."""
EARLIER = (
    Earlier(
        "f98970cc4672e07e71546dd19edb6f04d8c80d7b",
        2,
        "the search index, the API, and what the others lack",
    ),
    WITHOUT_INVITES,
    Earlier(
        "17ea0b7970fbb4b2436b6c47a265add4e54dd778",
        3,
        "quotas, the daily check, moving, leaving and merging",
    ),
)


class HistoryError(Exception):
    """This copy of the repository does not hold the commit; the message says what to do."""


@contextmanager
def taken_out(commit: str) -> Iterator[Path]:
    """The program as of a commit, in a folder that goes away; raises `HistoryError`."""
    with TemporaryDirectory(prefix="tidan-earlier-") as made:
        folder = Path(made)
        with tarfile.open(fileobj=io.BytesIO(_archive(commit))) as archive:
            archive.extractall(folder, filter="data")
        yield folder


def _archive(commit: str) -> bytes:
    # Somebody else may own the clone; git asks for a word about that before it reads it.
    git = ("git", "-c", f"safe.directory={ROOT}", "-C", str(ROOT))
    parts = ("node", "protocol", "storage")
    try:
        done = subprocess.run(
            [*git, "archive", "--format=tar", commit, *parts], capture_output=True, check=False
        )
    except FileNotFoundError as error:
        raise HistoryError("git is needed to take out an earlier version; install it.") from error
    if done.returncode:
        raise HistoryError(
            f"The commit {commit} is not here, so that version cannot be run"
            f" ({done.stderr.decode(errors='replace').strip()}). A clone needs its whole history:"
            " git fetch --unshallow"
        )
    return done.stdout
