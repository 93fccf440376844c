"""Importers: every file gives a record or a reason with its line, and no person's address."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content_factories import READABLE, an_experience
from node.importers import (
    ImportResult,
    experience_to_markdown,
    read_files,
    read_markdown,
    read_publiccode,
)
from node.importers.markdown_words import HEADINGS
from node.importers.personal import is_role_mailbox
from protocol.content import Experience

SWEDISH_FILE = """---
typ: lösning i bruk
titel: Exempel – sensorer i soptunnor
sammanfattning: Fyllnadsgivare i 40 tunnor minskade körningen.
område: teknik.avfall
status: i drift
kontakt:
  roll: Renhållningen
  e-post: renhallning@exempel.se
  telefon: 0500-12 34 56
tid:
  påbörjad: 2021
  i drift: 2022-03
kostnad:
  engångskostnad: 120000
  engångskostnad högst: 150000
produkter:
  - Givare A
  - namn: Molntjänst B
    leverantör: Bolaget AB
    avrop: okänt
länkar:
  - https://exempel.se/rapport
taggar: sensorer, avfall
söker samverkan: true
exempel: true
---
## Läget

Tunnorna tömdes varje vecka.

### Mer om läget

Även när de var tomma.

## Gick bra
Personalen var med från början.

## Råd till andra

- Börja med tio tunnor.
"""

PUBLICCODE = """publiccodeYmlVersion: "0.4"
name: Exempelprogram
url: https://exempel.se/kod/program.git
releaseDate: 2024-02-01
developmentStatus: beta
categories: [geographic-information-systems]
usedBy: [Hjo kommun, Tidaholms kommun]
organisation: {name: Exempelstaden}
description:
  it: {shortDescription: Un programma}
  en: {shortDescription: A programme}
  sv:
    shortDescription: Ett program för kartor
    longDescription: |
      Visar kartor. Fråga anna.andersson@exempel.se eller kontakt@exempel.se.
    features: [Kartor, Lager]
legal: {license: EUPL-1.2, repoOwner: Anna Andersson}
maintenance:
  type: internal
  contacts:
    - {name: Anna Andersson, email: anna.andersson@exempel.se, phone: "0700000000"}
    - {name: Gruppen, email: info@exempel.se}
localisation: {localisationReady: true}
"""


def experience_of(result: ImportResult) -> Experience:
    """The experience of a file that must be readable."""
    assert result.error is None, result.error
    assert result.experience is not None
    return result.experience


def test_swedish_words() -> None:
    """A record can be written with Swedish words only, in short form where one exists."""
    result = read_markdown(SWEDISH_FILE, "sensorer.md")
    experience = experience_of(result)

    assert result.warnings == ()
    assert (experience.type, experience.status) == ("losning", "drift")
    assert experience.contact.email == "renhallning@exempel.se"
    assert experience.timeline is not None
    assert (experience.timeline.started, experience.timeline.live) == ("2021", "2022-03")
    assert experience.cost is not None
    assert experience.cost.one_off_max_sek == 150_000
    assert [product.name for product in experience.products] == ["Givare A", "Molntjänst B"]
    assert experience.links[0].url == "https://exempel.se/rapport"
    assert experience.tags == ("sensorer", "avfall")
    assert experience.collaboration_open
    assert experience.example
    assert experience.situation == (
        "Tunnorna tömdes varje vecka.\n\n### Mer om läget\n\nÄven när de var tomma."
    )
    assert experience.lessons_well == "Personalen var med från början."
    assert experience.advice == "- Börja med tio tunnor."


def test_text_without_front_matter() -> None:
    """Any Markdown text becomes a record, and every assumption is a warning."""
    text = (
        "# Vad **vi** [lärde](x)\n\nContributor: Någon Person som skrev allt detta åt oss alla\n\n"
    )
    paragraph = "Första stycket med `kod` och\nen rad till som gör det långt nog att duga här."
    result = read_markdown(f"{text}{paragraph}\n\n## Slut\n\nTack.", "anteckning.md")
    experience = experience_of(result)

    assert experience.title == "Vad vi lärde"
    assert experience.summary.startswith("Första stycket med kod och en rad till")
    assert experience.situation is not None
    assert experience.situation.endswith("Tack.")
    assert experience.licence == "NOASSERTION"
    assert {"type", "area", "status", "contact", "licence"} <= {
        warning.split()[0] for warning in result.warnings
    }


def test_title_from_the_file_name() -> None:
    """A heading further down is no title; the file's name is used, and said so."""
    result = read_markdown("Text.\n\n# Någon Person\n\nMer.", "Så-gjorde_vi.md")

    assert experience_of(result).title == "Så gjorde vi"
    assert "there is no title; the file's name was used" in result.warnings


