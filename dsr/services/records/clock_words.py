"""What records call statuses, events, rules of the clock and results, in the three languages."""

from __future__ import annotations

from dsr.domain.law import Texts

STEP = {
    "started": Texts(
        es="El plazo empieza el %(after)s",
        en="The period starts on %(after)s",
        pt="O prazo começa em %(after)s",
    ),
    "restarted": Texts(
        es="El plazo empieza de nuevo el %(after)s, tras la respuesta de la persona",
        en="The period starts again on %(after)s, after the answer of the person",
        pt="O prazo recomeça em %(after)s, após a resposta da pessoa",
    ),
    "period": Texts(
        es="El plazo legal termina el %(after)s",
        en="The period of the law ends on %(after)s",
        pt="O prazo legal termina em %(after)s",
    ),
    "extended": Texts(
        es="La prórroga lo lleva al %(after)s",
        en="The extension moves it to %(after)s",
        pt="A prorrogação o leva a %(after)s",
    ),
    "paused": Texts(
        es="La pausa lo lleva al %(after)s",
        en="The pause moves it to %(after)s",
        pt="A pausa o leva a %(after)s",
    ),
    "rolled": Texts(
        es="Ese día no es hábil: pasa al %(after)s",
        en="That day is no working day: it moves to %(after)s",
        pt="Esse dia não é útil: passa para %(after)s",
    ),
    "kept": Texts(
        es="El caso conserva la fecha que se le dio: pasa al %(after)s",
        en="The case keeps the date it was given: it moves to %(after)s",
        pt="O caso mantém a data que lhe foi dada: passa para %(after)s",
    ),
    "suspended": Texts(
        es="El plazo se detiene mientras se pregunta a la persona",
        en="The clock stands still while the person is asked",
        pt="O prazo para enquanto se pergunta à pessoa",
    ),
    "retained": Texts(
        es="El plazo de conservación termina el %(after)s",
        en="The retention period ends on %(after)s",
        pt="O prazo de conservação termina em %(after)s",
    ),
}

DEADLINE = {
    "respond": Texts(es="Respuesta", en="Answer", pt="Resposta"),
    "execute": Texts(
        es="Ejecutar después de la respuesta",
        en="Carry out after the answer",
        pt="Executar depois da resposta",
    ),
    "refuse": Texts(
        es="Denegar, si se deniega", en="Refuse, if it is refused", pt="Recusar, se for recusado"
    ),
    "ack": Texts(es="Acusar recibo", en="Acknowledge receipt", pt="Confirmar o recebimento"),
    "simplified": Texts(
        es="Responder de forma simplificada",
        en="Answer in simplified form",
        pt="Responder de forma simplificada",
    ),
    "stop": Texts(es="Detener", en="Stop", pt="Parar"),
    "marketing_stop": Texts(es="Dejar de enviar publicidad", en="Stop advertising", pt="Parar a publicidade"),
    "forward": Texts(
        es="Trasladar, si otro es competente",
        en="Forward, where another is competent",
        pt="Encaminhar, se outro for competente",
    ),
    "mark_in_dispute": Texts(
        es="Marcar los datos como reclamados",
        en="Mark the data as claimed",
        pt="Marcar os dados como reclamados",
    ),
    "block_on_receipt": Texts(
        es="Bloquear los datos durante la solicitud",
        en="Block the data for the time of the request",
        pt="Bloquear os dados durante o pedido",
    ),
    "notify_recipients": Texts(
        es="Avisar a quienes recibieron los datos",
        en="Tell those who received the data",
        pt="Avisar quem recebeu os dados",
    ),
    "request_missing": Texts(es="Pedir lo que falta", en="Ask for what is missing", pt="Pedir o que falta"),
    "request_more": Texts(
        es="Pedir más información", en="Ask for more information", pt="Pedir mais informação"
    ),
    "person_answer": Texts(
        es="Respuesta de la persona a nuestra pregunta",
        en="Answer of the person to our question",
        pt="Resposta da pessoa à nossa pergunta",
    ),
    "person_correction": Texts(
        es="Subsanación por la persona", en="Correction by the person", pt="Correção pela pessoa"
    ),
    "abandoned": Texts(
        es="Desistimiento de la persona", en="Given up by the person", pt="Desistência da pessoa"
    ),
    "complaint_window": Texts(
        es="Reclamación ante la autoridad", en="Complaint to the authority", pt="Reclamação à autoridade"
    ),
    "dpo_decision": Texts(
        es="Decisión del delegado de protección de datos",
        en="Decision of the data protection officer",
        pt="Decisão do encarregado da proteção de dados",
    ),
    "dpo_answer": Texts(
        es="Respuesta a la autoridad", en="Answer to the authority", pt="Resposta à autoridade"
    ),
    "retain_until": Texts(es="Conservar hasta", en="Keep until", pt="Conservar até"),
    "block_until": Texts(es="Mantener bloqueado hasta", en="Keep blocked until", pt="Manter bloqueado até"),
    "erase_by": Texts(es="Borrar antes del", en="Erase by", pt="Apagar até"),
}

