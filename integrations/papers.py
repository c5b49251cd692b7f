"""Papers as PDF/A-2u (ISO 19005-2), in Portuguese, with fonts of their own.

One content gives the same bytes at any time: nothing in them comes from a clock or from chance.
"""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape
from zoneinfo import ZoneInfo

import segno
from fpdf import FPDF
from fpdf.enums import DocumentCompliance
from fpdf.fonts import TTFFont

from domain.papers import Certificate, Content, IssuedPaper, Prescription
from domain.records import DocumentKind, Signature
from domain.registrations import CPF

PATH = "/documents/verify"
PAGE = "/verify"  # of web/, which asks PATH
PROFILE = DocumentCompliance.PDFA_2U
UNSIGNED = "SEM ASSINATURA DIGITAL — sem validade"

_FAMILY = "Source Sans Pro"
_MARGIN, _QR, _FOOT = 20, 24, 42  # mm
_ITEM = 24  # mm: as much as a drug needs, as a rule, and which is not to be torn apart
_INK, _PALE, _ALARM = (0, 0, 0), (225, 225, 225), (160, 0, 0)
_TITLES = {Certificate: "ATESTADO MÉDICO", Prescription: "RECEITA MÉDICA"}
_MONTHS = (
    *("janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto"),
    *("setembro", "outubro", "novembro", "dezembro"),
)
_NOT_FOR = (
    "Esta receita não serve para medicamentos sujeitos a controle especial (Portaria SVS/MS"
    " 344/1998) nem para antimicrobianos (RDC Anvisa 471/2021), que têm modelos próprios."
)
_XMP = """\
<x:xmpmeta xmlns:x="adobe:ns:meta/">
 <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
  <rdf:Description rdf:about=""
    xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:xmp="http://ns.adobe.com/xap/1.0/"
    xmlns:pdf="http://ns.adobe.com/pdf/1.3/"
    xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
    pdfaid:part="2" pdfaid:conformance="U"
    xmp:CreateDate="{at}" xmp:ModifyDate="{at}" xmp:MetadataDate="{at}"
    pdf:Producer="Health&amp;Med">
   <dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
   <dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
   <dc:language><rdf:Bag><rdf:li>pt-BR</rdf:li></rdf:Bag></dc:language>
  </rdf:Description>
 </rdf:RDF>
</x:xmpmeta>"""


class PdfPress:
    """`public_url`: where whoever is handed a paper looks it up."""

    def __init__(self, public_url: str) -> None:
        self._where = public_url.rstrip("/") + PATH

    def knows(self, text: str, /) -> bool:
        return all(ord(letter) in self._letters for letter in text if letter != "\n")

    async def print(self, content: Content, /, *, signed: bool) -> bytes:
        return await asyncio.to_thread(_printed, content, self._where, signed=signed)

    @cached_property
    def _letters(self) -> frozenset[int]:
        """Both fonts have the same."""
        page = FPDF()
        page.add_font(_FAMILY, fname=_font("Regular"))
        [font] = _embedded(page)
        letters = frozenset(font.cmap)
        font.close()
        return letters


def verdict(found: IssuedPaper | None) -> str:
    """What the page of a code says."""
    if found is None:
        return "Nenhum documento foi emitido aqui com este código.\n"
    what = "Atestado médico" if found.kind is DocumentKind.CERTIFICATE else "Receita médica"
    at = found.issued_at.astimezone(ZoneInfo(found.time_zone))
    signed = "assinado" if found.signature is Signature.SIGNED else UNSIGNED
    return (
        f"{what} por telemedicina, emitido em {_day(at)}, às {at:%H:%M} ({_offset(at)}).\n"
        f"Médico(a): {found.doctor_name}, CRM {found.crm}/{found.uf}\n"
        f"Assinatura digital: {signed}\n"
        f"SHA-256 do arquivo: {found.sha256}\n\n"
        "O código prova só que houve a emissão. Confira que o arquivo é este pelo SHA-256,"
        " e a assinatura em https://validar.iti.gov.br\n"
    )


