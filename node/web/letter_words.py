"""The words of letters, as plain text and as simple HTML that says the same.

Titles come from anywhere. In a letter they are text and never a link of their own; of what is for
member municipalities only, no title leaves the node, since a letter is passed on with one press.
"""

from __future__ import annotations

from node.following.digests import Told
from node.following.letters import Letter
from node.web.atom import clean
from node.web.news_words import NewsDay, NewsLine, news_days
from node.web.render import Renderer
from node.web.swedish import counted, number

TITLE_CHARS_MAX = 300
NOT_PUBLIC = "En erfarenhet för anslutna kommuner"


class LetterWords:
    """Writes the letters of a node at its public address."""

    def __init__(self, site: str) -> None:
        self._site = site
        self._renderer = Renderer()

    def confirmation(self, name: str, url: str) -> Letter:
        """The first letter, with the link that confirms the address."""
        subject = f"Bekräfta utskick från Tidan, {clean(name)}"
        text = (
            f"Någon har bett om att få det som är nytt i Tidan, {clean(name)}, till den här\n"
            "adressen. Bekräfta här om det var du:\n\n"
            f"{url}\n\n"
            "Länken gäller i två dygn. Var det inte du behöver du inte göra något. Då kommer\n"
            "inga fler brev.\n"
        )
        html = self._renderer.html("mail/confirmation.html", {"name": clean(name), "url": url})
        return Letter(subject, text, html)

    def digest(self, name: str, told: Told) -> Letter:
        """A letter about what is new."""
        days = [
            NewsDay(day.day, day.words, [_for_letter(line) for line in day.lines])
            for day in news_days(told.items, 0, told.now_ms)
        ]
        left_out = max(0, told.total - len(told.items))
        more = f"Och {number(left_out)} till" if left_out else ""
        subject = f"{counted(told.total, 'nyhet', 'nyheter').capitalize()} i Tidan"
        context = {
            "name": clean(name),
            "days": days,
            "more": more,
            "site": self._site,
            "stop_url": told.stop_url,
            "subject": subject,
        }
        html = self._renderer.html("mail/digest.html", context)
        return Letter(subject, self._text(days, more, told.stop_url), html, told.stop_url)

    def _text(self, days: list[NewsDay], more: str, stop_url: str) -> str:
        lines = []
        for day in days:
            lines += [day.words, ""]
            for line in day.lines:
                lines += [f"{line.who} {line.act}:", line.title, self._site + line.url, ""]
        lines += [more, ""] if more else []
        lines += [f"Allt nytt för dig: {self._site}/nytt", ""]
        lines += ["-- ", f"Sluta få breven: {stop_url}", ""]
        return "\n".join(lines)


def _for_letter(line: NewsLine) -> NewsLine:
    """A line as it may leave the node."""
    title = clean(line.title)[:TITLE_CHARS_MAX] if line.is_public else NOT_PUBLIC
    path, anchor, place = line.url.partition("#")
    if not line.is_public:
        path = "/".join(path.split("/")[:3])  # the slug is made from the title
    return line._replace(title=title, who=clean(line.who), url=path + anchor + place)
