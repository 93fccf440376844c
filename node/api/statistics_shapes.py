"""What the network shares, asks and uses, in numbers, as a document."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from node.api.shapes import Count, MunicipalityRef, Shape
from node.municipal import taxonomy
from node.web.statistics_view import Figures, area_rows, month_rows, place_rows, total_figures
from storage.reuse_queries import AreaReuse
from storage.statistics import Statistics


class Counted(Shape):
    """Records of one kind; each number is the total of a list with the same choices."""

    records: Count
    questions: Annotated[Count, Field(description="Records of the type fraga.")]
    waiting: Annotated[Count, Field(description="Questions listed by answers=vantar.")]
    unanswered: Annotated[Count, Field(description="Questions listed by answers=saknas.")]


class Reused(Shape):
    """How much others use; counted anew at most once a minute."""

    records: Annotated[Count, Field(description="Records that others use or were helped by.")]
    uses: Annotated[Count, Field(description="How often a municipality says that it uses one.")]
    helped: Annotated[Count, Field(description="How often one was of help.")]

    @classmethod
    def of(cls, reuse: AreaReuse) -> Reused:
        """Numbers from storage."""
        return cls(records=reuse.records, uses=reuse.uses, helped=reuse.helped)


class AreaStatistics(Counted):
    """An area or subarea."""

    code: str
    label: Annotated[str, Field(description="Its words in Swedish.")]
    reused: Reused


class MunicipalityStatistics(Counted):
    """A municipality with a log here."""

    municipality: MunicipalityRef


class PeriodStatistics(Shape):
    """A year or a month by the Swedish calendar, as the parameter `year` takes it."""

    period: str
    records: Count


class StatisticsDocument(Counted):
    """All of it, for whoever asks: without a token what is public."""

    reused: Reused
    types: Annotated[dict[str, int], Field(description="How many records of each type.")]
    statuses: Annotated[dict[str, int], Field(description="How many of each status.")]
    areas: Annotated[
        tuple[AreaStatistics, ...], Field(description="All areas, each before its subareas.")
    ]
    municipalities: Annotated[
        tuple[MunicipalityStatistics, ...], Field(description="Those first that share most.")
    ]
    years: Annotated[tuple[PeriodStatistics, ...], Field(description="The newest first.")]
    months: Annotated[
        tuple[PeriodStatistics, ...],
        Field(description="The newest first, from the first to the last with a record."),
    ]

    @classmethod
    def of(cls, found: Statistics) -> StatisticsDocument:
        """Statistics from storage."""
        return cls.model_validate(
            _counted(total_figures(found))
            | {
                "reused": Reused.of(found.reuse.total),
                "types": dict(found.shared.types),
                "statuses": dict(found.shared.statuses),
                "areas": _areas(found),
                "municipalities": _municipalities(found),
                "years": _periods(found.years.items()),
                "months": _periods(month_rows(found)),
            }
        )


def _counted(figures: Figures) -> dict[str, object]:
    return {
        "records": figures.shared,
        "questions": figures.asked,
        "waiting": figures.waiting,
        "unanswered": figures.unanswered,
    }


def _areas(found: Statistics) -> list[dict[str, object]]:
    return [
        _counted(row.figures)
        | {
            "code": row.code,
            "label": taxonomy.label(row.code),
            "reused": Reused.of(row.reuse),
        }
        for row in area_rows(found)
    ]


def _municipalities(found: Statistics) -> list[dict[str, object]]:
    return [
        _counted(row.figures) | {"municipality": MunicipalityRef(code=row.code, name=row.name)}
        for row in place_rows(found)
    ]


def _periods(counts: Iterable[tuple[str, int]]) -> list[PeriodStatistics]:
    return [PeriodStatistics(period=period, records=records) for period, records in counts]
