"""The words of letters, as plain text and as simple HTML that says the same, in one language.

Titles come from anywhere. In a letter they are text and never a link of their own; of what is for
member municipalities only, no title leaves the node, since a letter is passed on with one press.
Pages behind links that need no signing in are asked for in the letter's language.
"""

from __future__ import annotations

import textwrap

from node.following.digests import Told
from node.following.letters import Letter
from node.web.atom import clean
from node.web.language import PARAMETER, SOURCE, Language, languages
from node.web.message import Counted, Message, said
from node.web.news_words import NewsDay, NewsLine, news_days
from node.web.render import Renderer

TITLE_CHARS_MAX = 300
LINE_CHARS = 76
NOT_PUBLIC = Message("En erfarenhet för anslutna kommuner")


class LetterWords:
    """Writes the letters of a node at its public address."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._renderer = Renderer()

    def confirmation(self, name: str, url: str, language: str | None) -> Letter:
        """The first letter, with the link that confirms the address."""
        spoken, name = _spoken(language), clean(name)
        asked = Message(
            "Någon har bett om att få det som är nytt i Tidan, %(name)s, till den här adressen.",
            name=name,
        )
        confirm = Message("Bekräfta här om det var du:")
        lasts = Message(
            "Länken gäller i två dygn. Var det inte du behöver du inte göra något. Då kommer inga "
            "fler brev."
        )
        subject = spoken.translated(Message("Bekräfta utskick från Tidan, %(name)s", name=name))
        url = _in_language(url, spoken)
        context = {"subject": subject, "asked": asked, "lasts": lasts, "url": url}
        text = [
            _paragraph(f"{spoken.translated(asked)} {spoken.translated(confirm)}"),
            url,
            _paragraph(spoken.translated(lasts)),
        ]
        html = self._renderer.html("mail/confirmation.html", context, spoken.code)
        return Letter(subject, "\n\n".join(text) + "\n", html, spoken.code)

    def digest(self, name: str, told: Told, language: str | None) -> Letter:
        """A letter about what is new."""
        spoken = _spoken(language)
        days = [
            NewsDay(day.day, day.words, [_for_letter(line, spoken) for line in day.lines])
            for day in news_days(told.items, 0, told.now_ms)
        ]
        left_out = max(0, told.total - len(told.items))
        what = Counted(told.total, "nyhet", "nyheter")
        count = said(lambda formats: formats.number(left_out))
        more = spoken.translated(Message("Och %(count)s till", count=count)) if left_out else ""
        subject = spoken.translated(Message("%(what)s i Tidan", what=what))
        stop_url = _in_language(told.stop_url, spoken)
        context = {
            "name": clean(name),
            "days": days,
            "more": more,
            "site": self._site,
            "stop_url": stop_url,
            "subject": subject,
        }
        html = self._renderer.html("mail/digest.html", context, spoken.code)
        text = self._text(days, more, stop_url, spoken)
        return Letter(subject, text, html, spoken.code, stop_url)

    def _text(self, days: list[NewsDay], more: str, stop_url: str, spoken: Language) -> str:
        lines = []
        for day in days:
            lines += [spoken.translated(day.words), ""]
            for line in day.lines:
                act = spoken.translated(line.act)
                lines += [f"{line.who} {act}:", line.title, self._site + line.url, ""]
        lines += [more, ""] if more else []
        lines += [f"{spoken.translated(Message('Allt nytt för dig'))}: {self._site}/nytt", ""]
        lines += ["-- ", f"{spoken.translated(Message('Sluta få breven'))}: {stop_url}", ""]
        return "\n".join(lines)


def _spoken(code: str | None) -> Language:
    """The language of this code; the source for who has chosen none, or one that was given up."""
    return languages().get(code or SOURCE, languages()[SOURCE])


def _in_language(url: str, spoken: Language) -> str:
    """The address of a page that is in the letter's language wherever it is opened."""
    return f"{url}?{PARAMETER}={spoken.code}"


def _paragraph(text: str) -> str:
    return textwrap.fill(text, LINE_CHARS, break_long_words=False, break_on_hyphens=False)


def _for_letter(line: NewsLine, spoken: Language) -> NewsLine:
    """A line as it may leave the node."""
    path, anchor, place = line.url.partition("#")
    if line.is_public:
        title, language = clean(line.title)[:TITLE_CHARS_MAX], clean(line.language)
    else:
        title, language = spoken.translated(NOT_PUBLIC), ""
        path = "/".join(path.split("/")[:3])  # the slug is made from the title
    url = path + anchor + place
    return line._replace(title=title, language=language, who=clean(line.who), url=url)