EVENT = {
    "identity_requested": Texts(
        es="Se pidió prueba de identidad", en="Proof of identity asked for", pt="Prova de identidade pedida"
    ),
    "clarification_requested": Texts(
        es="Se pidió una aclaración", en="Clarification asked for", pt="Esclarecimento pedido"
    ),
    "info_requested": Texts(es="Se pidió información", en="Information asked for", pt="Informação pedida"),
    "fee_requested": Texts(es="Se pidió un pago", en="Fee asked for", pt="Pagamento pedido"),
    "identity_confirmed": Texts(es="Identidad probada", en="Identity proved", pt="Identidade provada"),
    "clarification_received": Texts(
        es="Aclaración recibida", en="Clarification received", pt="Esclarecimento recebido"
    ),
    "info_received": Texts(es="Información recibida", en="Information received", pt="Informação recebida"),
    "fee_paid": Texts(es="Pago hecho", en="Fee paid", pt="Pagamento feito"),
    "extended": Texts(es="Prorrogado", en="Extended", pt="Prorrogado"),
    "execution_extended": Texts(es="Ejecución prorrogada", en="Execution extended", pt="Execução prorrogada"),
    "identity_insufficient": Texts(
        es="La prueba de identidad no bastó",
        en="Proof of identity was not enough",
        pt="A prova de identidade não bastou",
    ),
    "authority_answered": Texts(
        es="Se respondió a la autoridad", en="Authority answered", pt="Autoridade respondida"
    ),
    "forwarded_by_authority": Texts(
        es="Remitido por la autoridad", en="Forwarded by the authority", pt="Encaminhado pela autoridade"
    ),
    "answered": Texts(es="Respondida", en="Answered", pt="Respondido"),
    "done": Texts(es="Ejecutado", en="Carried out", pt="Executado"),
    "received": Texts(es="Solicitud recibida", en="Request received", pt="Pedido recebido"),
}

CERTAIN = {
    "seen": Texts(es="leído en la ley", en="read in the law", pt="lido na lei"),
    "secondary": Texts(es="leído en un comentario", en="read in a commentary", pt="lido num comentário"),
    "memory": Texts(es="sin comprobar", en="not checked", pt="não verificado"),
    "derived": Texts(es="deducido", en="derived", pt="deduzido"),
}

ENDING = {
    "done": Texts(es="Hecho", en="Done", pt="Feito"),
    "partly": Texts(es="Hecho en parte", en="Done in part", pt="Feito em parte"),
    "nothing": Texts(es="Sin datos encontrados", en="Nothing found", pt="Nada encontrado"),
    "refused": Texts(es="Denegada", en="Refused", pt="Recusado"),
    "cancelled": Texts(es="Cancelada", en="Cancelled", pt="Cancelado"),
    "withdrawn": Texts(es="Retirado por la persona", en="Withdrawn by the person", pt="Retirado pela pessoa"),
    "unverified": Texts(
        es="Identidad nunca probada", en="Identity never proved", pt="Identidade nunca provada"
    ),
    "forwarded": Texts(
        es="Enviada a otro responsable", en="Passed on to somebody else", pt="Encaminhado a outro responsável"
    ),
}

STATUS = {
    "unverified": Texts(
        es="Identidad aún sin probar", en="Identity not proved yet", pt="Identidade ainda não provada"
    ),
    "ready": Texts(es="Listo para buscar", en="Ready to search", pt="Pronto para buscar"),
    "collecting": Texts(es="Buscando", en="Searching", pt="Buscando"),
    "review": Texts(es="Por revisar", en="To review", pt="A revisar"),
    "waiting": Texts(es="A la espera de la persona", en="Waiting for the person", pt="À espera da pessoa"),
    "second": Texts(
        es="Necesita una segunda aprobación", en="Needs a second approval", pt="Precisa de segunda aprovação"
    ),
    "approved": Texts(es="Aprobado", en="Approved", pt="Aprovado"),
    "acting": Texts(es="En ejecución", en="Being carried out", pt="Em execução"),
    "attention": Texts(es="Necesita atención", en="Needs attention", pt="Precisa de atenção"),
    "answered": Texts(es="Respondida", en="Answered", pt="Respondido"),
    "closed": Texts(es="Cerrado", en="Closed", pt="Encerrado"),
}

