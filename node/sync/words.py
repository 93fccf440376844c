"""What a protocol code means for the person who looks after neighbours, in plain Swedish.

A code says something else when the neighbour ends a session with it than when we find it ourselves:
``malformed`` from them is about what we sent.
"""

from __future__ import annotations

from protocol.codes import CLONED, LOCAL_FAILURE, PAUSED, WRONG_BLOB

UNREACHABLE = "unreachable"
WORDS = {
    UNREACHABLE: "Grannens adress svarar inte.",
    "broken": "Förbindelsen bröts.",
    "too_slow": "Grannen tar emot långsammare än det sänds härifrån.",
    "timeout": "Grannen svarade inte i tid.",
    "not_a_neighbour": "Kommunen är inte granne här.",
    "awaiting_approval": "Kommunen har visat en inbjudan härifrån och väntar på att godkännas.",
    "invite_refused": "Kommunen har visat en inbjudan som inte gäller.",
    "wrong_origin": "Grannen använder en annan adress till er än den som gäller.",
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
"""By code: what was found here."""

TOLD = {
    "not_a_neighbour": "Grannen har inte lagt till er än.",
    "awaiting_approval": "Grannen har fått er inbjudan och har inte godkänt er än.",
    "invite_refused": "Inbjudan gäller inte: den är använd, återkallad eller för gammal.",
    PAUSED: "Grannen har pausat kontakten.",
    CLONED: "Grannen har mött två servrar med er nyckel. Inget publiceras förrän det är utrett.",
    "wrong_origin": "Grannens server heter något annat än adressen ni har.",
    "wrong_neighbour": "Grannen väntade sig en annan kommun än er.",
    "bad_handshake": "Grannen kunde inte bekräfta att ni är de ni säger er vara.",
    "bad_key_event": "Grannen kunde inte bekräfta ert nyckelbyte.",
    "key_refused": "Grannen godtar inte er nyckel.",
    "no_common_version": WORDS["no_common_version"],
    "timeout": "Grannen fick inte svar härifrån i tid.",
    LOCAL_FAILURE: "Lagringen hos grannen svarade inte; ett nytt försök görs.",
}
"""By code: what the neighbour said when it ended the session."""


# Why an address could not be reached.
NO_NODE = "Något svarar på adressen, men ingen Tidan-nod (HTTP %(status)s)."
LEADS_ELSEWHERE = "Adressen hänvisar vidare till en annan; ange den slutliga adressen."
NO_SUCH_NAME = "Adressens namn är okänt."
CERTIFICATE_EXPIRED = "Grannens certifikat har gått ut, eller har inte börjat gälla."
CERTIFICATE_UNTRUSTED = (
    "Grannens certifikat är inte utfärdat av någon som den här servern litar på."
)
CERTIFICATE_OF_ANOTHER = "Grannens certifikat gäller inte för adressen."
WRONG_CERTIFICATE = "Grannens certifikat godtas inte."
NOT_SECURE = "På adressen svarar något som inte är en säker förbindelse (https)."
NOTHING_IN_TIME = "Ingenting svarade i tid."
NOTHING_THERE = "Ingenting svarar på adressen."
FORBIDDEN_ADDRESS = "Adressen leder till en plats som aldrig rings upp."
INNER_ADDRESS = (
    "Adressen leder in i ett inre nät. Den som driver servern kan tillåta det (neighbour_networks)."
)
BROKEN_OPENING = "Förbindelsen bröts medan den öppnades."
DIALLING = (
    *(NO_NODE, LEADS_ELSEWHERE, NO_SUCH_NAME, CERTIFICATE_EXPIRED, CERTIFICATE_UNTRUSTED),
    *(CERTIFICATE_OF_ANOTHER, WRONG_CERTIFICATE, NOT_SECURE, NOTHING_IN_TIME, NOTHING_THERE),
    *(FORBIDDEN_ADDRESS, INNER_ADDRESS, BROKEN_OPENING),
)

UNKNOWN = "Felet heter %(code)s."
REFUSED = "Grannen tog inte emot en av loggarna som sändes härifrån (%(code)s)."
ENDED = "Grannen avslutade: det som kom härifrån gick inte att ta emot (%(code)s)."
SENTENCES = (*WORDS.values(), *TOLD.values(), *DIALLING, UNKNOWN, REFUSED, ENDED)
"""All of them; the pages translate them."""


def refused_by_neighbour(code: str) -> str:
    """A sentence for a log that the neighbour would not take from us."""
    return REFUSED % {"code": code}


def in_words(code: str, *, by_them: bool = False) -> str:
    """A sentence for the code of something found here, or said by the neighbour as it ended.

    An unknown code is shown as it is.
    """
    if by_them:
        return TOLD.get(code, ENDED % {"code": code})
    return WORDS.get(code, UNKNOWN % {"code": code})