def told(found: IssuedPaper | None) -> dict[str, str] | None:
    """The same for programs: what is in an IssuedPaper, in camel case; `issuedAt` in UTC."""
    if found is None:
        return None
    return {
        "kind": found.kind.value,
        "signature": found.signature.value,
        "sha256": found.sha256,
        "issuedAt": f"{found.issued_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "timeZone": found.time_zone,
        "doctorName": found.doctor_name,
        "crm": found.crm,
        "uf": found.uf,
    }


def _font(style: str) -> Path:
    return Path(str(files("font_source_sans_pro"))) / "files" / f"SourceSansPro-{style}.ttf"


def _printed(content: Content, where: str, *, signed: bool) -> bytes:
    page = _Page(content, where, signed=signed)
    page.add_page()
    page.letterhead()
    page.patient()
    match content.said:
        case Certificate() as said:
            page.certificate(said)
        case Prescription() as said:
            page.prescription(said)
    page.signature()
    pdf = bytes(page.output())
    for font in _embedded(page):
        font.close()
    return pdf


def _embedded(page: FPDF) -> list[TTFFont]:
    return [font for font in page.fonts.values() if isinstance(font, TTFFont)]


class _Page(FPDF):
    """Millimetres of an A4 page; what overflows goes on on the next one, with head and foot."""

    def __init__(self, content: Content, where: str, *, signed: bool) -> None:
        super().__init__(enforce_compliance=PROFILE)
        self._content, self._signed = content, signed
        self._title = _TITLES[type(content.said)]
        doctor = content.doctor
        self._who = f"{doctor.name}, CRM {doctor.crm}/{doctor.uf}"
        self._where, self._link = where, f"{where}?code={quote(content.code)}"
        for style, file in (("", "Regular"), ("B", "Bold")):
            self.add_font(_FAMILY, style, _font(file))
        self._count = f"{{{content.code}}}"  # what nobody can have written in the text
        self.alias_nb_pages(self._count)
        self.set_margin(_MARGIN)
        self.set_auto_page_break(auto=True, margin=_FOOT + 4)
        self._describe()

    def _describe(self) -> None:
        at = self._content.issued_at.astimezone(UTC)
        author = self._content.doctor.name
        self.set_title(self._title)
        self.set_author(author)
        self.set_producer("Health&Med")
        self.set_lang("pt-BR")
        self.set_creation_date(at)
        moment = at.isoformat(timespec="seconds")
        told = {"at": moment, "title": self._title, "author": author}
        self.set_xmp_metadata(_XMP.format(**{name: escape(it) for name, it in told.items()}))

    def header(self) -> None:
        if not self._signed:
            self._mark()
        self._line(self._title, size=16, bold=True, align="C")
        if self.page_no() > 1:
            content = self._content
            self._line(f"{content.patient_name} — {self._who}", size=9, align="C")
        self.ln(2)

    def _mark(self) -> None:
        """Across the page, beneath all else, and above it."""
        self.set_text_color(*_PALE)
        self.set_font(_FAMILY, "B", 34)
        x, y = self.w / 2, self.h / 2
        with self.rotation(55, x, y):
            self.text(x - self.get_string_width(UNSIGNED) / 2, y, UNSIGNED)
        self.set_text_color(*_ALARM)
        self._line(UNSIGNED, size=11, bold=True, align="C")
        self.set_text_color(*_INK)

    def footer(self) -> None:
        self.set_y(-_FOOT)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        top = self.get_y() + 2
        self._draw(segno.make_qr(self._link, error="m").matrix, self.w - _MARGIN - _QR, top)
        self.set_y(top)
        self.set_right_margin(_MARGIN + _QR + 4)
        code = self._content.code
        grouped = "-".join(code[start : start + 5] for start in range(0, len(code), 5))
        self._line(f"Código de verificação: {grouped}", size=9, bold=True)
        self._line(f"Confira a emissão em {self._where}", size=9)
        self._line("e a assinatura em https://validar.iti.gov.br", size=9)
        if not self._signed:
            self.set_text_color(*_ALARM)
            self._line(UNSIGNED, size=9, bold=True)
            self.set_text_color(*_INK)
        self._line(f"Página {self.page_no()} de {self._count}", size=9)
        self.set_right_margin(_MARGIN)

    def _draw(self, matrix: Sequence[Any], left: float, top: float) -> None:
        """A QR code as squares, _QR wide."""
        side = _QR / len(matrix)
        for down, row in enumerate(matrix):
            for along, dark in enumerate(row):
                if dark:
                    self.rect(left + along * side, top + down * side, side, side, style="F")

    def letterhead(self) -> None:
        doctor = self._content.doctor
        self._line(doctor.name, size=13, bold=True)
        self._line(f"Médico(a) — CRM {doctor.crm}/{doctor.uf}")
        for held in doctor.qualifications:
            self._line(f"{held.specialty} — RQE {held.rqe}")
        self._line(doctor.address)
        self._line(doctor.contact)
        self._rule()

    def patient(self) -> None:
        content, at = self._content, self._content.issued_here
        self._line(f"Paciente: {content.patient_name}", bold=True)
        self._line(f"CPF: {CPF(content.patient_cpf)}")
        self._line(f"Emitido em {_day(at)}, às {at:%H:%M} ({_offset(at)})")
        self._line("Atendimento por telemedicina (Lei 14.510/2022, Resolução CFM 2.314/2022)")
        self._rule()

    def certificate(self, said: Certificate) -> None:
        self._line(said.text, gap=2)
        if said.days is not None and said.last_on is not None:
            days = "1 dia" if said.days == 1 else f"{said.days} dias"
            span = f"de {said.starts_on:%d/%m/%Y} a {said.last_on:%d/%m/%Y}"
            self._line(f"Afastamento de {days}, {span}.", bold=True, gap=2)
        if said.cid is not None:
            self._line(f"CID: {said.cid} (informado a pedido do paciente)", gap=2)

    def prescription(self, said: Prescription) -> None:
        for number, item in enumerate(said.items, 1):
            if self.will_page_break(_ITEM):
                self.add_page()
            self._line(f"{number}. {item.drug} — {item.dose}", bold=True)
            self._line(f"Quantidade: {item.quantity}")
            self._line(f"Modo de usar: {item.posology}", gap=3)
        if said.text is not None:
            self._line(f"Observações: {said.text}", gap=3)
        self._line(_NOT_FOR, size=9)

    def signature(self) -> None:
        self.ln(6)
        said = f"Assinado digitalmente (ICP-Brasil, MP 2.200-2/2001) por {self._who}."
        if not self._signed:
            said = f"{UNSIGNED}. Aguarda a assinatura digital (ICP-Brasil) de {self._who}."
        self.set_font(_FAMILY, "B", 10)
        self.multi_cell(0, 7, said, border=1, align="C", new_x="LMARGIN", new_y="NEXT")

    def _rule(self) -> None:
        self.ln(2)
        self.line(_MARGIN, self.get_y(), self.w - _MARGIN, self.get_y())
        self.ln(3)

    def _line(
        self, text: str, *, size: float = 11, bold: bool = False, align: str = "L", gap: float = 0
    ) -> None:
        """As many as the text needs."""
        self.set_font(_FAMILY, "B" if bold else "", size)
        self.multi_cell(0, size * 0.5, text, align=align, new_x="LMARGIN", new_y="NEXT")
        self.ln(gap)


def _day(on: date) -> str:
    return f"{on.day} de {_MONTHS[on.month - 1]} de {on.year}"


def _offset(at: datetime) -> str:
    """As people read it: UTC-03:00."""
    written = f"{at:%z}"
    return f"UTC{written[:3]}:{written[3:]}"
