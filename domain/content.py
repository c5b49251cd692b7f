"""Contents of documents: whether a file is wholly of the type that it is said to be, and no more.

A name or a Content-Type is what somebody says; first bytes are what he can make. So the whole file
is read, once, as its pieces come by, and one that is two things at once is refused.
"""

import re
from enum import StrEnum

from domain import dicom, jpeg, pdf, png
from domain.errors import UnsupportedType
from domain.reading import PIECE, Reading, Unfit


class ContentType(StrEnum):
    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    DICOM = "application/dicom"


_READERS = {
    ContentType.PDF: pdf.read,
    ContentType.JPEG: jpeg.read,
    ContentType.PNG: png.read,
    ContentType.DICOM: dicom.read,
}
_SIGNATURES = {
    ContentType.PDF: re.compile(rb"%PDF-"),
    ContentType.JPEG: re.compile(rb"\xff\xd8\xff"),
    ContentType.PNG: re.compile(re.escape(png.SIGNATURE)),
    ContentType.DICOM: re.compile(rb".{128}DICM", re.DOTALL),
}
_BEGINNING = 1024  # bytes: browsers look so far for HTML, and readers of PDF for its header
_PAGE = re.compile(rb"<(?:!doctype|html|head|body|script|iframe|svg)[\s>/:]", re.IGNORECASE)

# Readers of ZIP look for its last record from the end of the file, before a comment of 64 KiB at
# most; it leads to the headers of what is in it (APPNOTE.TXT, 4.3.16 and 4.3.12).
_LAST_RECORD, _HEADER = b"PK\x05\x06", b"PK\x01\x02"
_ENDING = 22 + 0xFFFF


class Inspection:
    """Of a file that is given in pieces, of any size, all of them and in order."""

    def __init__(self, declared: ContentType) -> None:
        self._declared = declared
        self._reading = Reading(_READERS[declared])
        self._fault: Unfit | None = None
        self._beginning = self._ending = b""
        self._has_header = False

    def feed(self, chunk: bytes) -> None:
        """Takes some milliseconds for 64 KiB, and no longer whatever they are."""
        for start in range(0, len(chunk), PIECE):
            piece = chunk[start : start + PIECE]
            if len(self._beginning) < _BEGINNING:
                self._beginning += piece[: _BEGINNING - len(self._beginning)]
            self._has_header = self._has_header or _HEADER in self._ending[-3:] + piece
            self._ending = (self._ending + piece)[-_ENDING:]
            if self._fault is None:
                try:
                    self._reading.add(piece)
                except Unfit as fault:
                    self._fault = fault

    def verdict(self) -> UnsupportedType | None:
        """What is wrong with the file, once the last piece was given."""
        message = self._mistaken() or self._two_things() or self._damage()
        return UnsupportedType(message, "documentId") if message else None

    def _mistaken(self) -> str | None:
        kinds = [kind for kind, its in _SIGNATURES.items() if its.match(self._beginning)]
        if self._declared in kinds:
            return None
        if not kinds:
            return f"The file is none of: {', '.join(each.name for each in ContentType)}."
        return f"The file is {kinds[0].name} and not {self._declared.name}; announce it as that."

    def _two_things(self) -> str | None:
        if _PAGE.search(self._beginning):
            return "The file is a web page as well; save it anew."
        if self._declared is not ContentType.PDF and b"%PDF-" in self._beginning:
            return "The file is a PDF as well; save it anew."
        if self._has_header and _LAST_RECORD in self._ending:
            return "The file is a ZIP archive as well; save it anew."
        return None

    def _damage(self) -> str | None:
        if self._fault is None:
            try:
                self._reading.end()
            except Unfit as fault:
                self._fault = fault
        return str(self._fault) if self._fault else None
