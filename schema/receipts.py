"""Receipts of shares: what exactly a doctor sees and until when, for whoever shares to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated
from zoneinfo import ZoneInfo

import strawberry

from domain.registrations import UF
from domain.shares import ShareStatus

NAMED_MOST = 100


@strawberry.enum(description="In which a receipt is written.")
class ReceiptLanguage(Enum):
    PORTUGUESE = "PORTUGUESE"
    ENGLISH = "ENGLISH"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    over: str
    sees: str
    one: str
    several: str
    none: str
    more: str
    future: str
    notes: str
    listed_only: str
    time: str
    may: str
    visit: str
    end: str
    moment: str


_WORDS: Mapping[ReceiptLanguage, _Words] = {
    ReceiptLanguage.PORTUGUESE: _Words(
        over="Este compartilhamento terminou: por ele, {doctor} não vê mais nada.",
        sees="{doctor} vê {documents}",
        one="1 documento seu",
        several="{count} documentos seus",
        none="nenhum documento seu por enquanto",
        more=" e mais {count}",
        future="Também verá tudo o que você enviar até lá.",
        notes="Também lê o que outros médicos anotam das suas consultas ({count} até agora).",
        listed_only="Nada além disso é mostrado.",
        time="De {opens} até {closes} ({zone}).",
        may="Pode ver a lista, abrir e guardar uma cópia de cada um; não pode mudar, apagar nem"
        " compartilhar. Tudo o que abrir fica no seu registro de acessos.",
        visit="Vale para a consulta marcada: se a consulta mudar de data, o prazo muda com ela; se"
        " não acontecer, termina na hora.",
        end="Você pode encerrar a qualquer momento, com efeito imediato: revogue este"
        " compartilhamento. Um documento que você ocultar também deixa de ser visto.",
        moment="%d/%m/%Y %H:%M",
    ),
    ReceiptLanguage.ENGLISH: _Words(
        over="This share has ended: by it, {doctor} sees nothing any more.",
        sees="{doctor} sees {documents}",
        one="1 document of yours",
        several="{count} documents of yours",
        none="no document of yours so far",
        more=" and {count} more",
        future="All that you send until then will be seen, too.",
        notes="What other doctors write of your visits is read, too ({count} so far).",
        listed_only="Nothing else is shown.",
        time="From {opens} to {closes} ({zone}).",
        may="They may be listed, opened, and kept as a copy; not changed, deleted or shared. All"
        " that is opened is in your access log.",
        visit="It is for the appointment: when that moves, these times move with it; if it does not"
        " take place, the share ends at once.",
        end="You can end it at any time, at once: revoke this share. A document that you hide is"
        " not seen any more, either.",
        moment="%Y-%m-%d %H:%M",
    ),
}


@strawberry.type(description="What a share lets its doctor do, in figures and in words.")
class ShareReceipt:
    doctor_name: str = strawberry.field(description="Who sees the documents.")
    doctor_crm: str = strawberry.field(description="The number of the registration.")
    doctor_uf: UF = strawberry.field(description="The state of the registration.")
    document_count: int = strawberry.field(description="How many are, or will be, seen by it now.")
    document_names: list[str] = strawberry.field(
        description=f"Of these, the latest first; {NAMED_MOST} at most."
    )
    note_count: int = strawberry.field(
        description="How many notes that other doctors have written of visits are seen, too."
    )
    includes_future: bool = strawberry.field(description="Whether what comes later is seen, too.")
    from_: datetime = strawberry.field(name="from", description="From when on.")
    until: datetime = strawberry.field(description="From when on no more.")
    status: strawberry.Private[ShareStatus]
    for_visit: strawberry.Private[bool]
    zone: strawberry.Private[str]

    @strawberry.field(
        description="All of it for people to read: what is seen, when, what may be done with it,"
        " and how to end it. Times are those of the doctor's zone, which is named."
    )
    def text(
        self,
        language: Annotated[
            ReceiptLanguage, strawberry.argument(description="In which it is written.")
        ] = ReceiptLanguage.PORTUGUESE,
    ) -> str:
        words = _WORDS[language]
        doctor = f"{self.doctor_name} (CRM {self.doctor_crm}/{self.doctor_uf.value})"
        if self.status is not ShareStatus.ACTIVE:
            return words.over.format(doctor=doctor)
        zone = ZoneInfo(self.zone)
        opens, closes = (
            moment.astimezone(zone).strftime(words.moment) for moment in (self.from_, self.until)
        )
        lines: Sequence[str] = (
            f"{words.sees.format(doctor=doctor, documents=self._documents(words))}.",
            *(self._whole(words) if self.includes_future else [words.listed_only]),
            words.time.format(opens=opens, closes=closes, zone=self.zone),
            words.may,
            *([words.visit] if self.for_visit else []),
            words.end,
        )
        return "\n".join(lines)

    def _whole(self, words: _Words) -> Sequence[str]:
        return words.future, words.notes.format(count=self.note_count)

    def _documents(self, words: _Words) -> str:
        if self.document_count == 0:
            return words.none
        count = words.one if self.document_count == 1 else words.several
        more = self.document_count - len(self.document_names)
        names = ", ".join(self.document_names) + (words.more.format(count=more) if more else "")
        return f"{count.format(count=self.document_count)}: {names}"
