"""Papers: what a certificate or a prescription says, which a doctor issues for a visit.

Whatever CFM's resolutions 2.299/2021 (art. 2) and 2.381/2024 (art. 2) ask of each is in `Content`,
and is kept as it was on the day: a paper that is printed again says what it said.
"""

import json
import re
import secrets
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol, TypeAlias
from uuid import UUID
from zoneinfo import ZoneInfo

from domain.errors import ConsentRequired, Invalid, Refusal
from domain.ids import AppointmentId, DoctorId, DocumentId, PatientId
from domain.limits import Limits
from domain.qualifications import Qualification
from domain.records import DocumentKind, Signature

# Whether each letter of a text can be printed. A line may end in it.
Knows: TypeAlias = Callable[[str], bool]

LINE_LONGEST, ADDRESS_LONGEST = 200, 300
_CODE = 20  # hexadecimal digits
_CID = re.compile(r"[A-Z0-9]{3,5}(?:\.[A-Z0-9]{1,3})?")  # J11, J11.1; of CID-11, CA40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """`days` of leave from `starts_on` on, that day among them; None: it grants no leave. `cid`: a
    diagnosis, which is there only if the patient wants it (CFM 2.381/2024, art. 4).
    """

    text: str
    starts_on: date
    days: int | None
    cid: str | None

    kind = DocumentKind.CERTIFICATE

    @property
    def last_on(self) -> date | None:
        return None if self.days is None else self.starts_on + timedelta(days=self.days - 1)

    def faults(self, limits: Limits, knows: Knows) -> Iterator[Refusal]:
        yield from _faults(self.text, knows, "text", longest=limits.paper_longest, lines=True)
        if self.days is not None and not 1 <= self.days <= limits.leave_longest.days:
            yield Invalid(f"A leave has 1 to {limits.leave_longest.days} days.", "days")
        if self.cid is not None and not _CID.fullmatch(self.cid):
            yield Invalid("This is not a code of the CID; write one such as J11.1.", "cid")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrescribedDrug:
    """Each in the doctor's words. `posology`: how to use it (Lei 5.991/1973, art. 35, b)."""

    drug: str
    dose: str
    posology: str
    quantity: str

    def faults(self, knows: Knows, *path: str | int) -> Iterator[Refusal]:
        for name, text in asdict(self).items():
            yield from _faults(text, knows, *path, name, longest=LINE_LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prescription:
    """`text`: what there is to say besides."""

    items: tuple[PrescribedDrug, ...]
    text: str | None

    kind = DocumentKind.PRESCRIPTION

    def faults(self, limits: Limits, knows: Knows) -> Iterator[Refusal]:
        if not 1 <= len(self.items) <= limits.drugs:
            yield Invalid(f"A prescription has 1 to {limits.drugs} items.", "items")
        for number, item in enumerate(self.items[: limits.drugs]):
            yield from item.faults(knows, "items", number)
        if self.text is not None:
            yield from _faults(self.text, knows, "text", longest=limits.paper_longest, lines=True)


Said: TypeAlias = Certificate | Prescription


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A paper that is to be issued. `address` and `contact` are those of the doctor's work. `key`:
    the same one again gives the same paper again.
    """

    appointment_id: AppointmentId
    said: Said
    address: str
    contact: str
    key: UUID

    def faults(self, limits: Limits, knows: Knows) -> Iterator[Refusal]:
        yield from self.said.faults(limits, knows)
        yield from _faults(self.address, knows, "workAddress", longest=ADDRESS_LONGEST)
        yield from _faults(self.contact, knows, "workContact", longest=LINE_LONGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Who issues it, as he was registered then. `qualifications`: specialties by their names."""

    name: str
    crm: str
    uf: str
    qualifications: tuple[Qualification, ...]
    address: str
    contact: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """`time_zone`: the doctor's, in which days and hours are written. `code`: by which whoever is
    handed the paper finds that it was issued here.
    """

    doctor: Letterhead
    patient_name: str
    patient_cpf: str
    issued_at: datetime
    time_zone: str
    code: str
    said: Said

    @property
    def issued_here(self) -> datetime:
        return self.issued_at.astimezone(ZoneInfo(self.time_zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """It goes by the id of its document. `content` is a Content, in JSON."""

    id: DocumentId
    patient_id: PatientId
    doctor_id: DoctorId
    appointment_id: AppointmentId
    key: UUID
    code: str
    content: str
    issued_at: datetime

    def answers(self, wanted: Wanted) -> bool:
        """Whether this is the paper that is asked for."""
        content = read(self.content)
        mine = (self.appointment_id, content.said, content.doctor.address, content.doctor.contact)
        return mine == (wanted.appointment_id, wanted.said, wanted.address, wanted.contact)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedPaper:
    """What whoever has its code may know: nothing of the patient, nor of what it says. `sha256`: of
    the file as it is now.
    """

    kind: DocumentKind
    signature: Signature
    sha256: str
    issued_at: datetime
    time_zone: str
    doctor_name: str
    crm: str
    uf: str


class Papers(Protocol):
    async def get(self, id: DocumentId, /) -> Paper | None: ...
    async def of_key(self, doctor_id: DoctorId, key: UUID, /) -> Paper | None: ...
    async def count(self, appointment_id: AppointmentId, /) -> int: ...
    async def add(self, paper: Paper, /) -> bool:
        """False, and nothing added, if the doctor has used this key."""
        ...


def plain(text: str) -> str:
    """Trimmed, its letters and ends of lines as they are kept and printed."""
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").strip())


def new_code() -> str:
    return secrets.token_hex(_CODE // 2).upper()


def read_code(typed: str) -> str | None:
    """As it is kept, however it was copied from the paper; None of what cannot be one."""
    code = re.sub(r"[\s-]", "", typed).upper()
    return code if re.fullmatch(rf"[0-9A-F]{{{_CODE}}}", code) else None


def read_cid(typed: str | None, *, consent: bool) -> str | None:
    """Raises ConsentRequired."""
    code = (typed or "").strip().upper() or None
    if code is not None and not consent:  # CFM 2.381/2024, art. 4
        raise ConsentRequired("A diagnosis is written only if the patient wants it.", "cidConsent")
    return code


def write(content: Content) -> str:
    return json.dumps(asdict(content), default=str, ensure_ascii=False)


def read(text: str) -> Content:
    """What `write` has written."""
    found = json.loads(text)
    doctor = found["doctor"]
    held = [Qualification(**each) for each in doctor["qualifications"]]
    given = {
        "doctor": Letterhead(**doctor | {"qualifications": tuple(held)}),
        "issued_at": datetime.fromisoformat(found["issued_at"]),
        "said": _said(found["said"]),
    }
    return Content(**found | given)


def _said(found: dict[str, Any]) -> Said:
    if "items" not in found:
        return Certificate(**found | {"starts_on": date.fromisoformat(found["starts_on"])})
    items = tuple(PrescribedDrug(**each) for each in found["items"])
    return Prescription(items=items, text=found["text"])


def _faults(
    text: str, knows: Knows, *path: str | int, longest: int, lines: bool = False
) -> Iterator[Refusal]:
    printed = text.replace("\n", "") if lines else text
    if not 1 <= len(text) <= longest or not printed.isprintable():
        yield Invalid(f"It has 1 to {longest} characters that can be printed.", *path)
    elif not knows(text):
        yield Invalid("It has a letter that our fonts have not; write it another way.", *path)
