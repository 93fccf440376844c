"""Keeps persons out of imported records.

What an import brings was written for another place; nobody agreed to be spread to all
municipalities. So only addresses that look like a role's mailbox (kontakt@, it@, or the
organisation's own name) pass; the rest is left out, and a warning says so without repeating it.
"""

from __future__ import annotations

import re

EMAIL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
LEFT_OUT = "[e-postadress utelämnad]"

_ROLE_WORDS = frozenset(
    """
    admin administration aldreomsorg arbetsmarknad arkiv beredskap bibliotek bygg bygglov
    byggochmiljo contact dataskydd dev developer developers digit digital digitalisering
    digitaliseringsenheten ekonomi fastighet forskola forvaltning fraga fritid fråga
    funktion förskola förvaltning gata gator gis grundskola help helpdesk hemtjanst
    hemtjänst hr info information inkop inköp integration it itenheten itsupport kansli kart
    karta kommun kommunen kommunikation kommunstyrelsen kontakt kultur kundcenter
    kundservice kundtjanst kundtjänst mail medborgarservice miljo miljö naringsliv
    näringsliv office omsorg opendata opensource park personal post press projekt protocollo
    public raddning reception registrator renhallning renhållning räddning sakerhet
    samhallsbyggnad samhällsbyggnad segreteria sekretariat service servicedesk skola social
    socialtjanst stod stöd support säkerhet team teknik turism upphandling utveckling va
    vaxel växel webb webmaster äldreomsorg
    """.split()
)


def is_role_mailbox(email: str) -> bool:
    """Tell whether an address looks like a role's or organisation's rather than a person's."""
    local, _, domain = email.casefold().partition("@")
    words = [word for word in re.split(r"[.\-_+]", local) if word]
    labels = set(domain.split(".")[:-1])
    return EMAIL.fullmatch(email) is not None and all(
        word in _ROLE_WORDS or word in labels for word in words
    )


def without_personal_addresses(text: str) -> tuple[str, int]:
    """Replace every address that may be a person's; return the text and how many were replaced."""
    count = 0

    def replaced(match: re.Match[str]) -> str:
        nonlocal count
        if is_role_mailbox(match.group()):
            return match.group()
        count += 1
        return LEFT_OUT

    return EMAIL.sub(replaced, text), count
