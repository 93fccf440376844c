"""What a protocol code means for the person who looks after neighbours, in plain Swedish."""

from __future__ import annotations

from protocol.codes import CLONED, LOCAL_FAILURE, WRONG_BLOB

WORDS = {
    "unreachable": "Grannens adress svarar inte.",
    "broken": "Förbindelsen bröts.",
    "too_slow": "Grannen tar emot långsammare än det sänds härifrån.",
    "timeout": "Grannen svarade inte i tid.",
    "not_a_neighbour": "Grannen har inte lagt till er än.",
    "wrong_origin": "Grannens server heter något annat än adressen ni har.",
    "wrong_neighbour": "Någon annan än väntat svarar på adressen.",
    "bad_handshake": "Grannen kunde inte visa att den är den den säger sig vara.",
    "no_common_version": "Ingen gemensam version finns; den som har den äldre behöver uppgradera.",
    "malformed": "Grannen sände något som inte följer protokollet.",
    "limit": "Grannen sände mer än vad som är tillåtet.",
    "wrong_state": "Grannen sände ett meddelande vid fel tillfälle.",
    "no_credit": "Grannen sände mer än den fått lov till.",
    "bad_signature": "En erfarenhet hade fel underskrift. Inget av den sparades.",
    "broken_link": "En kommuns logg från grannen hade en lucka. Den hämtas från en annan granne.",
    "wrong_log": "Grannen blandade ihop två kommuners loggar. Inget av det sparades.",
    "wrong_commitment": "Ett innehåll var ändrat på vägen. Det hämtas från en annan granne.",
    "bad_key_event": "Ett nyckelbyte kunde inte bekräftas. Ring kommunen och fråga.",
    "key_refused": "En nyckel som inget riktigt Tidan skapar avvisades.",
    "fork": "En kommuns logg finns i två versioner och är fryst. Ring kommunen och fråga.",
    "remote": "Grannen sände något som inte kunde tas emot.",
    "session": "Förbindelsen med grannen avslutades på grund av ett fel.",
    "unreadable": "Ett innehåll kan inte visas av den här versionen.",
    CLONED: "Två servrar har samma nyckel. De skriver inget under förrän någon har rett ut det.",
    WRONG_BLOB: "En bilaga var ändrad på vägen. Den hämtas från en annan granne.",
    LOCAL_FAILURE: "Lagringen här svarade inte; ett nytt försök görs.",
}


# Why an address could not be reached.
NO_NODE = "Något svarar på adressen, men ingen Tidan-nod (HTTP %(status)s)."
LEADS_ELSEWHERE = "Adressen hänvisar vidare till en annan; ange den slutliga adressen."
NO_SUCH_NAME = "Adressens namn är okänt."
WRONG_CERTIFICATE = "Den säkra förbindelsen misslyckades: certifikatet gäller inte för adressen."
NOTHING_IN_TIME = "Ingenting svarade i tid."
NOTHING_THERE = "Ingenting svarar på adressen."
BROKEN_OPENING = "Förbindelsen bröts medan den öppnades."

UNKNOWN = "Felet heter %(code)s."
REFUSED = "Grannen tog inte emot en av loggarna som sändes härifrån (%(code)s)."
SENTENCES = (
    *WORDS.values(),
    *(NO_NODE, LEADS_ELSEWHERE, NO_SUCH_NAME, WRONG_CERTIFICATE, NOTHING_IN_TIME, NOTHING_THERE),
    *(BROKEN_OPENING, UNKNOWN, REFUSED),
)
"""All of them; the pages translate them."""


def refused_by_neighbour(code: str) -> str:
    """A sentence for a log that the neighbour would not take from us."""
    return REFUSED % {"code": code}


def in_words(code: str) -> str:
    """A sentence for the code; an unknown one is shown as it is."""
    return WORDS.get(code, UNKNOWN % {"code": code})
