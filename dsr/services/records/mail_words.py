"""What records call mails, what became of them and the proofs of delivery, in the three languages."""

from __future__ import annotations

from dsr.domain.law import Texts

MAIL = {
    "confirm": Texts(es="Código de confirmación", en="Confirmation code", pt="Código de confirmação"),
    "second_code": Texts(
        es="Código para abrir la respuesta", en="Code to open the answer", pt="Código para abrir a resposta"
    ),
    "acknowledgement": Texts(
        es="Acuse de recibo", en="Acknowledgement of receipt", pt="Confirmação de recebimento"
    ),
    "answer_ready": Texts(
        es="La respuesta está lista", en="The answer is ready", pt="A resposta está pronta"
    ),
    "message": Texts(es="Hay un mensaje", en="There is a message", pt="Há uma mensagem"),
    "info_requested": Texts(es="Una pregunta", en="A question", pt="Uma pergunta"),
    "extended": Texts(es="Aviso de prórroga", en="Notice of extension", pt="Aviso de prorrogação"),
    "cancelled": Texts(es="Aviso de cancelación", en="Notice of cancellation", pt="Aviso de cancelamento"),
    "expired": Texts(
        es="Cerrado sin prueba de identidad",
        en="Closed without proof of identity",
        pt="Encerrado sem prova de identidade",
    ),
    "reminder_identity": Texts(
        es="Recordatorio para confirmar", en="Reminder to confirm", pt="Lembrete para confirmar"
    ),
    "lifting_notice": Texts(
        es="Aviso de que termina la limitación",
        en="Notice that the restriction ends",
        pt="Aviso de que a limitação termina",
    ),
    "holder_task": Texts(
        es="Tarea para quien custodia datos", en="Task for a holder", pt="Tarefa para quem guarda dados"
    ),
    "officer_reminder": Texts(
        es="Recordatorio a la persona responsable",
        en="Reminder to the officer",
        pt="Lembrete à pessoa responsável",
    ),
    "officer_digest": Texts(es="Resumen de la mañana", en="Morning digest", pt="Resumo da manhã"),
    "escalation": Texts(es="Aviso a instancia superior", en="Escalation", pt="Aviso à instância superior"),
    "recipient_notice": Texts(
        es="Carta a un destinatario", en="Letter to a recipient", pt="Carta a um destinatário"
    ),
    "recipients_due": Texts(
        es="Hay destinatarios sin avisar", en="Recipients are not told yet", pt="Há destinatários por avisar"
    ),
    "undelivered": Texts(es="Un aviso no llegó", en="A notice did not arrive", pt="Um aviso não chegou"),
    "kept_ended": Texts(
        es="Aviso de borrar lo conservado, vencido su plazo",
        en="Reminder to take away what was kept, its time over",
        pt="Aviso para apagar o conservado, vencido o prazo",
    ),
    "hold_review": Texts(
        es="Aviso de revisar una retención legal",
        en="Reminder to review a legal hold",
        pt="Aviso para revisar uma retenção legal",
    ),
}

PROVED = {
    "accepted": Texts(
        es="Correo aceptado por el servidor",
        en="Mail accepted by the server",
        pt="E-mail aceito pelo servidor",
    ),
    "failed": Texts(
        es="El correo no se pudo enviar", en="Mail could not be sent", pt="Não foi possível enviar o e-mail"
    ),
    "bounced": Texts(es="El correo fue devuelto", en="Mail came back", pt="O e-mail foi devolvido"),
    "opened": Texts(
        es="La persona abrió la carta", en="Letter opened by the person", pt="A pessoa abriu a carta"
    ),
    "viewed": Texts(
        es="La persona leyó los datos en el portal",
        en="Data read by the person on the portal",
        pt="A pessoa leu os dados no portal",
    ),
    "downloaded": Texts(
        es="La persona descargó los datos",
        en="Data downloaded by the person",
        pt="A pessoa baixou os dados",
    ),
    "collected": Texts(es="La persona la recogió", en="Collected by the person", pt="Retirada pela pessoa"),
    "read_here": Texts(es="La persona la leyó aquí", en="Read at the desk", pt="Lida pela pessoa aqui"),
    "otherwise": Texts(
        es="La persona la recibió de otro modo",
        en="The person got it another way",
        pt="A pessoa a recebeu de outro modo",
    ),
    "read_back": Texts(
        es="Los sistemas se releyeron antes de escribir la carta (registros que quedan)",
        en="The systems were read back before the letter was written (records left)",
        pt="Os sistemas foram relidos antes de escrever a carta (registros que ficam)",
    ),
}
"""What proves that an answer was given; see dsr.store.telling."""

MAIL_STATE = {
    "waiting": Texts(es="Pendiente de envío", en="Waiting to be sent", pt="À espera de envio"),
    "accepted": Texts(
        es="Aceptado por el servidor de correo",
        en="Accepted by the mail server",
        pt="Aceito pelo servidor de e-mail",
    ),
    "failed": Texts(es="No se pudo enviar", en="Could not be sent", pt="Não foi possível enviar"),
    "bounced": Texts(es="Devuelto", en="Came back", pt="Devolvido"),
    "settled": Texts(es="No llegó; resuelto", en="Did not arrive; settled", pt="Não chegou; resolvido"),
}

CHANNEL = {
    "mail": Texts(es="por correo electrónico", en="by e-mail", pt="por e-mail"),
    "webhook": Texts(
        es="por un mensaje firmado a su programa",
        en="by a signed message to its program",
        pt="por uma mensagem assinada ao seu programa",
    ),
    "manual": Texts(es="a mano", en="by hand", pt="à mão"),
}

NOTICE = {
    "planned": Texts(es="Aún sin avisar", en="Not told yet", pt="Ainda sem aviso"),
    "manual": Texts(es="Aún sin avisar", en="Not told yet", pt="Ainda sem aviso"),
    "sending": Texts(es="Aviso en camino", en="Notice on its way", pt="Aviso a caminho"),
    "told": Texts(es="Avisado, sin respuesta", en="Told, not answered", pt="Avisado, sem resposta"),
    "failed": Texts(es="No se le pudo avisar", en="Could not be told", pt="Não foi possível avisar"),
    "confirmed": Texts(
        es="Confirmó que está hecho", en="Confirmed that it is done", pt="Confirmou que está feito"
    ),
    "impossible": Texts(
        es="Respondió que es imposible", en="Answered that it is impossible", pt="Respondeu que é impossível"
    ),
}
"""What became of the notice to a recipient; see dsr.services.recipients."""
