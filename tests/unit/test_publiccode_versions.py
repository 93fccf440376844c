"""publiccode.yml of every version: what has a place keeps its meaning, what has none is named."""

from __future__ import annotations

import pytest

from node.importers import ImportResult, read_publiccode
from node.municipal.naming import municipalities_named, municipality_named
from node.web.named_users import names_us
from protocol.content import Experience

VERSION_0_1 = """publiccode-yaml-version: "http://w3id.org/publiccode/version/0.1"
name: Medusa
url: https://exempel.se/medusa.git
tags: [cms, text-editor]
softwareType: standalone
developmentStatus: stable
platforms: web
description:
  ita: {shortDescription: Un editor}
  eng: {genericName: Text editor, shortDescription: An editor, freeTags: [writing]}
intendedAudience: {onlyFor: [city], countries: [it]}
legal: {license: AGPL-3.0-or-later}
maintenance: {type: none}
localisation: {localisationReady: "yes", availableLanguages: [eng]}
"""
VERSION_0_2 = """publiccodeYmlVersion: "0.2"
name: Medusa
applicationSuite: Paketet
url: https://exempel.se/medusa.git
landingURL: https://exempel.se/medusa
isBasedOn: https://exempel.se/ursprung.git
softwareVersion: "1.0"
releaseDate: "2019-04-15"
logo: img/logo.svg
monochromeLogo: img/mono.svg
inputTypes: [text/plain]
platforms: [web, linux]
categories: [content-management]
usedBy: [Hjo kommun, Comune di Firenze, "Göteborgs Stad (SE)", hjo]
roadmap: https://exempel.se/plan
developmentStatus: development
softwareType: standalone/web
intendedAudience: {countries: [se], unsupportedCountries: [us], scope: [education]}
description:
  sv:
    localisedName: Medusan
    genericName: Redigerare
    shortDescription: En redigerare
    longDescription: Skriver text.
    documentation: https://exempel.se/handbok
    screenshots: [a.png]
    videos: [https://exempel.se/film]
    awards: [Guldpennan]
    features: [Skriva, Läsa]
legal: {license: EUPL-1.2, mainCopyrightOwner: Exempel kommun, repoOwner: Anna Ek,
        authorsFile: AUTHORS}
maintenance:
  type: contract
  contractors:
    - {name: Exempelbolaget AB, until: "2027-05-01", website: https://exempel.se, email: a.ek@x.se}
    - {name: Bo Ek, until: "2026-01-01"}
  contacts: [{name: Anna Ek, email: anna.ek@exempel.se, phone: "+46701234567"}]
localisation: {localisationReady: true, availableLanguages: [sv, en]}
dependsOn:
  open:
    - {name: PostgreSQL, versionMin: "14", optional: false}
    - {name: Redis, version: "7", optional: true}
  proprietary: [{name: Oracle, versionMin: "11", versionMax: "19"}]
  hardware: [{name: Kortläsare}]
it: {conforme: {gdpr: true}}
"""
VERSION_0_5 = """publiccodeYmlVersion: "0.5.0"
name: Medusa
url: https://exempel.se/medusa
organisation: {name: Statens exempelverk, uri: "urn:x-exempel:verket"}
fundedBy:
  - {name: Vinnova, uri: "https://www.vinnova.se"}
  - name: Exempelfonden
releaseDate: 2026-01-02
developmentStatus: concept
softwareType: library
description: {en: {shortDescription: An editor, features: [Writing]}}
legal: {license: MIT}
maintenance: {type: internal, contacts: [{name: Exempelgruppen, email: it@exempel.se}]}
"""


def experience_of(result: ImportResult) -> Experience:
    """The experience of a file that must be readable."""
    assert result.error is None, result.error
    assert result.experience is not None
    return result.experience


def left_out(result: ImportResult) -> set[str]:
    """The keys that a warning says were left out."""
    said = [note for note in result.warnings if note.startswith("left out")]
    return set(said[0].partition(": ")[2].split(", ")) if said else set()


def test_version_0_1() -> None:
    """The first version's names and three-letter languages mean what they mean today."""
    result = read_publiccode(VERSION_0_1, "publiccode.yml")
    experience = experience_of(result)

    assert (experience.language, experience.summary) == ("en", "An editor")
    assert experience.tags == ("cms", "text-editor", "writing")
    assert experience.situation == "På andra språk:\n\n- it: Un editor"
    assert experience.preconditions == (
        "Körs på: web\n\nSlag: Text editor, standalone\n\nSpråk i programmet: eng\n\n"
        "Avsett för länder: it\n\nAvsett för områden: city\n\nFörvaltas: inte längre"
    )
    assert left_out(result) == set()


