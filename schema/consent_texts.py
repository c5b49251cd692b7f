"""The text by which a patient consents to telemedicine, and that he did."""

from datetime import datetime
from typing import Self

import strawberry

from domain import appointments, consent_texts


@strawberry.type(description="What a patient accepts who is to be seen by telemedicine.")
class ConsentText:
    version: str = strawberry.field(description="Give it back as consentVersion.")
    language: str = strawberry.field(description="Of the text; give it back as consentLanguage.")
    text: str = strawberry.field(description="In paragraphs, with an empty line between them.")
    sha256: str = strawberry.field(description="Of the text in UTF-8, in hexadecimal digits.")

    @classmethod
    def of(cls, found: consent_texts.ConsentText) -> Self:
        return cls(
            version=found.version,
            language=found.language,
            text=found.text,
            sha256=found.sha256,
        )


@strawberry.type(
    description=(
        "That the patient has consented to telemedicine, and to which words. All but `at` is null"
        " for what was requested before texts were kept."
    )
)
class AppointmentConsent:
    at: datetime = strawberry.field(description="When.")
    version: str | None = strawberry.field(description="Of the text that was in force then.")
    language: str | None = strawberry.field(description="In which he read it.")
    sha256: str | None = strawberry.field(description="Of that text, as it was kept then.")
    text: str | None = strawberry.field(description="That text.")

    @classmethod
    def of(cls, appointment: appointments.Appointment) -> Self:
        sha256 = appointment.consent_sha256
        accepted = None if sha256 is None else consent_texts.with_hash(sha256)
        return cls(
            at=appointment.consented_at,
            version=appointment.consent_version,
            language=appointment.consent_language,
            sha256=sha256,
            text=accepted.text if accepted else None,
        )
