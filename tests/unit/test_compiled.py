"""Templates are compiled once for all environments that share what was compiled."""

from __future__ import annotations

from typing import Any

from jinja2 import DictLoader, Environment

from node.web.compiled import CompiledTemplates


class Counting(Environment):
    """An environment that counts what it compiles."""

    compiled = 0

    def compile(self, *given: Any, **named: Any) -> Any:
        """Compile as ever."""
        self.compiled += 1
        return super().compile(*given, **named)


def test_the_second_environment_compiles_nothing() -> None:
    """What one environment compiled another shows with its own filters and globals."""
    kept, texts = CompiledTemplates(), DictLoader({"page": "{{ name|shown }}"})
    first, second = (Counting(loader=texts, bytecode_cache=kept, autoescape=True) for _ in "12")
    first.filters["shown"], second.filters["shown"] = str.upper, str.title

    pages = [one.get_template("page").render(name="hjo kommun") for one in (first, second)]

    assert pages == ["HJO KOMMUN", "Hjo Kommun"]
    assert (first.compiled, second.compiled) == (1, 0)


def test_a_changed_template_is_compiled_anew() -> None:
    """Whoever edits a template sees the edit at the next start of a node."""
    kept = CompiledTemplates()
    texts = [DictLoader({"page": text}) for text in ("before", "after")]

    pages = [
        Environment(loader=text, bytecode_cache=kept, autoescape=True).get_template("page").render()
        for text in texts
    ]

    assert pages == ["before", "after"]
