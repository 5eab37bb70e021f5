"""What records call the entries of the log and verdicts, in the three languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsr.domain.law import Texts

from .words import of

KIND = {
    "case.submitted": Texts(es="Solicitud recibida", en="Request received", pt="Pedido recebido"),
    "identity.proved": Texts(es="Identidad probada", en="Identity proved", pt="Identidade provada"),
    "identity.failed": Texts(es="Código equivocado", en="Wrong code typed", pt="Código errado"),
    "case.planned": Texts(
        es="Búsqueda hecha y plan preparado",
        en="Searched, and a plan was made",
        pt="Busca feita e plano preparado",
    ),
    "case.proposal_decided": Texts(
        es="Se decidió un registro propuesto",
        en="A proposed record was decided",
        pt="Um registro proposto foi decidido",
    ),
    "case.withheld": Texts(es="Se omitió algo", en="Something was withheld", pt="Algo foi omitido"),
    "case.approved": Texts(es="Plan aprobado", en="Plan approved", pt="Plano aprovado"),
    "case.second_approved": Texts(
        es="Plan aprobado por una segunda persona",
        en="Plan approved by a second officer",
        pt="Plano aprovado por uma segunda pessoa",
    ),
    "case.sent_back": Texts(
        es="Devuelto por la segunda persona",
        en="Sent back by the second officer",
        pt="Devolvido pela segunda pessoa",
    ),
    "clock.paused": Texts(
        es="Se preguntó algo a la persona",
        en="The person was asked something",
        pt="Algo foi perguntado à pessoa",
    ),
    "clock.resumed": Texts(es="La persona respondió", en="The person answered", pt="A pessoa respondeu"),
    "clock.extended": Texts(es="Plazo prorrogado", en="Deadline extended", pt="Prazo prorrogado"),
    "answer.handed_over": Texts(
        es="La respuesta se entregó en mano",
        en="The answer was handed over",
        pt="A resposta foi entregue em mãos",
    ),
    "authority.forwarded": Texts(
        es="Reclamación remitida por la autoridad",
        en="Complaint forwarded by the authority",
        pt="Reclamação encaminhada pela autoridade",
    ),
    "authority.answered": Texts(
        es="Se respondió a la autoridad", en="The authority was answered", pt="A autoridade foi respondida"
    ),
    "case.kept_ended": Texts(
        es="Se borró lo conservado, vencido su plazo",
        en="What was kept was taken away, its time over",
        pt="Foi apagado o que se conservava, vencido o prazo",
    ),
    "case.refused": Texts(es="Denegada", en="Refused", pt="Recusado"),
    "case.cancelled": Texts(es="Cancelada", en="Cancelled", pt="Cancelado"),
    "case.withdrawn": Texts(
        es="Retirado por la persona", en="Withdrawn by the person", pt="Retirado pela pessoa"
    ),
    "case.expired": Texts(
        es="Cerrado: identidad nunca probada",
        en="Closed: identity never proved",
        pt="Encerrado: identidade nunca provada",
    ),
    "case.acted": Texts(es="Se cambió un sistema", en="A system was changed", pt="Um sistema foi alterado"),
    "case.conflict": Texts(
        es="Conflicto: algo cambió entretanto",
        en="Conflict: something changed meanwhile",
        pt="Conflito: algo mudou nesse meio-tempo",
    ),
    "case.failed": Texts(es="Algo ha fallado", en="Something failed", pt="Algo falhou"),
    "case.verified": Texts(es="Vuelto a leer", en="Read back", pt="Relido"),
    "case.retried": Texts(es="Nuevo intento", en="Tried again", pt="Nova tentativa"),
    "case.answered": Texts(es="Respondida", en="Answered", pt="Respondido"),
    "case.went_on": Texts(
        es="Se busca otra vez lo que faltaba",
        en="What was missing is searched again",
        pt="O que faltava é procurado de novo",
    ),
    "case.promise_settled": Texts(
        es="Lo que faltaba no se buscará: se dijo por qué",
        en="What was missing will not be searched: the reason was told",
        pt="O que faltava não será procurado: o motivo foi informado",
    ),
    "case.closed": Texts(es="Cerrado", en="Closed", pt="Encerrado"),
    "case.assigned": Texts(es="Asignado", en="Assigned", pt="Atribuído"),
    "case.noted": Texts(es="Nota interna", en="Internal note", pt="Nota interna"),
    "case.message": Texts(es="Mensaje", en="Message", pt="Mensagem"),
    "case.values_opened": Texts(
        es="Se abrieron valores ocultos", en="Masked values were opened", pt="Valores ocultos foram abertos"
    ),
    "case.evidence_opened": Texts(
        es="Se abrió una prueba", en="Evidence was opened", pt="Uma prova foi aberta"
    ),
    "task.completed": Texts(
        es="Respondió quien custodia los datos", en="A holder answered", pt="Quem guarda os dados respondeu"
    ),
    "vault.sealed": Texts(es="Se sellaron filas", en="Rows were sealed", pt="Linhas foram seladas"),
    "vault.opened": Texts(
        es="Se abrieron filas selladas", en="Sealed rows were opened", pt="Linhas seladas foram abertas"
    ),
    "vault.lifted": Texts(
        es="Se está levantando la limitación",
        en="The restriction is being lifted",
        pt="A limitação está sendo levantada",
    ),
    "vault.destroyed": Texts(
        es="Se destruyeron filas selladas",
        en="Sealed rows were destroyed",
        pt="Linhas seladas foram destruídas",
    ),
    "package.viewed": Texts(es="Se leyó la respuesta", en="The answer was read", pt="A resposta foi lida"),
    "package.fetched": Texts(
        es="Se descargaron los datos", en="The data were downloaded", pt="Os dados foram baixados"
    ),
    "package.destroyed": Texts(
        es="Se destruyó el paquete", en="The package was destroyed", pt="O pacote foi destruído"
    ),
    "mail.accepted": Texts(
        es="El servidor aceptó un correo",
        en="A mail was accepted by the server",
        pt="O servidor aceitou um e-mail",
    ),
    "mail.failed": Texts(
        es="No se pudo enviar un correo", en="A mail could not be sent", pt="Um e-mail não pôde ser enviado"
    ),
    "mail.bounced": Texts(es="Un correo fue devuelto", en="A mail came back", pt="Um e-mail voltou"),
    "clock.reminded": Texts(es="Recordatorio enviado", en="Officer reminded", pt="Lembrete enviado"),
    "system.added": Texts(es="Sistema conectado", en="System connected", pt="Sistema conectado"),
    "system.secret": Texts(
        es="Secreto de un sistema sustituido",
        en="Secret of a system replaced",
        pt="Segredo de um sistema substituído",
    ),
    "system.mode": Texts(
        es="Cambió el modo de un sistema", en="Mode of a system changed", pt="O modo de um sistema mudou"
    ),
    "system.held": Texts(es="Se usó el interruptor", en="Hold switch used", pt="O interruptor foi usado"),
    "system.checked": Texts(es="Sistema comprobado", en="System checked", pt="Sistema verificado"),
    "system.previewed": Texts(
        es="Vista previa de un sistema", en="System previewed", pt="Prévia de um sistema"
    ),
    "staff.added": Texts(
        es="Cuenta de personal añadida", en="Member of staff added", pt="Conta da equipe adicionada"
    ),
    "staff.changed": Texts(
        es="Cuenta de personal cambiada", en="Member of staff changed", pt="Conta da equipe alterada"
    ),
    "staff.signed_in": Texts(es="Inicio de sesión", en="Signed in", pt="Início de sessão"),
    "staff.sign_in_failed": Texts(
        es="Contraseña o código equivocados", en="Wrong password or code", pt="Senha ou código errados"
    ),
    "token.made": Texts(
        es="Clave para un programa creada", en="Token for a program made", pt="Chave para um programa criada"
    ),
    "token.revoked": Texts(
        es="Clave de un programa revocada",
        en="Token of a program revoked",
        pt="Chave de um programa revogada",
    ),
    "hook.made": Texts(es="Aviso automático creado", en="Webhook made", pt="Aviso automático criado"),
    "hook.ended": Texts(es="Aviso automático terminado", en="Webhook ended", pt="Aviso automático encerrado"),
    "hook.failed": Texts(
        es="No se pudo entregar un aviso a un programa",
        en="A message to a program could not be delivered",
        pt="Um aviso a um programa não pôde ser entregue",
    ),
    "audit.checkpoint": Texts(
        es="Punto de control firmado", en="Checkpoint signed", pt="Ponto de controle assinado"
    ),
    "case.dossier_made": Texts(
        es="Expediente para una autoridad creado",
        en="Dossier for an authority made",
        pt="Dossiê para uma autoridade criado",
    ),
    "case.duty_done": Texts(
        es="Una obligación se cumplió a mano",
        en="A duty was done by hand",
        pt="Uma obrigação foi cumprida à mão",
    ),
    "register.made": Texts(
        es="Registro de solicitudes creado", en="Register of requests made", pt="Registro de pedidos criado"
    ),
    "case.forgotten": Texts(
        es="Datos personales del caso destruidos",
        en="Personal data of the case destroyed",
        pt="Dados pessoais do caso destruídos",
    ),
    "case.resurrected": Texts(es="Hay datos de nuevo", en="Data are there again", pt="Há dados de novo"),
    "identity.power_confirmed": Texts(
        es="Representación confirmada", en="Power of representation confirmed", pt="Representação confirmada"
    ),
    "case.part_refused": Texts(
        es="Se denegó una parte", en="A part was refused", pt="Uma parte foi recusada"
    ),
    "case.fee_offered": Texts(
        es="Se ofreció un pago en lugar de denegar",
        en="A fee was offered instead of a refusal",
        pt="Foi proposto um pagamento em vez da recusa",
    ),
    "case.forwarded": Texts(
        es="Enviada a otro responsable", en="Passed on to somebody else", pt="Encaminhado a outro responsável"
    ),
    "case.decision_reviewed": Texts(
        es="Se revisó una decisión automática",
        en="An automated decision was reviewed",
        pt="Uma decisão automatizada foi revisada",
    ),
    "case.complaint_answered": Texts(
        es="Se respondió a una reclamación", en="A complaint was answered", pt="Uma reclamação foi respondida"
    ),
    "vault.opening_asked": Texts(
        es="Apertura de datos bloqueados pedida",
        en="Opening of blocked data asked for",
        pt="Abertura de dados bloqueados pedida",
    ),
    "vault.opening_approved": Texts(
        es="Apertura de datos bloqueados aprobada",
        en="Opening of blocked data approved",
        pt="Abertura de dados bloqueados aprovada",
    ),
    "vault.opening_denied": Texts(
        es="Apertura de datos bloqueados denegada",
        en="Opening of blocked data denied",
        pt="Abertura de dados bloqueados recusada",
    ),
    "vault.certificate": Texts(
        es="Certificado de destrucción expedido",
        en="Certificate of destruction made",
        pt="Certificado de destruição emitido",
    ),
    "vault.key": Texts(es="Clave legal cambiada", en="Legal key changed", pt="Chave legal alterada"),
    "mail.settled": Texts(
        es="Se resolvió un correo que no llegó",
        en="A mail that did not arrive was settled",
        pt="Resolveu-se um e-mail que não chegou",
    ),
    "mail.replied": Texts(
        es="Alguien respondió a un correo: léalo en el buzón",
        en="Somebody replied to a mail: read it in the mailbox",
        pt="Alguém respondeu a uma mensagem: leia-a na caixa de correio",
    ),
    "recipient.noted": Texts(
        es="Se avisó a un destinatario, o respondió",
        en="A recipient was told, or answered",
        pt="Um destinatário foi avisado, ou respondeu",
    ),
    "inventory.trackers": Texts(
        es="Se buscaron herramientas de seguimiento en el correo enviado",
        en="Sent mail was searched for tracking tools",
        pt="O e-mail enviado foi examinado em busca de ferramentas de rastreamento",
    ),
    "inventory.surveyed": Texts(
        es="Pregunta del inventario respondida",
        en="Question of the inventory survey answered",
        pt="Pergunta do inventário respondida",
    ),
    "system.place": Texts(
        es="Lugar del inventario modificado",
        en="Place of the inventory changed",
        pt="Lugar do inventário alterado",
    ),
    "case.proof_forgotten": Texts(
        es="Cartas y pruebas del expediente destruidas",
        en="Letters and proof of the case destroyed",
        pt="Cartas e provas do processo destruídas",
    ),
    "case.replayed": Texts(
        es="Borrado repetido tras una restauración",
        en="Erasure repeated after a restore",
        pt="Eliminação repetida após uma restauração",
    ),
    "case.held": Texts(
        es="Retención legal establecida", en="Legal hold set", pt="Retenção legal estabelecida"
    ),
    "case.released": Texts(
        es="Retención legal levantada", en="Legal hold released", pt="Retenção legal levantada"
    ),
    "suppression.added": Texts(
        es="Añadida a la lista de personas a las que no escribir",
        en="Added to the list of people not to contact",
        pt="Adicionada à lista de pessoas a não contatar",
    ),
    "suppression.withdrawn": Texts(
        es="Quitada de la lista de personas a las que no escribir",
        en="Taken off the list of people not to contact",
        pt="Retirada da lista de pessoas a não contatar",
    ),
    "suppression.exported": Texts(
        es="Lista de personas a las que no escribir exportada",
        en="List of people not to contact exported",
        pt="Lista de pessoas a não contatar exportada",
    ),
    "system.swept": Texts(
        es="Revisado en busca de personas que han vuelto",
        en="Looked through for people who came back",
        pt="Revisado à procura de pessoas que voltaram",
    ),
}

DECIDED_TOGETHER = Texts(
    es="Se decidieron juntos varios registros propuestos",
    en="Several proposed records were decided together",
    pt="Vários registros propostos foram decididos juntos",
)

NOTHING_SEARCHED = Texts(
    es="No se buscó en ningún sistema; decide una persona",
    en="No system was searched; a person decides",
    pt="Nenhum sistema foi consultado; decide uma pessoa",
)

VERDICT = {
    "accept": Texts(es="Aceptado", en="Accepted", pt="Aceito"),
    "reject": Texts(
        es="Rechazado: no es esta persona", en="Rejected: not this person", pt="Rejeitado: não é esta pessoa"
    ),
    "withhold": Texts(es="Omitido", en="Withheld", pt="Omitido"),
    "redact": Texts(es="Campo omitido", en="Field withheld", pt="Campo omitido"),
}


SEALED = Texts(
    es="Se bloquearon {rows} filas hasta el {until}; raíz {root}",
    en="{rows} rows were blocked until {until}; root {root}",
    pt="{rows} linhas foram bloqueadas até {until}; raiz {root}",
)


def happened(kind: str, data: Mapping[str, Any], language: str) -> str:
    """What an entry says; a complaint is looked into by a person, in no system; proposals come together."""
    if kind == "case.planned" and data.get("searched") == {}:
        return NOTHING_SEARCHED.of(language)
    if kind == "case.proposal_decided" and data.get("count", 1) > 1:
        return DECIDED_TOGETHER.of(language)
    if kind == "vault.sealed":
        return SEALED.of(language).format(
            rows=data.get("rows", ""), until=data.get("until", ""), root=data.get("root", "")
        )
    return of(KIND, kind, language)