def test_long_text_is_cut() -> None:
    """Text beyond a limit is cut at a line, with a warning that gives both lengths."""
    text = "# Lång\n\n" + "\n\n".join(f"Stycke {number} " + "x" * 90 for number in range(200))
    result = read_markdown(text, "lång.md")
    situation = experience_of(result).situation

    assert situation is not None
    assert 9_000 < len(situation) <= 10_000
    assert any(warning.startswith("situation was cut from") for warning in result.warnings)


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("---\ntitel: x\n", 1, "no closing"),
        ("---\ntitel: x\n  fel: [\n---\n", 3, "broken YAML"),
        ("---\ntitel: a\ntitel: b\n---\n", 3, "given twice"),
        ("---\ntitel: a\ntitle: b\n---\n", 3, "given twice"),
        ("---\na: &x [1]\nb: *x\n---\n", 3, "aliases"),
        ("---\ntitel: x\nstatus: klar\n---\n", 3, "status"),
        ("---\nstatus: ide\nområde: Skola\n---\n", 3, "area"),
        ("---\nlänkar:\n  - javascript:x\n---\n", 2, "links"),
        ("---\n- bara\n- en lista\n---\n", 2, "not a list of fields"),
        ("---\na: " + "[" * 2_000 + "\n---\n", 2, "nested"),
        ("---\ntitel: x\n---\n## Läget\na\n## Läget\nb\n", 6, "second part"),
        ("---\nsituation: x\n---\n## Läget\na\n", 1, "both"),
        ("---\ntitel: a\x00b\n---\n", 2, "broken YAML"),
    ],
)
def test_broken_markdown(text: str, line: int, reason: str) -> None:
    """A file that cannot be read says on which line, and why."""
    result = read_markdown(text, "fel.md")

    assert result.experience is None
    assert result.error is not None
    assert result.error.line == line
    assert reason in result.error.reason


def test_unknown_words_are_left_out() -> None:
    """A word that is no field is a warning, not an error, and its value is not repeated."""
    result = read_markdown("---\ntitel: x\nförfattare: Anna Andersson\n---\nText", "x.md")

    assert experience_of(result).title == "x"
    assert "författare is not a field of a record and was left out" in result.warnings
    assert "Anna" not in repr(result)


def test_persons_are_left_out_of_imports() -> None:
    """An import drops what may be a person's address; publishing an own file keeps it."""
    text = (
        "---\ntitel: x\nkontakt: {roll: IT, e-post: anna.b@exempel.se, telefon: 070-1}\n---\n"
        "Fråga bo.c@exempel.se eller it@exempel.se."
    )
    imported = read_markdown(text, "x.md")
    own = read_markdown(text, "x.md", keep_personal=True)

    assert "anna.b" not in repr(imported)
    assert "bo.c" not in repr(imported)
    assert "it@exempel.se" in repr(imported)
    assert experience_of(imported).contact.phone is None
    assert any("may be a person's" in warning for warning in imported.warnings)
    assert experience_of(own).contact.email == "anna.b@exempel.se"


@pytest.mark.parametrize(
    ("email", "is_role"),
    [
        ("kontakt@exempel.se", True),
        ("it-support@exempel.se", True),
        ("hjo.kommun@hjo.se", True),
        ("skovde@skovde.se", True),
        ("anna.andersson@exempel.se", False),
        ("anna@exempel.se", False),
        ("a.it@exempel.se", False),
        ("@exempel.se", False),
        ("kontakt@", False),
    ],
)
def test_role_mailboxes(email: str, is_role: bool) -> None:
    """Only addresses made of role words or the organisation's own name count as roles."""
    assert is_role_mailbox(email) is is_role


def test_publiccode() -> None:
    """A publiccode.yml becomes a solution in use, in Swedish when there is Swedish."""
    result = read_publiccode(PUBLICCODE, "publiccode.yml")
    experience = experience_of(result)

    assert result.source_key == "publiccode:https://exempel.se/kod/program"
    assert (experience.type, experience.status, experience.language) == ("losning", "pilot", "sv")
    assert experience.summary == "Ett program för kartor"
    assert experience.results == (
        "Funktioner:\n\n- Kartor\n- Lager\n\nSenaste versionen släpptes 2024-02-01\n\n"
        "Används av:\n\n- Hjo kommun\n- Tidaholms kommun"
    )
    assert experience.situation is not None
    assert experience.situation.endswith("- en: A programme\n- it: Un programma")
    assert experience.licence == "EUPL-1.2"
    assert experience.products[0].supplier == "Exempelstaden"
    assert experience.contact.email == "info@exempel.se"
    assert "anna" not in repr(result).lower()
    assert "0700000000" not in repr(result)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        (("developmentStatus: beta", "developmentStatus: okänd"), "drift"),
        (("releaseDate: 2024-02-01", "releaseDate: i våras"), None),
        (("url: https://exempel.se/kod/program.git", "url: inte en adress"), None),
        (("  sv:\n", "  svenska språket:\n"), "en"),
        (("legal: {license: EUPL-1.2, repoOwner: Anna Andersson}", "legal: x"), "NOASSERTION"),
        (("name: Exempelprogram\n", ""), "program.git"),
        (("maintenance:\n  type: internal", "maintenance:\n  typ: [1]"), None),
    ],
)
def test_publiccode_with_faults(change: tuple[str, str], kept: str | None) -> None:
    """A wrong value costs that value and gives a warning; the rest is imported."""
    result = read_publiccode(PUBLICCODE.replace(*change), "publiccode.yml")

    assert kept is None or kept in repr(experience_of(result))
    assert result.warnings


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("", 1, "not a publiccode.yml"),
        ("[1, 2]", 1, "not a publiccode.yml"),
        ("other: 1", 1, "not a publiccode.yml"),
        ("name: a\nurl: [\n", 2, "broken YAML"),
        ("name: a\n\tb: c\n", 2, "broken YAML"),
        ("name: a\nname: b\n", 2, "given twice"),
        ("name: a\nx: !!python/object/apply:os.system [ls]\n", 2, "broken YAML"),
        ("name: 'vänd \u202e'\n", 1, "title"),
        ("a: 1\n---\nb: 2\n", 2, "broken YAML"),
    ],
)
def test_broken_publiccode(text: str, line: int, reason: str) -> None:
    """A broken file says on which line, and why."""
    result = read_publiccode(text, "publiccode.yml")

    assert result.experience is None
    assert result.error is not None
    assert (result.error.line, reason in result.error.reason) == (line, True), result.error


