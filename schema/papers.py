"""Papers: certificates and prescriptions, as the doctor who issues them says what is in them."""

from datetime import date

import strawberry

from domain import papers
from domain.idempotency import read_key
from domain.papers import Certificate, PrescribedDrug, Prescription, Wanted
from schema import ids
from schema.scalars import given


@strawberry.input(description="A certificate (atestado) that is to be issued.")
class IssueCertificateInput:
    appointment_id: strawberry.ID = strawberry.field(
        description="One's own, IN_PROGRESS, or COMPLETED at most 7 days ago."
    )
    text: str = strawberry.field(description="What is certified; at most 4000 characters.")
    starts_on: date = strawberry.field(description="The first day of leave, or the one meant.")
    days: int | None = strawberry.field(
        default=None, description="Of leave, 1 to 365, the first one among them; null for none."
    )
    cid: str | None = strawberry.field(
        default=None, description="A diagnosis, J11.1 say; only if the patient wants it there."
    )
    cid_consent: bool | None = strawberry.field(
        default=None, description="Whether the patient has said so; needed with a CID."
    )
    work_address: str = strawberry.field(description="The doctor's; it is printed.")
    work_contact: str = strawberry.field(
        description="A telephone or an e-mail address of the doctor's work; it is printed."
    )
    idempotency_key: str = strawberry.field(
        description="A UUID made for this paper; the same again gives the same paper again."
    )

    def read(self) -> Wanted:
        """Raises NotFound, Invalid or ConsentRequired."""
        certificate = Certificate(
            text=papers.plain(self.text),
            starts_on=self.starts_on,
            days=self.days,
            cid=papers.read_cid(self.cid, consent=bool(self.cid_consent)),
        )
        return _wanted(self, certificate)


@strawberry.input(description="A drug in a prescription, in the doctor's words.")
class PrescribedDrugInput:
    drug: str = strawberry.field(description="Its name; at most 200 characters.")
    dose: str = strawberry.field(description="Strength and form; at most 200 characters.")
    posology: str = strawberry.field(description="How to use it; at most 200 characters.")
    quantity: str = strawberry.field(description="How much of it; at most 200 characters.")


@strawberry.input(description="A prescription (receita) that is to be issued.")
class IssuePrescriptionInput:
    appointment_id: strawberry.ID = strawberry.field(
        description="One's own, IN_PROGRESS, or COMPLETED at most 7 days ago."
    )
    items: list[PrescribedDrugInput] = strawberry.field(description="1 to 20.")
    text: str | None = strawberry.field(
        default=None, description="What there is to say besides; at most 4000 characters."
    )
    work_address: str = strawberry.field(description="The doctor's; it is printed.")
    work_contact: str = strawberry.field(
        description="A telephone or an e-mail address of the doctor's work; it is printed."
    )
    idempotency_key: str = strawberry.field(
        description="A UUID made for this paper; the same again gives the same paper again."
    )

    def read(self) -> Wanted:
        """Raises NotFound or Invalid."""
        items = [
            PrescribedDrug(
                drug=papers.plain(item.drug),
                dose=papers.plain(item.dose),
                posology=papers.plain(item.posology),
                quantity=papers.plain(item.quantity),
            )
            for item in self.items
        ]
        text = papers.plain(self.text) or None if given(self.text) else None
        return _wanted(self, Prescription(items=tuple(items), text=text))


@strawberry.input(description="Which paper is to be signed, and with what.")
class SignPaperInput:
    document_id: strawberry.ID = strawberry.field(description="One that its doctor has issued.")
    pkcs12: str = strawberry.field(
        description=(
            "A certificate of ICP-Brasil with its key (A1, .pfx or .p12), in Base64. It is used"
            " and forgotten."
        )
    )
    passphrase: str = strawberry.field(description="What opens it. It is used and forgotten.")


def _wanted(input: IssueCertificateInput | IssuePrescriptionInput, said: papers.Said) -> Wanted:
    return Wanted(
        appointment_id=ids.read_appointment(input.appointment_id),
        said=said,
        address=papers.plain(input.work_address),
        contact=papers.plain(input.work_contact),
        key=read_key(input.idempotency_key),
    )
