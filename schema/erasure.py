"""What is left when a patient has erased his account."""

from datetime import date
from typing import Self

import strawberry

from domain import erasure
from domain.erasure import Kept, Removed
from schema.problems import Problem, problems

strawberry.enum(
    Removed,
    name="ErasedData",
    description="What was removed for good, or called off. SESSIONS: where they came from, too.",
)
strawberry.enum(
    Kept,
    name="RetainedKind",
    description="What is kept. IDENTITY: name, CPF and date of birth, by which the record is his.",
)


@strawberry.type(description="Something that is kept, as the law wants.")
class RetainedData:
    what: Kept = strawberry.field(description="What it is.")
    reason: str = strawberry.field(description="Why, with the law.")
    until: date | None = strawberry.field(
        description="The first day on which it may go; null for what names nobody."
    )

    @classmethod
    def of(cls, remains: erasure.Remains) -> Self:
        return cls(what=remains.what, reason=remains.reason, until=remains.until)


@strawberry.type(description="What was removed and what is kept, why, and until when.")
class ErasureReport:
    removed: list[Removed] = strawberry.field(description="All that there was of it.")
    kept: list[RetainedData] = strawberry.field(description="All that there is of it.")

    @classmethod
    def of(cls, report: erasure.Report) -> Self:
        return cls(
            removed=list(report.removed), kept=[RetainedData.of(each) for each in report.kept]
        )


@strawberry.input(description="Who leaves, for good.")
class EraseAccountInput:
    password: str = strawberry.field(description="The password, once more.")
    otp: str | None = strawberry.field(
        default=None, description="A one-time code, for accounts with a second factor."
    )


@strawberry.type(description="What came of eraseAccount.")
class EraseAccountPayload:
    report: ErasureReport | None = strawberry.field(default=None, description="Null when refused.")
    problems: list[Problem] = problems()
