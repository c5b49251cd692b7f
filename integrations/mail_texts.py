"""What mail says, in each language. No health data: a mailbox is read by others, too."""

from domain import accounts
from domain.mail import MailKind
from integrations import visit_texts
from integrations.mail_forms import Language, Text

LANGUAGES = {
    accounts.Language.PORTUGUESE: Language(
        doctor="Médico",
        patient="Paciente",
        administrator="Administração",
        hours="h",
        minutes="minutos",
        closing="Health&Med. Esta mensagem é automática; não é preciso responder.",
        weekdays=(
            *("segunda-feira", "terça-feira", "quarta-feira", "quinta-feira", "sexta-feira"),
            *("sábado", "domingo"),
        ),
        months=(
            *("janeiro", "fevereiro", "março", "abril", "maio", "junho"),
            *("julho", "agosto", "setembro", "outubro", "novembro", "dezembro"),
        ),
        moment="{weekday}, {day} de {month} de {year}, às {time} (horário de {zone}, {offset})",
        texts={
            MailKind.RESET_PASSWORD: Text(
                subject="Escolha uma nova senha",
                before="Alguém pediu uma nova senha para quem usa este e-mail no Health&Med.",
                action="Escolher uma nova senha",
                after="O link vale por {lasts} e uma única vez. Se não foi você, ignore esta"
                " mensagem: a senha continua a mesma.",
            ),
            MailKind.CONFIRM_EMAIL: Text(
                subject="Confirme seu e-mail",
                before="Falta um passo para usar o Health&Med: confirmar que este e-mail é seu.",
                action="Confirmar o e-mail",
                after="O link vale por {lasts} e uma única vez. Se você não se cadastrou, ignore"
                " esta mensagem: sem a confirmação, ninguém entra nessa conta.",
            ),
            MailKind.PASSWORD_CHANGED: Text(
                subject="Sua senha foi trocada",
                before="A senha desta conta no Health&Med acaba de ser trocada, e todas as sessões"
                " foram encerradas.",
                after="Se não foi você, peça já uma nova senha e avise a clínica: alguém lê este"
                " e-mail.",
            ),
            MailKind.ALREADY_REGISTERED: Text(
                subject="Você já tem uma conta",
                before="Alguém tentou se cadastrar no Health&Med com dados desta conta, que já"
                " existe.",
                after="Se foi você, entre como sempre; se esqueceu a senha, peça uma nova. Se não"
                " foi, não é preciso fazer nada: a conta não mudou.",
            ),
            MailKind.REGISTRATION_VERIFIED: Text(
                subject="Seu registro está ativo",
                before="A clínica confirmou este registro no Health&Med: os pacientes podem"
                " encontrá-lo e marcar consultas.",
                after="O motivo da decisão aparece quando você entra.",
            ),
            MailKind.REGISTRATION_SUSPENDED: Text(
                subject="Seu registro foi suspenso",
                before="A clínica suspendeu este registro no Health&Med. Até nova decisão, os"
                " pacientes não podem encontrá-lo nem marcar consultas, e suas sessões foram"
                " encerradas.",
                after="O motivo da decisão aparece quando você entra. Fale com a clínica.",
            ),
            MailKind.VISITS_IN_DOUBT: Text(
                subject="Uma consulta sua pode não acontecer",
                before="No momento, quem ia atender você pelo Health&Med não pode fazê-lo.",
                after="Entre para ver suas consultas: você pode esperar, ou cancelar e marcar com"
                " outra pessoa.",
            ),
            MailKind.PASSKEY_ADDED: Text(
                subject="Nova chave de acesso na sua conta",
                before="Uma chave de acesso (passkey) acaba de ser adicionada a esta conta no"
                " Health&Med. Com ela se entra sem senha.",
                after="Se não foi você, entre já, remova a chave e escolha uma nova senha: alguém"
                " conhece a que você usa.",
            ),
            MailKind.SECOND_FACTOR_ON: Text(
                subject="Entrada em duas etapas ativada",
                before="De agora em diante, entrar nesta conta no Health&Med pede também um código"
                " do aplicativo autenticador.",
                after="Se não foi você, peça já uma nova senha e avise a clínica.",
            ),
            MailKind.SECOND_FACTOR_OFF: Text(
                subject="Entrada em duas etapas desativada",
                before="De agora em diante, basta a senha para entrar nesta conta no Health&Med.",
                after="Se não foi você, peça já uma nova senha e avise a clínica: alguém conhece a"
                " sua e os seus códigos.",
            ),
            MailKind.ACCESS_REQUESTED: Text(
                subject="Há um pedido para você responder",
                before="Quem atende você pelo Health&Med pede para ver documentos seus. Sem a sua"
                " resposta nada é mostrado.",
                after="Entre para saber quem pede e por quê, e decida o que mostrar e até quando;"
                " ou recuse.",
            ),
            MailKind.GLASS_BROKEN: Text(
                subject="Seus documentos foram liberados em uma emergência",
                before="Quem atende você hoje declarou uma emergência e pode ver seus documentos no"
                " Health&Med por pouco tempo, sem ter pedido antes.",
                after="Entre para ver quem foi, o motivo e tudo o que foi aberto. A clínica vai"
                " examinar o caso; se algo não estiver certo, fale com ela.",
            ),
            MailKind.IN_PERSON_ASKED: Text(
                subject="Há um pedido para você responder",
                before="Alguém pediu a você, pelo Health&Med, uma consulta presencial.",
                after="Entre para ler o pedido e responder: onde e quando, ou por que não.",
            ),
            MailKind.IN_PERSON_ANSWERED: Text(
                subject="Há uma resposta ao seu pedido",
                before="O pedido que você fez pelo Health&Med foi respondido.",
                after="Entre para ler a resposta.",
            ),
            MailKind.EMAIL_CHANGED: Text(
                subject="O e-mail da sua conta mudou",
                before="De agora em diante, esta conta no Health&Med usa outro e-mail. Esta é a"
                " última mensagem que chega a este.",
                after="Se não foi você, avise já a clínica: alguém entrou na sua conta.",
            ),
            MailKind.EXPORT_READY: Text(
                subject="Seus dados estão prontos",
                before="O arquivo com tudo o que o Health&Med guarda de você está pronto e fica à"
                " sua espera por alguns dias.",
                action="Abrir",
                after="É preciso entrar na conta para baixá-lo. Se não foi você quem pediu, escolha"
                " já uma nova senha e avise a clínica.",
            ),
            MailKind.ACCOUNT_ERASED: Text(
                subject="Sua conta foi encerrada",
                before="A conta que usava este e-mail no Health&Med foi encerrada, e o e-mail foi"
                " apagado. O prontuário, se havia um, fica guardado pelo prazo da lei (20 anos, Lei"
                " 13.787/2018).",
                after="Se não foi você, avise já a clínica: o que foi apagado não volta, mas o"
                " prontuário continua lá.",
            ),
            MailKind.CALENDAR_FEED_MADE: Text(
                subject="Novo link para o seu calendário",
                before="Acaba de ser criado um link pelo qual qualquer programa de calendário"
                " mostra os horários das consultas desta conta no Health&Med. Se havia outro link,"
                " ele deixou de valer.",
                after="Se não foi você, entre já, revogue o link e escolha uma nova senha: alguém"
                " entrou na sua conta.",
            ),
            **visit_texts.IN_PORTUGUESE,
        },
    ),
    accounts.Language.ENGLISH: Language(
        doctor="Doctor",
        patient="Patient",
        administrator="Administrator",
        hours="h",
        minutes="minutes",
        closing="Health&Med. This message was sent automatically; there is no need to answer.",
        weekdays=(*("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),),
        months=(
            *("January", "February", "March", "April", "May", "June"),
            *("July", "August", "September", "October", "November", "December"),
        ),
        moment="{weekday}, {day} {month} {year}, at {time} (time of {zone}, {offset})",
        texts={
            MailKind.RESET_PASSWORD: Text(
                subject="Choose a new password",
                before="Somebody asked for a new password for whoever uses this e-mail address at"
                " Health&Med.",
                action="Choose a new password",
                after="The link is good for {lasts}, and once. If it was not you, ignore this"
                " message: the password stays as it is.",
            ),
            MailKind.CONFIRM_EMAIL: Text(
                subject="Confirm your e-mail address",
                before="One step is left before you can use Health&Med: to confirm that this"
                " address is yours.",
                action="Confirm the address",
                after="The link is good for {lasts}, and once. If you have not registered, ignore"
                " this message: without it nobody gets into that account.",
            ),
            MailKind.PASSWORD_CHANGED: Text(
                subject="Your password was changed",
                before="The password of this account at Health&Med has just been changed, and all"
                " its sessions were ended.",
                after="If it was not you, ask for a new password now and tell the clinic: somebody"
                " reads this mailbox.",
            ),
            MailKind.ALREADY_REGISTERED: Text(
                subject="You have an account already",
                before="Somebody tried to register at Health&Med with what belongs to this"
                " account.",
                after="If it was you, sign in as always, or ask for a new password if you have"
                " forgotten it. If not, there is nothing to do: the account has not changed.",
            ),
            MailKind.REGISTRATION_VERIFIED: Text(
                subject="Your registration is active",
                before="The clinic has confirmed this registration at Health&Med: patients can find"
                " you and request appointments.",
                after="The reason for the decision is shown when you sign in.",
            ),
            MailKind.REGISTRATION_SUSPENDED: Text(
                subject="Your registration is suspended",
                before="The clinic has suspended this registration at Health&Med. Until it decides"
                " otherwise, patients can neither find you nor request appointments, and your"
                " sessions were ended.",
                after="The reason for the decision is shown when you sign in. Talk to the clinic.",
            ),
            MailKind.VISITS_IN_DOUBT: Text(
                subject="One of your appointments may not take place",
                before="At the moment, whoever was to see you at Health&Med cannot do so.",
                after="Sign in to see your appointments: you may wait, or cancel and choose"
                " somebody else.",
            ),
            MailKind.PASSKEY_ADDED: Text(
                subject="A new passkey of your account",
                before="A passkey has just been added to this account at Health&Med. Whoever has it"
                " signs in without a password.",
                after="If it was not you, sign in now, remove the passkey and choose a new"
                " password: somebody knows the one that you have.",
            ),
            MailKind.SECOND_FACTOR_ON: Text(
                subject="Two-step sign-in is on",
                before="From now on, signing in to this account at Health&Med takes a code of the"
                " authenticator app too.",
                after="If it was not you, ask for a new password now and tell the clinic.",
            ),
            MailKind.SECOND_FACTOR_OFF: Text(
                subject="Two-step sign-in is off",
                before="From now on, the password is enough to sign in to this account at"
                " Health&Med.",
                after="If it was not you, ask for a new password now and tell the clinic: somebody"
                " knows yours, and your codes.",
            ),
            MailKind.ACCESS_REQUESTED: Text(
                subject="There is a request for you to answer",
                before="Somebody who sees you at Health&Med asks to see documents of yours. Nothing"
                " is shown unless you say so.",
                after="Sign in to read who asks and why, and decide what to show and until when; or"
                " decline.",
            ),
            MailKind.GLASS_BROKEN: Text(
                subject="Your documents can be seen in an emergency",
                before="Somebody who sees you today has declared an emergency and can see your"
                " documents at Health&Med for a short while, without having asked before.",
                after="Sign in to see who it was, why, and all that was opened. The clinic will"
                " look into it; if anything is not right, talk to them.",
            ),
            MailKind.IN_PERSON_ASKED: Text(
                subject="There is a request for you to answer",
                before="Somebody has asked you at Health&Med for a visit in person.",
                after="Sign in to read the request and to answer: where and when, or why not.",
            ),
            MailKind.IN_PERSON_ANSWERED: Text(
                subject="There is an answer to your request",
                before="The request that you made at Health&Med was answered.",
                after="Sign in to read the answer.",
            ),
            MailKind.EMAIL_CHANGED: Text(
                subject="The e-mail address of your account was changed",
                before="From now on, this account at Health&Med has another address. This is the"
                " last message that comes to this one.",
                after="If it was not you, tell the clinic now: somebody got into your account.",
            ),
            MailKind.EXPORT_READY: Text(
                subject="Your data are ready",
                before="The archive of everything that Health&Med keeps of you is ready, and waits"
                " for you for some days.",
                action="Open",
                after="You have to sign in to download it. If it was not you who asked for it,"
                " choose a new password now and tell the clinic.",
            ),
            MailKind.ACCOUNT_ERASED: Text(
                subject="Your account was erased",
                before="The account that had this address at Health&Med was erased, and so was the"
                " address. The record, if there was one, is kept for as long as the law wants (20"
                " years, Lei 13.787/2018).",
                after="If it was not you, tell the clinic now: what was removed does not come back,"
                " but the record is still there.",
            ),
            MailKind.CALENDAR_FEED_MADE: Text(
                subject="A new link for your calendar",
                before="A link has just been made by which any calendar program shows the times of"
                " this account's visits at Health&Med. If there was another link, it is good no"
                " more.",
                after="If it was not you, sign in now, revoke the link and choose a new password:"
                " somebody got into your account.",
            ),
            **visit_texts.IN_ENGLISH,
        },
    ),
}