@settings(deadline=None)
@given(st.text(st.characters(codec="utf-8"), max_size=300))
def test_any_text(text: str) -> None:
    """No text makes a reader raise: there is a record or a reason."""
    for result in (
        read_markdown(text, "x.md"),
        read_markdown(f"---\n{text}\n---\n", "x.md"),
        read_publiccode(text, "x.yml"),
    ):
        assert (result.experience is None) != (result.error is None)


LINES = st.text(READABLE, min_size=1, max_size=60) | st.sampled_from(
    ["## Läget", "## resultat ##", "# Titel", "---", "", "- punkt", "nej", "2024-01-01", "    kod"]
)
TEXTS = st.lists(LINES, min_size=1, max_size=6).map("\n".join).filter(lambda text: text.strip())
ONE_LINE = LINES.filter(lambda text: text.strip())


@st.composite
def experiences(draw: st.DrawFn) -> Experience:
    """Experiences with hard texts in every text field and some of the rest."""
    changes: dict[str, object] = {field: draw(st.none() | TEXTS) for field in HEADINGS}
    changes |= {
        "title": draw(ONE_LINE),
        "summary": draw(ONE_LINE),
        "contact": {"role": draw(ONE_LINE), "email": "anna.b@exempel.se"},
        "tags": tuple(draw(st.lists(ONE_LINE, max_size=3))),
        "cost": draw(st.none() | st.just({"one_off_sek": 5, "note": "nej"})),
        "timeline": draw(st.none() | st.just({"started": "2020", "live": "2020-05-01"})),
        "products": draw(st.just(()) | st.just(({"name": "1"}, {"name": "true"}))),
        "legal": draw(st.none() | st.just({"personal_data": False})),
        "replaces": draw(st.none() | st.just("12" * 32)),
        "example": draw(st.booleans()),
        "source": draw(st.none() | st.just({"name": "null", "licence": "~"})),
    }
    return an_experience(**changes)


@settings(deadline=None)
@given(experiences())
def test_markdown_round_trip(experience: Experience) -> None:
    """A record written as Markdown and read again is the same record."""
    written = experience_to_markdown(experience)
    result = read_markdown(written, "x.md", keep_personal=True)

    assert experience_of(result) == experience
    assert result.warnings == ()


def test_files_of_a_folder(tmp_path: Path) -> None:
    """A folder gives its files of the right ending; each broken one is a result of its own."""
    (tmp_path / "a.yml").write_text(PUBLICCODE, encoding="utf-8")
    (tmp_path / "b.YAML").write_bytes(b"name: a\nx: \xff\n")
    (tmp_path / "manifest.json").write_text("{}", encoding="utf-8")
    results = list(read_files("publiccode", [tmp_path, tmp_path / "saknas.yml"]))

    assert [result.file_name for result in results] == ["a.yml", "b.YAML", "saknas.yml"]
    assert experience_of(results[0]).title == "Exempelprogram"
    assert results[1].error is not None
    assert results[1].error.line == 2
    assert results[2].error is not None


def test_an_empty_folder_is_said(tmp_path: Path) -> None:
    """A folder without files to import is a reason, not silence."""
    (result,) = read_files("markdown", [tmp_path])

    assert result.error is not None
    assert "no .md, .markdown file" in result.error.reason


def test_windows_files(tmp_path: Path) -> None:
    """A byte order mark and Windows line ends make no difference."""
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf" + SWEDISH_FILE.replace("\n", "\r\n").encode())
    (result,) = read_files("markdown", [tmp_path / "a.md"])

    assert experience_of(result) == experience_of(read_markdown(SWEDISH_FILE, "a.md"))
