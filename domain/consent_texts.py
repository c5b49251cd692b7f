"""The texts by which a patient consents to telemedicine, one version after the other.

An appointment is kept with the hash of the text that was accepted, so that whatever was in force
once stays here as it was: a new version is added, and none is changed. Lei 14.510/2022, art. 26-B;
CFM resolution 2.314/2022, art. 15; LGPD, arts. 7, 9 and 11.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from domain.errors import BadInput, ConsentRequired, Invalid, Refusal

PORTUGUESE, ENGLISH = "pt-BR", "en"
IN_FORCE = "2026-11"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentText:
    """`language`: as in BCP 47. `text`: paragraphs with an empty line between them."""

    version: str
    language: str
    text: str

    @property
    def sha256(self) -> str:
        """Of the text in UTF-8, in hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """What a patient says to the text. Who names no version has been shown the one in force."""

    given: bool
    version: str | None = None
    language: str | None = None

    def faults(self) -> Iterator[Refusal]:
        if not self.given:
            yield ConsentRequired(
                "Telemedicine needs your consent. Without it, ask the doctor for a visit in person:"
                " requestInPersonVisit.",
                "consent",
            )
        if self.version not in {None, IN_FORCE}:
            yield ConsentRequired(
                "Another text is in force; read it with consentText, and ask again.",
                "consentVersion",
            )
        if self.language not in {None, *LANGUAGES}:
            yield Invalid(f"The text is there in {_LISTED}.", "consentLanguage")

    @property
    def text(self) -> ConsentText:
        """Of an acceptance without faults."""
        return _TEXTS[IN_FORCE, self.language or PORTUGUESE]


def in_force(language: str) -> ConsentText:
    """Raises BadInput."""
    if language not in LANGUAGES:
        raise BadInput(f"The text is there in {_LISTED}.")
    return _TEXTS[IN_FORCE, language]


def with_hash(sha256: str) -> ConsentText | None:
    """None: it is of a version that only a newer server knows."""
    return _BY_HASH.get(sha256)


_PUBLISHED: Mapping[str, Mapping[str, str]] = {
    "2026-11": {
        PORTUGUESE: """\
Consentimento para atendimento por telemedicina

O que é. Na telemedicina, médico e paciente não estão no mesmo lugar: a consulta acontece por \
vídeo, pela internet, e o médico responde por ela como responde por uma consulta no consultório.

Limites. A distância, o médico não pode tocar, auscultar nem examinar você como faria de perto, \
e a qualidade da imagem, do som ou da conexão pode atrapalhar. Por isso ele pode não chegar a \
uma conclusão, pedir exames ou encerrar a consulta e orientar você a procurar atendimento \
presencial. A consulta presencial continua sendo a referência.

Você decide. Aceitar é voluntário e vale só para esta consulta. Você pode recusar a \
telemedicina, ou desistir dela a qualquer momento, mesmo durante a consulta, sem precisar \
explicar e sem prejuízo do seu cuidado. O médico também pode decidir que o seu caso não deve ser \
atendido a distância.

Atendimento presencial. Você tem direito a ser atendido presencialmente sempre que pedir. Se \
preferir assim, não aceite este termo e peça ao médico, por aqui mesmo, uma consulta presencial.

Seus dados. Sua imagem e sua voz são transmitidas ao médico durante a consulta. O que você \
informa, o que o médico registra e os documentos que você decide mostrar a ele são dados de \
saúde, protegidos pelo sigilo médico e pela Lei Geral de Proteção de Dados (Lei 13.709/2018), e \
são usados para cuidar de você. Você pode negar que sejam compartilhados, salvo em emergência \
médica. O prontuário fica guardado por 20 anos desde o último registro, como manda a lei (Lei \
13.787/2018). Você pode ver quem acessou os seus dados, corrigi-los, levá-los com você e \
encerrar a sua conta.

Sem gravação. O Health&Med não grava a consulta, nem a imagem nem o som. Não grave sem combinar \
antes com a outra pessoa. Escolha um lugar reservado, onde ninguém ouça a conversa.

Emergências. A telemedicina não serve para emergências. Com dor no peito, falta de ar, desmaio, \
sangramento intenso, sinais de AVC ou risco de vida, não espere pela consulta: ligue para o \
SAMU, 192, ou vá ao pronto-socorro mais próximo.

Ao aceitar, você declara que leu e entendeu este termo, que pôde escolher livremente e que \
autoriza o atendimento por telemedicina e a transmissão da sua imagem, da sua voz e dos seus \
dados para esta consulta (Lei 14.510/2022; Resolução CFM 2.314/2022).
""",
        ENGLISH: """\
Consent to be seen by telemedicine

What it is. In telemedicine doctor and patient are not in the same place: they meet by video, \
over the internet, and the doctor answers for the visit as for one at the practice.

Limits. From afar the doctor can neither touch you, nor listen to your chest, nor examine you as \
at the practice, and picture, sound or connection may be poor. So there may be no conclusion, or \
the doctor may ask for tests, or end the visit and have you see somebody in person. A visit in \
person remains the standard.

You decide. To accept is voluntary, and counts for this visit alone. You may refuse \
telemedicine, or stop at any time, even during the visit, without giving reasons and with no \
harm to your care. The doctor, too, may decide that you should not be seen from afar.

In person. You have the right to be seen in person whenever you ask for it. If you prefer that, \
do not accept this text, and ask the doctor, right here, for a visit in person.

Your data. Your picture and your voice are sent to the doctor during the visit. What you tell, \
what the doctor writes down and the documents that you choose to show are health data, protected \
by medical secrecy and by Brazil's data protection law (Lei 13.709/2018, LGPD), and are used to \
care for you. You may refuse that they are shared, except in a medical emergency. The record is \
kept for 20 years from its last entry, as the law demands (Lei 13.787/2018). You can see who has \
looked at your data, correct them, take them with you, and close your account.

No recording. Health&Med does not record the visit, neither picture nor sound. Do not record it \
unless you have agreed on it with the other person. Choose a private place, where nobody \
overhears you.

Emergencies. Telemedicine is not for emergencies. With chest pain, shortness of breath, \
fainting, heavy bleeding, signs of a stroke or danger to life, do not wait for the visit: in \
Brazil call SAMU, 192, or go to the nearest emergency room.

By accepting you say that you have read and understood this text, that you chose freely, and \
that you allow this visit to take place by telemedicine, and your picture, your voice and your \
data to be sent for it (Lei 14.510/2022; CFM resolution 2.314/2022).
""",
    },
}
_TEXTS: Mapping[tuple[str, str], ConsentText] = {
    (version, language): ConsentText(version=version, language=language, text=text)
    for version, texts in _PUBLISHED.items()
    for language, text in texts.items()
}
_BY_HASH: Mapping[str, ConsentText] = {text.sha256: text for text in _TEXTS.values()}
LANGUAGES = tuple(_PUBLISHED[IN_FORCE])
_LISTED = " and ".join(LANGUAGES)
