"""The text that a patient accepts before he requests an appointment."""

from typing import Annotated

import strawberry

from domain import consent_texts
from domain.auth import Scope, as_reader
from schema.consent_texts import ConsentText
from schema.context import Info


@strawberry.type
class Query:
    @strawberry.field(
        description=(
            "The consent to telemedicine that is in force: show it before requestAppointment."
        )
    )
    def consent_text(
        self,
        info: Info,
        language: Annotated[
            str | None, strawberry.argument(description="`pt-BR`, or `en`.")
        ] = consent_texts.PORTUGUESE,
    ) -> ConsentText | None:
        as_reader(info.context.caller, Scope.DOCTORS)
        return ConsentText.of(consent_texts.in_force(language or consent_texts.PORTUGUESE))
