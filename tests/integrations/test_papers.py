"""A paper is PDF/A-2u (ISO 19005-2), has all that the council asks of it, and says what it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader
from pypdf.generic import IndirectObject

from domain.content import ContentType, Inspection
from domain.papers import Certificate, Content, Letterhead, PrescribedDrug, Prescription, Said
from domain.papers import read as read_content
from domain.papers import write as write_content
from domain.qualifications import Qualification
from integrations.papers import UNSIGNED, PdfPress
from tests.resolvers.papers import pages_of

PRESS = PdfPress("https://healthmed.example/")
DOCTOR = Letterhead(
    name="Helena Prado",
    crm="123456",
    uf="SP",
    qualifications=(
        Qualification(specialty="Cardiologia", rqe="1234"),
        Qualification(specialty="Clínica Médica", rqe="77"),
    ),
    address="Rua das Acácias, 10, São Paulo/SP",
    contact="(11) 5555-0100",
)
LEAVE = Certificate(
    text="Atesto que a paciente\nesteve em consulta.",
    starts_on=date(2026, 11, 30),
    days=3,
    cid="J11.1",
)
DRUG = PrescribedDrug(
    drug="Losartana potássica",
    dose="comprimido de 50 mg",
    posology="1 comprimido a cada 12 horas",
    quantity="60 comprimidos",
)
DRUGS = Prescription(items=(DRUG, replace(DRUG, drug="Sinvastatina")), text="Retorno em 30 dias.")
both = pytest.mark.parametrize("said", [LEAVE, DRUGS], ids=lambda said: said.kind.name)


def content(said: Said, **given: Any) -> Content:
    plain = {
        "doctor": DOCTOR,
        "patient_name": "Ana Conceição Moreira",
        "patient_cpf": "52998224725",
        "issued_at": datetime(2026, 11, 28, 1, 45, tzinfo=UTC),
        "time_zone": "America/Sao_Paulo",
        "code": "A1B2C3D4E5F60718293A",
        "said": said,
    }
    return Content(**plain | given)


async def printed(said: Said, *, signed: bool = False, **given: Any) -> bytes:
    return await PRESS.print(content(said, **given), signed=signed)


async def text(said: Said, *, signed: bool = False, **given: Any) -> str:
    return "\n".join(pages_of(await printed(said, signed=signed, **given)))


# -------------------------------------------------------------- what it must have


@both
async def test_who_and_when_are_on_it(said):
    """CFM 2.299/2021, art. 2; CFM 2.381/2024, art. 2."""
    lines = await text(said)

    for line in (
        "Helena Prado",
        "Médico(a) — CRM 123456/SP",
        "Cardiologia — RQE 1234",
        "Clínica Médica — RQE 77",
        "Rua das Acácias, 10, São Paulo/SP",
        "(11) 5555-0100",
        "Paciente: Ana Conceição Moreira",
        "CPF: 529.982.247-25",
        "Emitido em 27 de novembro de 2026, às 22:45 (UTC-03:00)",
        "Código de verificação: A1B2C-3D4E5-F6071-8293A",
        "Confira a emissão em https://healthmed.example/documents/verify",
        "Página 1 de 1",
    ):
        assert line in lines.splitlines()


async def test_a_certificate_has_the_time_of_leave_and_the_diagnosis_that_was_wanted():
    lines = (await text(LEAVE)).splitlines()

    assert lines.count("Atesto que a paciente") == lines.count("esteve em consulta.") == 1
    assert "Afastamento de 3 dias, de 30/11/2026 a 02/12/2026." in lines
    assert "CID: J11.1 (informado a pedido do paciente)" in lines


async def test_a_certificate_of_no_leave_and_no_diagnosis_speaks_of_neither():
    said = await text(replace(LEAVE, days=None, cid=None))

    assert "Afastamento" not in said
    assert "CID" not in said
    one = (await text(replace(LEAVE, days=1))).splitlines()
    assert "Afastamento de 1 dia, de 30/11/2026 a 30/11/2026." in one


async def test_a_prescription_has_each_drug_with_its_use():
    lines = (await text(DRUGS)).splitlines()

    for line in (
        "1. Losartana potássica — comprimido de 50 mg",
        "2. Sinvastatina — comprimido de 50 mg",
        "Observações: Retorno em 30 dias.",
    ):
        assert line in lines
    assert lines.count("Quantidade: 60 comprimidos") == 2
    assert lines.count("Modo de usar: 1 comprimido a cada 12 horas") == 2
    assert "não serve para medicamentos sujeitos a controle especial" in " ".join(lines)


async def test_what_is_on_several_pages_says_on_each_whose_it_is():
    many = Prescription(items=(DRUG,) * 20, text="x " * 1900)

    pages = pages_of(await printed(many))

    assert len(pages) > 2
    for number, page in enumerate(pages, 1):
        assert f"Página {number} de {len(pages)}" in page
        assert "Ana Conceição Moreira" in page
        assert "CRM 123456/SP" in page
        assert "A1B2C-3D4E5-F6071-8293A" in page
        assert page.count(UNSIGNED) >= 3  # above, across and below


async def test_without_a_signature_every_page_says_so_and_with_one_none_does():
    many = Prescription(items=(DRUG,) * 20, text=None)

    for page in pages_of(await printed(many)):
        assert page.count(UNSIGNED) >= 3
    signed = await text(many, signed=True)
    assert "SEM ASSINATURA" not in signed
    assert "Assinado digitalmente (ICP-Brasil" in signed


async def test_what_somebody_wrote_stays_what_he_wrote():
    odd = replace(LEAVE, text="{nb} **não** <b>é</b> & \\n %s __marca__ (1)")

    assert odd.text in (await text(odd)).splitlines()


@both
async def test_it_is_the_same_whenever_it_is_printed(said):
    assert await printed(said) == await printed(said)
    assert read_content(write_content(content(said))) == content(said)


def test_letters_of_portuguese_are_known_and_those_of_other_scripts_are_not():
    assert PRESS.knows("ÀÁÂÃÇÉÊÍÓÔÕÚÜ àáâãçéêíóôõúü ºª — “aspas” R$ 38 °C ≥ µ\nŁucja Żółć")
    assert not PRESS.knows("漢")
    assert not PRESS.knows("a🙂")


# ---------------------------------------------------------------------- PDF/A-2u


def fonts_of(reader: PdfReader) -> list[Any]:
    found = {}
    for page in reader.pages:
        for font in page["/Resources"]["/Font"].values():
            found[font.idnum] = font.get_object()
    return list(found.values())


def objects_of(reader: PdfReader) -> list[Any]:
    numbers = range(1, len(reader.xref[0]) + 1)
    return [IndirectObject(number, 0, reader).get_object() for number in numbers]


@both
@pytest.mark.parametrize("signed", [False, True])
async def test_it_is_what_its_metadata_says(said, signed):
    """Clause by clause, as far as it can be seen without a validator of the whole standard."""
    pdf = await printed(said, signed=signed)
    reader = PdfReader(BytesIO(pdf), strict=True)
    root = reader.trailer["/Root"]

    assert pdf.startswith(b"%PDF-1.7\n%")  # 6.1.2: and four bytes that are no ASCII
    assert all(byte > 127 for byte in pdf.split(b"\n")[1][1:5])
    assert pdf.rstrip().endswith(b"%%EOF")
    assert len(reader.trailer["/ID"]) == 2  # 6.1.3
    assert "/Encrypt" not in reader.trailer
    assert root["/Lang"] == "pt-BR"
    [intent] = root["/OutputIntents"]  # 6.2.3
    assert intent["/S"] == "/GTS_PDFA1"
    profile = intent["/DestOutputProfile"]
    assert profile["/N"] == 3
    assert profile.get_data()[36:40] == b"acsp"  # of the ICC
    assert profile.get_data()[16:20] == b"RGB "
    for font in fonts_of(reader):  # 6.2.11: all of them are within, with their letters
        [within] = font["/DescendantFonts"]
        assert font["/ToUnicode"].get_data()
        assert within["/FontDescriptor"]["/FontFile2"].get_data()
        assert within["/CIDToGIDMap"] is not None
    metadata = root["/Metadata"]  # 6.6
    assert "/Filter" not in metadata
    told = reader.xmp_metadata
    assert (told.pdfaid_part, told.pdfaid_conformance) == ("2", "U")
    assert told.dc_title["x-default"] in pages_of(pdf)[0].splitlines()
    assert told.dc_creator == ["Helena Prado"]
    assert told.xmp_create_date == datetime(2026, 11, 28, 1, 45)  # noqa: DTZ001  # in UTC
    assert reader.metadata is None  # what it would say twice could differ


@both
async def test_nothing_in_it_is_forbidden_in_pdf_a(said):
    reader = PdfReader(BytesIO(await printed(said)))
    names = set()
    for it in objects_of(reader):
        names |= set(it) if isinstance(it, dict) else set()
    forbidden = ("/AA", "/JS", "/A", "/EmbeddedFiles", "/TR", "/PS", "/F", "/XFA", "/OPI")

    assert names.isdisjoint(forbidden)
    assert "/Annots" not in names
    assert isinstance(reader.trailer["/Root"]["/OpenAction"], list)  # where to begin, no act
    verdict = Inspection(ContentType.PDF)
    verdict.feed(await printed(said))
    assert verdict.verdict() is None  # so a patient can hand it on to another clinic like ours


async def test_a_leave_ends_on_its_last_day():
    assert LEAVE.last_on == LEAVE.starts_on + timedelta(days=2)
