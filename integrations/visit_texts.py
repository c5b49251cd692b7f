"""What mail says of visits: when, and what became of them, but neither with whom nor why.

Doctor and patient read the same.
"""

from domain.mail import MailKind
from integrations.mail_forms import Text

IN_PORTUGUESE = {
    MailKind.VISIT_REQUESTED: Text(
        subject="Consulta pedida",
        before="Foi pedida uma consulta pelo Health&Med para {when}.",
        action="Abrir a consulta",
        after="O horário fica reservado até a resposta do médico. Sem resposta a tempo, o pedido"
        " perde a validade.",
    ),
    MailKind.VISIT_CONFIRMED: Text(
        subject="Consulta confirmada",
        before="A consulta de {when} está confirmada.",
        action="Abrir a consulta",
        after="A sala abre pouco antes da hora, para quem entrou na conta. Para cancelar, entre"
        " também por aqui.",
    ),
    MailKind.VISIT_MOVED: Text(
        subject="Consulta remarcada",
        before="Uma consulta pelo Health&Med mudou de horário. Agora é {when}.",
        action="Abrir a consulta",
        after="O novo horário fica reservado, e depende da resposta do médico.",
    ),
    MailKind.VISIT_DECLINED: Text(
        subject="Consulta não aceita",
        before="A consulta pedida para {when} não foi aceita.",
        action="Ver a consulta",
        after="O motivo aparece quando você entra.",
    ),
    MailKind.VISIT_CANCELLED: Text(
        subject="Consulta cancelada",
        before="A consulta de {when} foi cancelada.",
        action="Ver a consulta",
        after="O motivo aparece quando você entra.",
    ),
    MailKind.VISIT_EXPIRED: Text(
        subject="Pedido de consulta sem resposta",
        before="O pedido de consulta para {when} ficou sem resposta e perdeu a validade.",
        action="Ver a consulta",
        after="Quem ainda precisa da consulta pode pedir outro horário.",
    ),
    MailKind.VISIT_SOON: Text(
        subject="Sua consulta está chegando",
        before="Lembrete: há uma consulta pelo Health&Med {when}.",
        action="Abrir a consulta",
        after="Entre alguns minutos antes, em um lugar tranquilo, com câmera e microfone à mão.",
    ),
}
IN_ENGLISH = {
    MailKind.VISIT_REQUESTED: Text(
        subject="A visit was requested",
        before="A visit at Health&Med was requested for {when}.",
        action="Open the visit",
        after="The time is kept until the doctor answers. Without an answer in time the request"
        " expires.",
    ),
    MailKind.VISIT_CONFIRMED: Text(
        subject="A visit is confirmed",
        before="The visit on {when} is confirmed.",
        action="Open the visit",
        after="The room opens shortly before, for those who have signed in. To cancel, sign in"
        " here, too.",
    ),
    MailKind.VISIT_MOVED: Text(
        subject="A visit was moved",
        before="A visit at Health&Med was moved. It is now on {when}.",
        action="Open the visit",
        after="The new time is kept, and awaits the doctor's answer.",
    ),
    MailKind.VISIT_DECLINED: Text(
        subject="A visit was declined",
        before="The visit that was requested for {when} was declined.",
        action="See the visit",
        after="The reason is shown when you sign in.",
    ),
    MailKind.VISIT_CANCELLED: Text(
        subject="A visit was cancelled",
        before="The visit on {when} was cancelled.",
        action="See the visit",
        after="The reason is shown when you sign in.",
    ),
    MailKind.VISIT_EXPIRED: Text(
        subject="A request got no answer",
        before="The request for a visit on {when} got no answer and has expired.",
        action="See the visit",
        after="Whoever still needs it may request another time.",
    ),
    MailKind.VISIT_SOON: Text(
        subject="Your visit is coming up",
        before="A reminder: there is a visit at Health&Med on {when}.",
        action="Open the visit",
        after="Come some minutes before, to a quiet place, with camera and microphone at hand.",
    ),
}
