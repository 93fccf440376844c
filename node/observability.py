"""Structured log lines, one logger a node, without personal data.

Only the field names in `FIELDS` are written; the value of any other is left out, so that a name, an
address or a text of a record cannot slip into a log by accident. Control characters are escaped, so
that nothing a neighbour sends can forge a line. No state is shared between the nodes of one
process.
"""

from __future__ import annotations

import logging
import sys
from contextlib import suppress
from typing import TextIO, cast

import structlog
from aiohttp.http import HttpProcessingError
from structlog.typing import EventDict, FilteringBoundLogger, Processor, WrappedLogger

from node.config import Settings

#: Names a log line may carry: numbers, codes and public identifiers.
FIELDS = frozenset(
    "event level timestamp node log neighbour link code reason exception error kind sequence count "
    "size_bytes duration_ms delay_ms port host url position standing state verb records path "
    "status method version".split()
)
LEFT_OUT = "(left out)"
VALUE_CHARS_MAX = 500


def make_logger(
    settings: Settings, name: str, stream: TextIO | None = None
) -> FilteringBoundLogger:
    """A logger whose every line carries `node=name`; standard error unless told otherwise."""
    render: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if settings.log_format == "json"
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"])
    )
    logger = structlog.wrap_logger(
        _Lines(stream or sys.stderr),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            keep_known_fields,
            escape_controls,
            render,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[settings.log_level]),
        cache_logger_on_first_use=True,
    )
    return cast("FilteringBoundLogger", logger.bind(node=name))


class _Lines:
    """Writes lines. One that cannot be written is lost: a log on a full disk, or one whose reader
    has left, must not stop what is logged."""

    def __init__(self, stream: TextIO) -> None:
        self._printing = structlog.PrintLogger(stream)

    def msg(self, line: str) -> None:
        """Write one line, whatever its level."""
        with suppress(OSError, ValueError):  # the latter when the stream has been closed
            self._printing.msg(line)

    debug = info = warning = error = msg


_LEVELS = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def keep_known_fields(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Leave out the value of every field that is not in `FIELDS`."""
    return {name: value if name in FIELDS else LEFT_OUT for name, value in line.items()}


def escape_controls(_logger: WrappedLogger, _method: str, line: EventDict) -> EventDict:
    """Make each value one short printable line; an exception keeps its line breaks as escapes."""
    return {name: _printable(value) for name, value in line.items()}


def _printable(value: object) -> object:
    if value is None or isinstance(value, int | float):
        return value
    text = value.hex() if isinstance(value, bytes) else str(value)
    limit = VALUE_CHARS_MAX if "Traceback" not in text else 20 * VALUE_CHARS_MAX
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
        for char in text[:limit]
    )


def web_server_logger(logger: FilteringBoundLogger) -> logging.Logger:
    """A logger for the HTTP library that writes into ours.

    The library's own words name the caller's address, so none of them is kept.
    """
    theirs = logging.Logger("web server", logging.WARNING)  # noqa: LOG001  # shared by no other node
    theirs.addHandler(_Forwarder(logger))
    return theirs


class _Forwarder(logging.Handler):
    """Says what kind of thing happened, and keeps the cause of what may be our fault."""

    def __init__(self, logger: FilteringBoundLogger) -> None:
        super().__init__()
        self._logger = logger

    def emit(self, record: logging.LogRecord) -> None:
        """Note one record of the library."""
        cause = record.exc_info[1] if record.exc_info else None
        if isinstance(cause, HttpProcessingError):
            self._logger.info("a request that is not HTTP was refused")
        else:
            self._logger.error("web server failed", exc_info=cause)
