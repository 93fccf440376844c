"""Alerts outside the pages: as a letter, as what a webhook is told, and as plain data."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from node.alerts.webhook import moment
from node.following.letters import Letter
from node.web.alert_words import alert_words
from node.web.atom import clean
from node.web.language import SOURCE, Language, languages
from node.web.message import Counted, Message
from node.web.render import Renderer
from storage.alert_store import Alert, Event

PAGE = "/atgarda"
LINE_CHARS = 76
SHOWN_MAX = 50


class AlertTexts:
    """Writes about the alerts of a node at its public address."""

    def __init__(self, site: str) -> None:
        self._site = site

    @cached_property
    def _renderer(self) -> Renderer:
        """Made for the first letter."""
        return Renderer()

    def plain(self, alert: Alert) -> dict[str, Any]:
        """An alert with its words in English, as commands print them."""
        return {
            "code": alert.raised.code,
            "subject": alert.raised.subject,
            "since_ms": alert.raised.since_ms,
            "noticed_ms": alert.begun_ms,
            **_words(alert, languages()["en"]),
        }

    def event(self, event: Event, own_name: str, log: bytes) -> dict[str, Any]:
        """What the webhook is told: facts for programs, words in every language for people."""
        alert = event.alert
        time_ms = alert.ended_ms if event.is_end and alert.ended_ms else alert.begun_ms
        return {
            "type": "alert.ended" if event.is_end else "alert.begun",
            "timestamp": moment(time_ms),
            "data": {
                "number": alert.number,
                "code": alert.raised.code,
                "subject": alert.raised.subject,
                "since": moment(alert.raised.since_ms),
                "begun": moment(alert.begun_ms),
                "ended": moment(alert.ended_ms) if alert.ended_ms else None,
                "municipality": {"name": own_name, "log": log.hex()},
                "words": {code: _words(alert, spoken) for code, spoken in languages().items()},
                "url": self._site + PAGE,
            },
        }

    def letter(
        self, name: str, new: Sequence[Alert], others: Sequence[Alert], language: str | None
    ) -> Letter:
        """A letter about what is `new`, and what has held for longer."""
        spoken = languages().get(language or SOURCE, languages()[SOURCE])
        subject = _subject(clean(name), new, spoken)
        groups = [
            (spoken.translated(heading), [_line(alert, spoken) for alert in alerts[:SHOWN_MAX]])
            for heading, alerts in (
                (Message("Nytt att åtgärda"), new),
                (Message("Återstår sedan tidigare"), others),
            )
            if alerts
        ]
        context = {"subject": subject, "groups": groups, "site": self._site, "page": PAGE}
        html = self._renderer.html("mail/alerts.html", context, spoken.code)
        return Letter(subject, self._text(groups, spoken), html, spoken.code)

    def _text(self, groups: list[tuple[str, list[dict[str, str]]]], spoken: Language) -> str:
        lines = []
        for heading, of_group in groups:
            lines += [heading, ""]
            for line in of_group:
                body = f"{line['cause']} {line['action']}".strip()
                lines += [_paragraph(line["title"]), _paragraph(body), ""]
        all_of_it = spoken.translated(Message("Allt som behöver åtgärdas"))
        account = spoken.translated(Message("Vill du inte ha breven"))
        lines += [f"{all_of_it}: {self._site}{PAGE}", ""]
        lines += ["-- ", f"{account}: {self._site}/konto", ""]
        return "\n".join(lines)


def _subject(name: str, new: Sequence[Alert], spoken: Language) -> str:
    """What the letter is about; one thing is named."""
    if len(new) == 1:
        title = alert_words(new[0].raised).title
        subject = Message("Tidan, %(name)s: %(title)s", name=name, title=title)
    else:
        what = Counted(len(new), "sak", "saker")
        subject = Message("Tidan, %(name)s: %(what)s att åtgärda", name=name, what=what)
    return clean(spoken.translated(subject))


def _words(alert: Alert, spoken: Language) -> dict[str, str]:
    words = alert_words(alert.raised)
    return {
        "title": spoken.translated(words.title),
        "cause": spoken.translated(words.cause),
        "action": spoken.translated(words.action),
    }


def _line(alert: Alert, spoken: Language) -> dict[str, str]:
    return {name: clean(text) for name, text in _words(alert, spoken).items()}


def _paragraph(text: str) -> str:
    return textwrap.fill(text, LINE_CHARS, break_long_words=False, break_on_hyphens=False)
