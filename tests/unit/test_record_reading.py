"""What a record's page is made of, without a node: differences, threads, whether a text is old."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from random import Random
from typing import Any

import pytest

import node.web.differences
from content_factories import an_experience
from node.web.completeness import HINTS_SHOWN, hints
from node.web.differences import COMPARISONS_MAX, FieldDifference, Part, Piece, differences
from node.web.form_fields import SECTIONS
from node.web.form_reading import form_names
from node.web.record_fields import FIELDS
from node.web.render import OTHER_PAGES, record_url
from node.web.routes import RECORD, ROUTES
from node.web.staleness import stale_words
from node.web.threads import COMMENTS_SHOWN, comment_page, make_threads
from protocol.content import Experience
from storage.record_views import CommentRow, RecordRow

DAY_MS = 86_400_000
NOT_SHOWN = {"schema_version", "checked", "replaces"}
CHANGES: dict[str, object] = {
    "type": "losning",
    "title": "Exempel: annan rubrik",
    "summary": "Annan sammanfattning.",
    "area": "skola",
    "status": "drift",
    "contact": {"role": "Växeln"},
    "cost": {"one_off_sek": 10, "one_off_max_sek": 20, "yearly_sek": 5, "own_hours": 3},
    "timeline": {"started": "2024", "live": "2025-01", "ended": "2026-01-02"},
    "products": ({"name": "Exempel", "supplier": "Bolaget", "call_off_until": "2027-01-01"},),
    "legal": {"personal_data": True, "dpia_done": False, "procurement": "Avrop", "note": "Not"},
    "attachments": (
        {
            "sha256": "ab" * 32,
            "name": "plan.pdf",
            "media_type": "application/pdf",
            "size_bytes": 5,
            "description": "Planen",
        },
    ),
    "links": ({"url": "https://exempel.se", "title": "Exempel"},),
    "licence": "CC-BY-4.0",
    "related": ("cd" * 32,),
    "valid_until": "2027-01-01",
    "review_date": "2027-01-01",
    "tags": ("larm",),
    "language": "en",
    "collaboration_open": True,
    "visibility": "federation",
    "source": {"name": "SKR", "url": "https://exempel.se"},
    "example": True,
}


@pytest.mark.parametrize("name", sorted(Experience.model_fields.keys() - NOT_SHOWN))
def test_every_field_is_compared(name: str) -> None:
    """A change in any field that a reader meets is told; a note has a name of its own."""
    changed = an_experience(**{name: CHANGES.get(name, "Ny text.")})

    names = [one.name for one in differences(an_experience(), changed)]
    assert FIELDS.keys() >= set(names)
    assert len(names) == {"legal": 3, "products": 2}.get(name, 1)


def pieces(found: list[FieldDifference]) -> list[tuple[str, str]]:
    """All pieces of the one field that differs."""
    (one,) = found
    return [(piece.part.value, piece.text) for paragraph in one.paragraphs for piece in paragraph]


def test_words_that_changed() -> None:
    """Within a paragraph only the words that differ are marked."""
    before = an_experience(results="Vi bytte 240 larm på åtta månader.")
    after = an_experience(results="Vi bytte 310 larm på åtta korta månader.")

    assert pieces(differences(before, after)) == [
        ("same", "Vi bytte"),
        ("removed", "240"),
        ("added", "310"),
        ("same", "larm på åtta"),
        ("added", "korta"),
        ("same", "månader."),
    ]


def test_paragraphs_that_did_not_change_are_left_out() -> None:
    """Of a long text one sees what changed, and how much stands as it was."""
    before = an_experience(actions="\n\n".join("abcdef") + "\n\nsist")
    after = an_experience(actions="\n\n".join("abcdef") + "\n\nallra sist")

    assert pieces(differences(before, after)) == [
        ("same", "a"),
        ("left_out", "4"),
        ("same", "f"),
        ("added", "allra"),
        ("same", "sist"),
    ]


def test_a_paragraph_written_anew_is_no_mosaic() -> None:
    """Two paragraphs with little in common stand one after the other."""
    before = an_experience(advice="Mät täckningen först.")
    after = an_experience(advice="Ta med larmmottagningen redan från början, gärna med rutin.")
    (one,) = differences(before, after)

    assert [len(paragraph) for paragraph in one.paragraphs] == [1, 1]
    assert [paragraph[0].part for paragraph in one.paragraphs] == [Part.REMOVED, Part.ADDED]


def test_new_and_removed_texts() -> None:
    """A field that was empty, or is now, says so."""
    empty, full = an_experience(), an_experience(advice="Mät först.")
    ((new,), (gone,)) = differences(empty, full), differences(full, empty)

    assert (new.is_new, new.is_gone, gone.is_new, gone.is_gone) == (True, False, False, True)
    assert new.paragraphs == ((Piece(Part.ADDED, "Mät först."),),)


def test_spaces_are_no_change() -> None:
    """What reads the same is the same."""
    spaced = an_experience(advice="Mät  först.\n\n\nSedan  byt.")

    assert differences(an_experience(advice="Mät först.\n\nSedan byt."), spaced) == []


@pytest.mark.parametrize("kinds", [2, 4, 25])
@pytest.mark.parametrize("words_per_line", [40, 400, 4_000])
def test_hostile_texts_cost_a_bounded_number_of_comparisons(
    kinds: int, words_per_line: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Texts made to be hard to compare, as long as they may be, do not hold a page up."""
    pairs: list[int] = []

    class Counting(SequenceMatcher[str]):
        def __init__(
            self, junk: None, old: Sequence[str], new: Sequence[str], autojunk: bool
        ) -> None:
            pairs.append(len(old) * len(new))
            super().__init__(junk, old, new, autojunk)

    monkeypatch.setattr(node.web.differences, "SequenceMatcher", Counting)
    random = Random(7)
    names = "situation actions results lessons_well lessons_change advice preconditions".split()

    def text() -> str:
        words = [chr(97 + random.randrange(kinds)) for _ in range(4_000)]
        starts = range(0, len(words), words_per_line)
        return "\n".join(" ".join(words[start : start + words_per_line]) for start in starts)

    before = an_experience(**{name: text() for name in names})
    after = an_experience(**{name: text() for name in names})
    found = differences(before, after)

    assert len(found) == len(names)
    assert 0 < sum(pairs) <= COMPARISONS_MAX


