"""Words in cells that mean a choice of a field, in Swedish and English, in small letters."""

from __future__ import annotations

TYPE_WORDS = {
    "erfarenhet": "erfarenhet", "experience": "erfarenhet", "fraga": "fraga", "fråga": "fraga",
    "question": "fraga", "samverkan": "samverkan", "söker samverkan": "samverkan",
    "collaboration": "samverkan", "losning": "losning", "lösning": "losning",
    "lösning i bruk": "losning", "solution": "losning", "system": "losning",
    "omvarld": "omvarld", "omvärld": "omvarld", "omvärldsspaning": "omvarld",
    "upphandling": "upphandling", "avtal": "upphandling", "upphandling eller avtal": "upphandling",
    "procurement": "upphandling",
}  # fmt: skip
STATUS_WORDS = {
    "ide": "ide", "idé": "ide", "idea": "ide", "planerad": "ide", "planerat": "ide",
    "planned": "ide", "pilot": "pilot", "pågår": "pilot", "pågående": "pilot", "test": "pilot",
    "ongoing": "pilot", "drift": "drift", "i drift": "drift", "driftsatt": "drift",
    "in use": "drift", "infört": "drift", "infört i drift": "drift", "live": "drift",
    "avslutat": "avslutat", "avslutad": "avslutat", "klar": "avslutat", "klart": "avslutat",
    "färdig": "avslutat", "done": "avslutat", "completed": "avslutat", "finished": "avslutat",
    "avbrutet": "avbrutet", "avbruten": "avbrutet", "nedlagd": "avbrutet", "stopped": "avbrutet",
    "cancelled": "avbrutet",
}  # fmt: skip
CHOICE_WORDS = {
    "type": TYPE_WORDS,
    "status": STATUS_WORDS,
    "visibility": {"public": "public", "öppen": "public", "öppen för alla": "public",
                   "offentlig": "public", "federation": "federation",
                   "bara för anslutna kommuner": "federation", "kommuner": "federation"},
    "call_off": {"ja": "ja", "yes": "ja", "nej": "nej", "no": "nej", "okant": "okant",
                 "okänt": "okant", "vet inte": "okant", "unknown": "okant"},
}  # fmt: skip
