"""What an index is told of an entry is what a strict reading of it says."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_factories import READABLE, an_experience
from node.demo.samples import all_samples
from protocol import strict_json
from protocol.content import Experience
from protocol.content.reading import read_content
from storage.search.reread import Reread
from storage.search.said import said_by

JUDGED = Path(__file__).resolve().parents[1] / "judged" / "records"
LINES = st.text(READABLE, min_size=1, max_size=40).map(str.strip).filter(bool)
TEXTS = st.none() | LINES
PADDING = st.sampled_from(["", " ", "\n", "\r\n\t", "\u2028"])
SOME_ID = "a" * 64


def contents() -> Iterator[bytes]:
    """Records of the demo and of the judged set, as their entries hold them."""
    for sample in all_samples():
        if sample.kind == "experience":
            yield strict_json.dumps(sample.resolved(dict.fromkeys(sample.needs, SOME_ID)))
    for path in sorted(JUDGED.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            fields = json.loads(line)
            known = {name: one for name, one in fields.items() if name in Experience.model_fields}
            yield strict_json.dumps(known | {"schema": 1, "contact": {"role": "IT"}})


def test_real_records_say_the_same() -> None:
    """Every record of the demo and of the judged set."""
    made = list(contents())
    for content in made:
        strictly = read_content("experience", content)
        assert isinstance(strictly, Experience)
        assert said_by(Reread.model_validate_json(content)) == said_by(strictly)
    assert len(made) > 400


@given(
    st.fixed_dictionaries(
        {
            "title": LINES,
            "situation": TEXTS,
            "lessons_change": TEXTS,
            "tags": st.lists(LINES.filter(lambda tag: len(tag) <= 20), max_size=3),
            "language": st.sampled_from(["sv", "en", "fi"]),
            "visibility": st.sampled_from(["public", "federation"]),
            "collaboration_open": st.booleans(),
            "products": st.lists(
                st.fixed_dictionaries({"name": LINES, "supplier": TEXTS}), max_size=3
            ),
            "source": st.none() | st.fixed_dictionaries({"name": LINES}),
        }
    ),
    PADDING,
)
def test_any_record_says_the_same(changes: dict[str, object], padding: str) -> None:
    """Also with blanks and line ends around its texts, which a strict reading takes away."""
    fields = json.loads(strict_json.dumps(an_experience(**changes)))
    fields["summary"] = f"{padding}{fields['summary']}{padding}"
    content = json.dumps(fields).encode()
    strictly = read_content("experience", content)

    assert isinstance(strictly, Experience)
    assert said_by(Reread.model_validate_json(content)) == said_by(strictly)


@pytest.mark.parametrize("content", [b"{}", b"[]", b"\xff", b'{"title":1}', b""])
def test_what_is_no_record_is_not_read(content: bytes) -> None:
    """It raises what whoever reads expects."""
    with pytest.raises(ValueError, match="Reread"):
        Reread.model_validate_json(content)
