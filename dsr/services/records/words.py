"""The words of a dossier and of the register, in the three languages, and how dates are written in them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from dsr.domain.law import Texts

W: Mapping[str, Texts] = {
    "dossier": Texts("Expediente de un caso", "Dossier of one case", "Dossiê de um caso"),
    "lead": Texts(
        "Todo lo que se hizo con una solicitud de una persona sobre sus datos, con las pruebas.",
        "Everything that was done about one person's request about her data, with the proofs.",
        "Tudo o que se fez com o pedido de uma pessoa sobre os seus dados, com as provas.",
    ),
    "controller": Texts("Responsable", "Controller", "Responsável"),
    "contact": Texts("Contacto", "Contact", "Contato"),
    "case": Texts("Caso", "Case", "Caso"),
    "submission": Texts("Solicitud", "Request", "Pedido"),
    "right": Texts("Derecho", "Right", "Direito"),
    "law": Texts("Ley", "Law", "Lei"),
    "authority": Texts("Autoridad", "Authority", "Autoridade"),
    "received": Texts("Recibida", "Received", "Recebido"),
    "due": Texts("Fecha legal", "Legal date", "Data legal"),
    "target": Texts("Objetivo interno", "Own target", "Objetivo interno"),
    "answered": Texts("Respondida", "Answered", "Respondido"),
    "in_time": Texts("A tiempo", "In time", "A tempo"),
    "status": Texts("Estado", "Status", "Estado"),
    "identity": Texts("Identidad probada", "Identity proved", "Identidade provada"),
    "made": Texts("Expediente creado", "Dossier made", "Dossiê criado"),
    "clock": Texts("El plazo, paso a paso", "The time limit, step by step", "O prazo, passo a passo"),
    "rule": Texts("Norma", "Rule", "Norma"),
    "before": Texts("Antes", "Before", "Antes"),
    "after": Texts("Después", "After", "Depois"),
    "source": Texts("Artículo", "Article", "Artigo"),
    "limits": Texts("Otros plazos", "Other time limits", "Outros prazos"),
    "limit": Texts("Plazo", "Time limit", "Prazo"),
    "date": Texts("Fecha", "Date", "Data"),
    "starts": Texts("empieza con: {event}", "starts with: {event}", "começa com: {event}"),
    "course": Texts("Qué pasó y quién decidió", "What happened and who decided", "O que aconteceu e quem decidiu"),
    "when": Texts("Cuándo", "When", "Quando"),
    "what": Texts("Qué", "What", "O quê"),
    "who": Texts("Quién", "Who", "Quem"),
    "why": Texts("Palabras y motivos", "Words and reasons", "Palavras e motivos"),
    "decisions": Texts("Decisiones sobre registros", "Decisions about records", "Decisões sobre registros"),
    "record": Texts("Registro", "Record", "Registro"),
    "verdict": Texts("Decisión", "Decision", "Decisão"),
    "searched": Texts("Dónde se buscó", "Where was searched", "Onde se procurou"),
    "system": Texts("Sistema", "System", "Sistema"),
    "result": Texts("Resultado", "Result", "Resultado"),
    "entries": Texts("Entradas", "Entries", "Entradas"),
    "acts": Texts("Qué se hizo", "What was done", "O que se fez"),
    "changed": Texts("Cambiadas", "Changed", "Alteradas"),
    "kept": Texts("Conservadas", "Kept", "Conservadas"),
    "kept_why": Texts("Por qué y hasta cuándo", "Why and until when", "Por que e até quando"),
    "read_back": Texts("Comprobación", "Read back", "Verificação"),
    "letters": Texts("Cartas enviadas", "Letters sent", "Cartas enviadas"),
    "letter": Texts("Carta", "Letter", "Carta"),
    "file": Texts("Archivo", "File", "Arquivo"),
    "gone": Texts("destruida a su plazo", "destroyed when its time came", "destruída no seu prazo"),
    "mails": Texts("Correos", "Mails", "E-mails"),
    "delivery": Texts("Pruebas de entrega", "Proofs of delivery", "Provas de entrega"),
    "mail": Texts("Correo", "Mail", "Correio"),
    "server": Texts("Respuesta del servidor", "Answer of the server", "Resposta do servidor"),
    "recipients": Texts("Destinatarios avisados", "Recipients told", "Destinatários avisados"),
    "their_answer": Texts("Respuesta", "Answer", "Resposta"),
    "packages": Texts("Datos entregados", "Data handed over", "Dados entregues"),
    "size": Texts("Tamaño", "Size", "Tamanho"),
    "downloads": Texts("Descargas", "Downloads", "Downloads"),
    "audit": Texts("Líneas del registro de auditoría", "Lines of the audit log", "Linhas do registro de auditoria"),
    "audit_text": Texts(
        "Cada línea tiene una prueba (RFC 6962) de que está en el registro firmado; las pruebas están en "
        "audit/proofs.json y el estado firmado en audit/checkpoint.txt.",
        "Each line has a proof (RFC 6962) that it stands in the signed log; the proofs are in "
        "audit/proofs.json and the signed state in audit/checkpoint.txt.",
        "Cada linha tem uma prova (RFC 6962) de que está no registro assinado; as provas estão em "
        "audit/proofs.json e o estado assinado em audit/checkpoint.txt.",
    ),
    "number": Texts("N.º", "No.", "N.º"),
    "check": Texts("Cómo comprobarlo sin confiar en nosotros", "How to check it without trusting us",
                   "Como verificar sem confiar em nós"),
    "check_text": Texts(
        "Pida la clave pública por otra vía que este expediente, guárdela en un archivo y ejecute en esta carpeta: "
        "python3 check.py CLAVE.txt. Bastan Python 3.9 y OpenSSL 3; no hace falta ningún programa nuestro. check.py "
        "es corto y explica al principio, en inglés, cada paso, para leerlo o escribir uno propio: la firma Ed25519 de "
        "manifest.json, el SHA-256 de cada archivo, la prueba de cada línea del registro y qué correo llevó cada carta."
        " Quien tenga el programa: dsr audit verify --dossier CARPETA --key CLAVE.txt.",
        "Ask for the public key another way than with this dossier, save it in a file and run in this folder: "
        "python3 check.py KEY.txt. Python 3.9 and OpenSSL 3 are enough; no program of ours is needed. check.py is "
        "short and explains each step at its beginning, to be read or to write your own: the Ed25519 signature of "
        "manifest.json, the SHA-256 of every file, the proof of every line of the log, which mail brought each letter."
        " Whoever has the program: dsr audit verify --dossier FOLDER --key KEY.txt.",
        "Peça a chave pública por outra via que não este dossiê, guarde-a em um arquivo e execute nesta pasta: "
        "python3 check.py CHAVE.txt. Bastam Python 3.9 e OpenSSL 3; nenhum programa nosso é necessário. check.py é "
        "curto e explica no início, em inglês, cada passo, para ler ou para escrever um próprio: a assinatura Ed25519 "
        "de manifest.json, o SHA-256 de cada arquivo, a prova de cada linha do registro e que e-mail levou cada carta. "
        "Quem tiver o programa: dsr audit verify --dossier PASTA --key CHAVE.txt.",
    ),
    "stays": Texts("Sigue donde estaba", "Stays where it was", "Continua onde estava"),
    "key": Texts("Clave pública", "Public key", "Chave pública"),
    "none": Texts("Nada.", "Nothing.", "Nada."),
    "yes": Texts("sí", "yes", "sim"),
    "no": Texts("no", "no", "não"),
    "open": Texts("aún no", "not yet", "ainda não"),
    "person": Texts("la persona", "the person", "a pessoa"),
    "system_actor": Texts("el sistema", "the system", "o sistema"),
    "recipient_actor": Texts("un destinatario", "a recipient", "um destinatário"),
    "holder_actor": Texts("quien custodia los datos (tarea {n})", "the holder of the data (task {n})",
                          "quem guarda os dados (tarefa {n})"),
    "program": Texts("programa n.º {n}", "program no. {n}", "programa n.º {n}"),
    "cli_actor": Texts("línea de comandos ({n})", "command line ({n})", "linha de comando ({n})"),
    "officer": Texts("persona n.º {n} del personal", "member of staff no. {n}", "pessoa n.º {n} do pessoal"),
    "register": Texts("Registro de solicitudes", "Register of requests", "Registro de pedidos"),
    "register_lead": Texts(
        "Solicitudes de personas sobre sus datos, sin datos personales.",
        "Requests of people about their data, without personal data.",
        "Pedidos de pessoas sobre os seus dados, sem dados pessoais.",
    ),
    "made_on": Texts("Hecho el", "Made on", "Feito em"),
    "behind": Texts("Con retraso", "Late", "Em atraso"),
    "period": Texts("Recibidas", "Received", "Recebidos"),
    "from_to": Texts("del {first} al {last}", "from {first} to {last}", "de {first} a {last}"),
    "totals": Texts("En total", "In all", "No total"),
    "by_right": Texts("Por derecho", "By right", "Por direito"),
    "by_country": Texts("Por país", "By country", "Por país"),
    "requests": Texts("Solicitudes", "Requests", "Pedidos"),
    "open_now": Texts("Abiertas", "Open", "Abertos"),
    "answered_all": Texts("Respondidas", "Answered", "Respondidos"),
    "late": Texts("Respondidas tarde", "Answered late", "Respondidos tarde"),
    "overdue": Texts("Abiertas y vencidas", "Open and past the date", "Abertos e vencidos"),
    "extended": Texts("Prorrogadas", "Extended", "Prorrogados"),
    "median": Texts("Días hasta responder (mediana)", "Days to answer (median)", "Dias até responder (mediana)"),
    "slowest": Texts("Días hasta responder (máximo)", "Days to answer (most)", "Dias até responder (máximo)"),
    "outcomes": Texts("Resultados", "Outcomes", "Resultados"),
    "outcome": Texts("Resultado", "Outcome", "Resultado"),
    "country": Texts("País", "Country", "País"),
    "unsaid": Texts("sin indicar", "not said", "não indicado"),
    "rows": Texts("Solicitud por solicitud", "Request by request", "Pedido a pedido"),
    "days": Texts("Días", "Days", "Dias"),
}  # fmt: skip


def word(code: str, language: str, **values: object) -> str:
    """The word in this language, with its places filled."""
    return W[code].of(language).format(**values)


def of(table: Mapping[str, Texts], code: str, language: str) -> str:
    """A code of one of the tables in words; the code itself where it has none."""
    return table[code].of(language) if code in table else code


def day(value: date | None) -> str:
    """A date as records write it, the same in every language: 2026-03-02."""
    return value.isoformat() if value else ""


def moment(value: datetime | None, zone: str) -> str:
    """A moment by the controller's clock, with its offset: 2026-03-02 10:00:00 +01:00."""
    if value is None:
        return ""
    local = value.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d %H:%M:%S} {local:%z}"


ACTORS = {
    "person": "person", "system": "system_actor", "recipient": "recipient_actor", "staff": "officer",
    "holder": "holder_actor", "token": "program", "cli": "cli_actor",
}  # fmt: skip
"""Who can stand in the log, by what the name begins with."""


def actor(name: str, language: str) -> str:
    """Who did it: officers by number, never by name."""
    kind, _, rest = name.partition(":")
    return word(ACTORS.get(kind, "system_actor"), language, n=rest or "—")
