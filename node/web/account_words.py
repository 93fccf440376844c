"""The words about accounts: roles, what they may do, and why a password is not taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from node.accounts.names import new_full_name, new_name
from node.accounts.passwords import PASSWORD_CHARS_MAX, PASSWORD_CHARS_MIN, Weakness
from node.errors import ArgumentError, WeakPasswordError
from node.operations.quota_operations import DEFAULT
from node.web.message import Message
from node.web.posted import Posted
from storage.account_views import Role

ROLES: Final = {
    Role.READER: Message("Läsare"),
    Role.AUTHOR: Message("Skribent"),
    Role.EDITOR: Message("Redaktör"),
    Role.FEDERATION_ADMIN: Message("Grannansvarig"),
    Role.OPERATOR: Message("Driftansvarig"),
}
ROLE_HELP: Final = {
    Role.READER: Message("Läser allt, också det som bara är för anslutna kommuner."),
    Role.AUTHOR: Message("Skriver, svarar och publicerar i kommunens namn. Ändrar sitt eget."),
    Role.EDITOR: Message("Ändrar och återkallar också det som kollegor har publicerat."),
    Role.FEDERATION_ADMIN: Message("Bestämmer dessutom om grannar och vilka kommuner som är med."),
    Role.OPERATOR: Message("Bjuder dessutom in kollegor, byter roller och stänger konton."),
}
WEAKNESSES: Final = {
    Weakness.SHORT: Message(
        "Lösenordet är för kort, minst %(count)s tecken behövs", count=PASSWORD_CHARS_MIN
    ),
    Weakness.LONG: Message(
        "Lösenordet är för långt, högst %(count)s tecken får plats", count=PASSWORD_CHARS_MAX
    ),
    Weakness.OBVIOUS: Message("Lösenordet är lätt att gissa. Ta några ord som inte hör ihop"),
}
NAME_FAULT: Final = Message(
    "Skriv ett användarnamn med bokstäver, siffror, punkt eller bindestreck, som anna.berg, "
    "eller en e-postadress"
)
FULL_NAME_FAULT: Final = Message("Skriv för- och efternamn, högst 80 tecken")

# What the audit's actions are called; a code without words is shown as it stands.
ACTIONS: Final = {
    "user setup": Message("Gjorde en länk till den första driftansvariga"),
    "user invitation": Message("Bjöd in"),
    "user reset": Message("Gjorde en länk till nytt lösenord för"),
    "user withdraw": Message("Tog tillbaka en länk till"),
    "user begin": Message("Började använda sitt konto"),
    "user role": Message("Bytte roll på"),
    "user deactivate": Message("Stängde kontot för"),
    "user activate": Message("Öppnade åter kontot för"),
    "user password": Message("Bytte lösenord"),
    "user sign out everywhere": Message("Loggade ut överallt"),
    "publish experience": Message("Publicerade erfarenhet"),
    "write experience": Message("Skrev erfarenhet"),
    "draft hand in": Message("Lämnade till granskning"),
    "draft send back": Message("Skickade tillbaka en text till"),
    "import bring": Message("La filer att importera hos"),
    "publish comment": Message("Publicerade kommentar"),
    "publish use": Message("Sa att kommunen också använder"),
    "publish interest": Message("Anmälde intresse"),
    "publish withdraw": Message("Återkallade"),
    "publish profile": Message("Publicerade kommunens uppgifter"),
    "member member": Message("La till kommun"),
    "member ignored": Message("Valde Inte nu"),
    "member blocked": Message("Blockerade kommun"),
    "member quota": Message("Ändrade kvoten (inlägg / MB) för kommun"),
    "neighbour quota": Message("Ändrade dygnskvoten (inlägg / MB) för granne"),
    "neighbour add": Message("La till granne"),
    "neighbour remove": Message("Tog bort granne"),
    "invite make": Message("Gjorde en inbjudan till"),
    "invite revoke": Message("Tog tillbaka inbjudan till"),
    "invite use": Message("Använde en inbjudan från"),
    "knock approve": Message("Godkände, efter jämförda fingeravtryck,"),
    "knock refuse": Message("Valde att inte nu bli granne med"),
    "introduction withdraw": Message("Tog tillbaka introduktionen av"),
    "neighbour pause": Message("Pausade granne"),
    "neighbour resume": Message("Återupptog granne"),
    "token make": Message("Gjorde en nyckel för"),
    "token revoke": Message("Avslutade nyckeln för"),
    "recover override": Message("Bestämde att börja underteckna igen"),
    "address publish": Message("Undertecknade en ny adress för"),
    "name change": Message("Bytte kommunens namn för"),
    "neighbour move": Message("Började använda den nya adressen till"),
    "leave": Message("Lämnade nätverket"),
    "continue begin": Message("Sa att kommunen fortsätter"),
    "continue end": Message("Tog tillbaka att kommunen fortsätter"),
    "key rehearse": Message("Övade med återställningsbladet"),
    "key rotate": Message("Bytte nyckel"),
}
ACTORS: Final = {
    "admin": Message("Kommandoraden på servern"),
    "policy": Message("Inställning på servern"),
    "demo": Message("Demonstrationen"),
}
# What stands beside an action: a role, or one of the program's own short reasons.
DETAILS: Final = {role.value: words for role, words in ROLES.items()} | {
    "neighbour": Message("som granne"),
    DEFAULT: Message("till den i inställningarna"),
    "by link": Message("med en länk"),
    "read-federation": Message("läsning"),
    "admin": Message("läsning och grannar"),
}


def name_faults(typed: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with the names in a form for a new account, by field."""
    faults: dict[str, str] = {}
    for field, read, words in (
        ("visat_namn", new_full_name, FULL_NAME_FAULT),
        ("namn", new_name, NAME_FAULT),
    ):
        try:
            read(typed[field])
        except ArgumentError:
            faults[field] = words
    return faults


def new_password_fault(posted: Posted) -> str:
    """What is wrong with a new password before it is judged; empty when nothing is."""
    password = str(posted.get("losenord", ""))
    if not password:
        return Message("Välj ett lösenord med minst %(count)s tecken", count=PASSWORD_CHARS_MIN)
    if password != str(posted.get("losenord_igen", "")):
        return Message("Lösenorden är inte lika. Skriv samma två gånger")
    return ""


def weakness_words(error: WeakPasswordError) -> str:
    """Why a new password is not taken."""
    return WEAKNESSES[Weakness(error.weakness)]
