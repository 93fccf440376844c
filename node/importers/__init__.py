"""Readers of other formats: text in, an experience or a problem with its line out.

A broken file is a result like any other, never an exception, so one file cannot stop the rest.
Nothing here publishes; node/operations/operations.py does, after its own checks.
"""

from __future__ import annotations

from node.importers import phrases
from node.importers.files import IMPORT_FORMATS, read_files, read_text
from node.importers.markdown import read_markdown
from node.importers.markdown_export import experience_to_markdown
from node.importers.publiccode import read_publiccode
from node.importers.result import ImportProblem, ImportResult

__all__ = [
    "IMPORT_FORMATS",
    "ImportProblem",
    "ImportResult",
    "experience_to_markdown",
    "phrases",
    "read_files",
    "read_markdown",
    "read_publiccode",
    "read_text",
]
