from enum import StrEnum

from domain.errors import Refusal


class ContentType(StrEnum):
    PDF = "application/pdf"
    JPEG = "image/jpeg"
    PNG = "image/png"
    DICOM = "application/dicom"


class Inspection:
    def __init__(self, declared: ContentType, size: int) -> None: ...
    def feed(self, chunk: bytes) -> None: ...
    def verdict(self) -> Refusal | None: ...