FOUND = {
    "found": Texts(es="Encontrado", en="Found", pt="Encontrado"),
    "nothing": Texts(es="Nada", en="Nothing", pt="Nada"),
    "failed": Texts(es="No se pudo buscar", en="Could not be searched", pt="Não foi possível buscar"),
    "not_applicable": Texts(es="No procede", en="Not applicable", pt="Não se aplica"),
    "not_answered": Texts(es="Sin respuesta todavía", en="Not answered yet", pt="Ainda sem resposta"),
}

STATE = {
    "intended": Texts(es="Sin empezar", en="Not begun", pt="Não iniciado"),
    "done": Texts(es="Hecho", en="Done", pt="Feito"),
    "already": Texts(es="Ya estaba hecho", en="Was done already", pt="Já estava feito"),
    "pending": Texts(es="En curso", en="Under way", pt="Em andamento"),
    "waiting": Texts(es="En espera", en="Waiting", pt="Em espera"),
    "conflict": Texts(
        es="Conflicto: no se cambió nada",
        en="Conflict: nothing was changed",
        pt="Conflito: nada foi alterado",
    ),
    "failed": Texts(es="Fallido", en="Failed", pt="Falhou"),
}

VERIFIED = {
    "clean": Texts(
        es="Vuelto a leer: no queda nada", en="Read back: nothing is left", pt="Relido: não resta nada"
    ),
    "left": Texts(
        es="Vuelto a leer: aún queda algo",
        en="Read back: something is still there",
        pt="Relido: ainda resta algo",
    ),
    "stated": Texts(
        es="Lo confirma quien lo hizo: ningún programa puede volver a leerlo",
        en="Confirmed by whoever did it: no program can read it back",
        pt="Confirmado por quem o fez: nenhum programa consegue reler",
    ),
}

CHANNEL = {
    "portal": Texts(es="Portal", en="Portal", pt="Portal"),
    "post": Texts(es="Correo postal", en="Post", pt="Correio"),
    "phone": Texts(es="Teléfono", en="Telephone", pt="Telefone"),
    "mail": Texts(es="Correo electrónico", en="E-mail", pt="E-mail"),
    "visit": Texts(es="Visita", en="Visit", pt="Visita"),
    "cli": Texts(es="Línea de comandos", en="Command line", pt="Linha de comando"),
    "api": Texts(es="Programa", en="Program", pt="Programa"),
    "import": Texts(es="Importación", en="Import", pt="Importação"),
    "return": Texts(
        es="Detectado por nosotros: hay datos de nuevo",
        en="Found by ourselves: data are there again",
        pt="Detectado por nós: há dados de novo",
    ),
    "lift": Texts(
        es="Sus datos volvieron al levantarse una limitación",
        en="Her data came back when a restriction was lifted",
        pt="Os dados voltaram quando uma limitação foi levantada",
    ),
    "processor": Texts(
        es="Remitida por un encargado", en="Passed on by a processor", pt="Encaminhado por um operador"
    ),
}

HOW = {
    "mail": Texts(
        es="con un código enviado a la dirección",
        en="by a code sent to the address",
        pt="com um código enviado ao endereço",
    ),
    "code": Texts(
        es="con un código enviado a la dirección",
        en="by a code sent to the address",
        pt="com um código enviado ao endereço",
    ),
    "earlier": Texts(
        es="por una solicitud anterior", en="by an earlier request", pt="por uma solicitação anterior"
    ),
    "officer": Texts(es="por una persona responsable", en="by an officer", pt="por uma pessoa responsável"),
    "revealed": Texts(
        es="por un registro de la persona", en="by a record of the person", pt="por um registro da pessoa"
    ),
    "document_seen": Texts(
        es="por una persona responsable: documento visto",
        en="by an officer: document seen",
        pt="por uma pessoa responsável: documento visto",
    ),
    "in_person": Texts(
        es="por una persona responsable: en persona",
        en="by an officer: in person",
        pt="por uma pessoa responsável: presencialmente",
    ),
    "call_back": Texts(
        es="por una persona responsable: llamada devuelta",
        en="by an officer: called back",
        pt="por uma pessoa responsável: ligação retornada",
    ),
    "customer_area": Texts(
        es="por una persona responsable: área de clientes",
        en="by an officer: customer area",
        pt="por uma pessoa responsável: área de clientes",
    ),
    "signature": Texts(
        es="por una persona responsable: firma",
        en="by an officer: signature",
        pt="por uma pessoa responsável: assinatura",
    ),
    "other": Texts(es="por una persona responsable", en="by an officer", pt="por uma pessoa responsável"),
}
