"""What a municipality says about how accessible its pages are: settings of the statement.

The law on accessible digital public service (2018:1937) asks for a statement that names the actor,
how far the law is met, each shortcoming with its reason, and how and when that was found out. All
of it is the municipality's to say, so nothing here has a default that claims anything.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

LINE_CHARS_MAX = 200
TEXT_CHARS_MAX = 2_000

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=LINE_CHARS_MAX)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=TEXT_CHARS_MAX)]


class Shortcoming(BaseModel):
    """One thing that some readers cannot use, and why."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    what: Annotated[Text, Field(min_length=1)] = Field(description="What cannot be used, by whom.")
    reason: Text = Field("", description="Why, and when it will be mended.")
    ground: Literal["fault", "burden", "outside"] = Field(
        "fault",
        description="fault: the law is not met. burden: § 12. outside: § 9, the law leaves it out.",
    )


class Accessibility(BaseModel):
    """The accessibility statement of one node."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)

    actor: Line = Field("", description="Who answers for the pages; else the municipality.")
    service: Line = Field("", description="What the service is called; else Tidan.")
    compliance: Literal["", "full", "partial", "none"] = Field(
        "", description="How far the law is met; empty until somebody has assessed it."
    )
    assessed: date | None = Field(None, description="The day of the newest assessment.")
    updated: date | None = Field(None, description="The day the statement was last changed.")
    method: Text = Field("", description="How it was assessed, by whom, with what.")
    contact: Line = Field("", description="Who to write to: a role, never a person's name.")
    email: Annotated[Line, Field(pattern=r"^([^@\s]+@[^@\s]+\.[^@\s]+)?$")] = Field(
        "", description="The mailbox for what readers find."
    )
    phone: Line = Field("", description="A telephone number, for who cannot write.")
    shortcomings: tuple[Shortcoming, ...] = Field(
        (), max_length=50, description="What is not accessible, one table each."
    )

    @model_validator(mode="after")
    def _says_one_thing(self) -> Accessibility:
        faults = [one for one in self.shortcomings if one.ground == "fault"]
        if self.compliance == "full" and faults:
            raise ValueError(
                'compliance is "full", but shortcomings are listed that break the law; '
                'say "partial", or give each its ground ("burden" or "outside")'
            )
        if self.compliance in ("partial", "none") and not self.shortcomings:
            raise ValueError(f'compliance is "{self.compliance}": list the shortcomings as well')
        if self.compliance and self.assessed is None:
            raise ValueError("compliance needs `assessed`, the day it was found out")
        return self
