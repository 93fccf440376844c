"""What readers wrote about the pages' accessibility, until somebody has dealt with it.

One small file in the data folder and no table: it is never federated and never searched, and it is
emptied as the messages are dealt with. Bounded, since anybody may write. Numbers are never used
again, so a form that is sent late cannot take away another message.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any, NamedTuple

from storage.durable_file import write_durably

MESSAGES_MAX = 200


class Feedback(NamedTuple):
    """One message; `reply_to` is what the sender gave to be answered at, perhaps nothing."""

    number: int
    time_ms: int
    text: str
    reply_to: str


class FeedbackFile:
    """The messages that wait, in the file at `path`. Its methods block and may run in threads."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()

    def waiting(self) -> list[Feedback]:
        """What nobody has dealt with yet, oldest first."""
        return [Feedback(**message) for message in self._read()["waiting"]]

    def add(self, time_ms: int, text: str, reply_to: str) -> bool:
        """Keep a message, durably; False when as many wait already as are kept."""
        with self._lock:
            held = self._read()
            if len(held["waiting"]) >= MESSAGES_MAX:
                return False
            message = Feedback(held["next"], time_ms, text, reply_to)
            self._write(held["next"] + 1, [*held["waiting"], message._asdict()])
            return True

    def remove(self, number: int) -> None:
        """Forget a message that was dealt with; one that is gone already is no error."""
        with self._lock:
            held = self._read()
            left = [message for message in held["waiting"] if message["number"] != number]
            if len(left) < len(held["waiting"]):
                self._write(held["next"], left)

    def _read(self) -> dict[str, Any]:
        try:
            held: dict[str, Any] = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {"next": 1, "waiting": []}
        return held

    def _write(self, following: int, waiting: list[dict[str, Any]]) -> None:
        text = json.dumps({"next": following, "waiting": waiting}, ensure_ascii=False, indent=1)
        write_durably(self._path, text.encode())
