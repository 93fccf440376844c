"""Words about letters on the pages."""

from __future__ import annotations

from typing import Final

from node.web.message import Message

FREQUENCIES: Final[dict[str, str]] = {
    "daily": Message("Varje dag"),
    "weekly": Message("Varje måndag"),
}
PROBLEMS: Final = {
    "smtp_host": Message("Den som sköter servern har inte angett någon e-postserver."),
    "smtp_sender": Message(
        "Den som sköter servern har inte angett från vilken adress breven ska komma."
    ),
    "public_url": Message(
        "Den som sköter servern har inte angett webbplatsens adress, så länkarna i breven skulle "
        "inte leda hit."
    ),
}
ADDRESS_FAULT: Final = Message("Skriv en e-postadress, som anna.berg@exempel.se")
TOO_MANY_ASKED: Final = Message(
    "Du har bett om många brev i dag. Vänta till i morgon, eller kontrollera skräpposten"
)
NOT_SENT: Final = Message(
    "Brevet med länken gick inte att skicka. Kontrollera adressen och försök igen om en stund. "
    "Händer det igen, säg till den som sköter servern"
)