def a_comment(number: int, **changes: object) -> CommentRow:
    """A comment of Hjo's; keyword arguments replace fields."""
    fields: dict[str, Any] = {
        "entry_id": bytes([number]) * 32,
        "log": b"h" * 32,
        "code": "1497",
        "municipality": "Hjo kommun",
        "sequence": number,
        "shown_ms": number,
        "kind": "comment",
        "has_text": True,
        "answer_to": None,
        "accepts": None,
        "accepted": False,
        "withdrawn": None,
    }
    return CommentRow(**(fields | changes))


RECORD_ROW = RecordRow(
    record_id=b"r" * 32, log=b"t" * 32, code="1498", municipality="Tidaholms kommun",
    type="erfarenhet", title="Exempel", summary="Exempel", language="sv", area="skola",
    status="drift", visibility="public", published_ms=0, changed_ms=0, version_count=1,
    valid_until=None, collaboration_open=False, example=True, uses=0, interests=0, helped=0,
    comments=0,
)  # fmt: skip


def test_comments_come_a_page_at_a_time() -> None:
    """All comments are on some page once, and a thread that goes on is told about again."""
    first = a_comment(1, kind="question")
    answers = [
        a_comment(number, kind="answer", answer_to=first.entry_id)
        for number in range(2, COMMENTS_SHOWN + 6)
    ]
    threads = make_threads(RECORD_ROW, [first, *answers, a_comment(99)], b"t" * 32)
    one, two = comment_page(threads, 1), comment_page(threads, 2)

    assert (one.pages, one.total, comment_page(threads, 9).page) == (2, COMMENTS_SHOWN + 6, 2)
    assert [len(thread.answers) for thread in one.threads] == [COMMENTS_SHOWN - 1]
    assert [len(thread.answers) for thread in two.threads] == [6 - 1, 0]
    assert two.threads[0].row == first
    assert comment_page(threads, 1, answers[-1].entry_id).page == 2


@pytest.mark.parametrize(
    ("valid_until", "review_date", "changed_days_ago", "words"),
    [
        (None, None, 10, ""),
        ("2026-11-24", None, 10, ""),
        ("2026-11-23", None, 10, "gäller till 23 november 2026"),
        (None, "2026-05-01", 10, "se över texten senast 1 maj 2026"),
        (None, None, 3 * 365 + 10, "har inte ändrats på mer än 3 år"),
        ("2027-01-01", None, 10, ""),
    ],
)
def test_when_a_text_may_be_out_of_date(
    valid_until: str | None, review_date: str | None, changed_days_ago: int, words: str
) -> None:
    """A date the sender gave, or years without a change, mark a text; the mark says why."""
    now_ms = 1_795_478_400_000  # 24 november 2026
    said = stale_words(
        now_ms - changed_days_ago * DAY_MS,
        "2026-11-24",
        valid_until=valid_until,
        review_date=review_date,
    )

    assert (words in said) if words else (said == "")


def test_a_title_never_leads_to_another_page() -> None:
    """A record whose title is the name of one of its pages keeps to its id."""
    others = {
        route.path.removeprefix(f"{RECORD}/")
        for route in ROUTES
        if route.method == "GET" and route.path.startswith(f"{RECORD}/")
    }
    single = {path for path in others if path.isalpha()}

    assert single == OTHER_PAGES
    assert record_url(b"r" * 32, "Ändra!") == f"/erfarenheter/{(b'r' * 32).hex()}"


FULL = {
    "results": "240 larm på åtta månader.",
    "lessons_change": "Mät först.",
    "cost": {"own_hours": 300},
    "advice": "Mät i varje hem.",
    "preconditions": "En person på halvtid.",
    "timeline": {"started": "2025"},
}


def test_hints_say_what_is_missing_and_where_to_write_it() -> None:
    """A short text gets a few hints, each to a field of the form; a full one gets none."""
    fields = set(form_names_of_all())
    short = hints(an_experience())

    assert len(short) == HINTS_SHOWN
    assert {hint.field for hint in short} <= fields
    assert hints(an_experience(**FULL)) == []
    for name in FULL:
        without = {key: value for key, value in FULL.items() if key != name}
        (hint,) = hints(an_experience(**without))
        assert hint.field in fields
    for change in ({"type": "losning"}, {"contact": {"role": "IT"}}, {"results": "Bra."}):
        (hint,) = hints(an_experience(**{**FULL, "summary": "Ja.", **change}))
        assert hint.field in fields


def test_a_question_is_asked_for_other_things() -> None:
    """Nobody who asks is told to write what it cost."""
    assert {hint.field for hint in hints(an_experience(type="fraga"))} == {"situation", "actions"}


def form_names_of_all() -> list[str]:
    """Names of every field of the form."""
    return [
        name
        for section in SECTIONS
        for item in section.fields
        for name in form_names(section, item)
    ]