def test_version_0_2() -> None:
    """All that a record has a place for is in it; each other key is named."""
    result = read_publiccode(VERSION_0_2, "publiccode.yml")
    experience = experience_of(result)

    assert experience.situation == "Skriver text.\n\nKallas också: Medusan"
    assert experience.results == (
        "Funktioner:\n\n- Skriva\n- Läsa\n\nVersion: 1.0, släppt 2019-04-15\n\nIngår i: Paketet\n\n"
        "Utmärkelser:\n\n- Guldpennan\n\n"
        "Används av:\n\n- Hjo kommun\n- Comune di Firenze\n- Göteborgs Stad (SE)\n- hjo"
    )
    assert experience.preconditions == (
        "Körs på: web, linux\n\nSlag: Redigerare, standalone/web\n\n"
        "Språk i programmet: sv, en, förberett för fler\n\nAvsett för länder: se\n\n"
        "Passar inte i länder: us\n\nAvsett för områden: education\n\n"
        "Förvaltas: av en leverantör på avtal (Exempelbolaget AB), till 2027-05-01\n\n"
        "Behöver:\n\n- PostgreSQL, från 14 (öppen programvara)\n"
        "- Redis, version 7 (öppen programvara, frivilligt)\n"
        "- Oracle, från 11, till 19 (licensierad programvara)\n- Kortläsare (maskinvara)"
    )
    assert [link.title for link in experience.links] == [
        "Källkod", "Webbplats", "Dokumentation", "Färdplan", "Bygger på", "Film",
    ]  # fmt: skip
    assert experience.products[0].supplier == "Exempel kommun"
    assert experience.legal is not None
    assert experience.legal.note == "Programvarans licens: EUPL-1.2. Upphovsrätt: Exempel kommun"
    assert experience.timeline is None
    assert left_out(result) == {
        "description.sv.screenshots", "inputTypes", "it", "legal.authorsFile", "logo",
        "monochromeLogo",
    }  # fmt: skip
    for person in ("Anna", "Bo Ek", "anna.ek", "a.ek@", "4670"):
        assert person not in repr(result)


def test_version_0_5() -> None:
    """Who stands behind it and who pays for it are kept."""
    result = read_publiccode(VERSION_0_5, "publiccode.yml")
    experience = experience_of(result)

    assert experience.status == "ide"
    assert experience.products[0].supplier == "Statens exempelverk"
    assert experience.contact.email == "it@exempel.se"
    assert experience.results == (
        "Funktioner:\n\n- Writing\n\nSenaste versionen släpptes 2026-01-02\n\n"
        "Finansieras av:\n\n- Vinnova (https://www.vinnova.se)\n- Exempelfonden"
    )
    assert any("urn:x-exempel:verket" in note for note in result.warnings)


def test_a_version_that_does_not_exist_yet() -> None:
    """Keys of a later version are named, and the rest is read."""
    text = VERSION_0_5.replace('"0.5.0"', '"2.1"') + "trust: {level: high}\n"
    result = read_publiccode(text, "publiccode.yml")

    assert experience_of(result).title == "Medusa"
    assert left_out(result) == {"trust"}


@pytest.mark.parametrize(
    ("languages", "taken"),
    [
        ("{it: {shortDescription: a}, sv-SE: {shortDescription: b}}", ("sv", "b")),
        ("{it: {shortDescription: a}, en_GB: {shortDescription: b}}", ("en", "b")),
        ("{it: {shortDescription: a}, de: {shortDescription: b}}", ("it", "a")),
        ("{sve: {shortDescription: a}, en: {shortDescription: b}}", ("en", "b")),
        ("{en: x, it: {shortDescription: a}}", ("it", "a")),
    ],
)
def test_languages(languages: str, taken: tuple[str, str]) -> None:
    """Swedish first, else English, else the first; regions count as their language."""
    text = f"name: M\ndescription: {languages}\n"
    experience = experience_of(read_publiccode(text, "publiccode.yml"))

    assert (experience.language, experience.summary) == taken


def test_users_are_told_and_not_spoken_for() -> None:
    """Municipalities among the users are named once; each is asked on its own page."""
    result = read_publiccode(VERSION_0_2, "publiccode.yml")
    experience = experience_of(result)

    assert any("used by Hjo kommun, Göteborgs" in note for note in result.warnings)
    assert names_us(experience, "1497")
    assert names_us(experience, "1480")
    assert not names_us(experience, "1498")
    assert not names_us(experience.model_copy(update={"source": None}), "1497")
    assert not names_us(None, "1497")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Tidaholms kommun", "1498"), ("tidaholm", "1498"), ("Stockholms stad", "0180"),
        ("Hjo kommun [SE]", "1497"), ("Municipality of Borås", "1490"), ("Borås Stad.", "1490"),
        ("Hjo Energi AB", None), ("", None), ("Comune di Roma", None),
    ],
)  # fmt: skip
def test_names_of_municipalities(name: str, code: str | None) -> None:
    """A whole name counts, in the forms it is written in; a part of one does not."""
    found = municipality_named(name)

    assert (found.code if found else None) == code
    assert len(municipalities_named([name, name])) == (1 if code else 0)
