"""What the connector says to people, in every language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._rights import needed, rights
from connectors._settings import ALLOW_PRIVATE, CA, KEEPING, TELLING
from connectors._words import say
from dsr.contract import Action, Setting, Text

TITLE = say("Buzón de correo (IMAP)", "Mailbox (IMAP)", "Caixa de correio (IMAP)")
TITLES: Mapping[str, Text] = {"messages": say("Mensajes", "Messages", "Mensagens")}
PURPOSE = say(
    "Mantener la correspondencia de la organización.",
    "To keep the organisation's correspondence.",
    "Manter a correspondência da organização.",
)
SOURCE = say(
    "La persona y quienes se escriben con ella.",
    "The person, and those who correspond with her.",
    "A pessoa e quem se corresponde com ela.",
)
WHY: Mapping[str, Text] = {
    "direct": say(
        "Los mensajes son de esta dirección o para ella.",
        "The messages are from this address or to it.",
        "As mensagens são deste endereço ou para ele.",
    ),
    "others": say(
        "Los mensajes son de esta dirección o para ella, y también de otras personas o para otras.",
        "The messages are from this address or to it, and from or to other people as well.",
        "As mensagens são deste endereço ou para ele, e também de outras pessoas ou para outras.",
    ),
    "mentioned": say(
        "Los mensajes solo mencionan esta dirección; una persona debe mirarlos.",
        "The messages only mention this address; a person must look at them.",
        "As mensagens só mencionam este endereço; uma pessoa deve vê-las.",
    ),
}
NO_UIDPLUS = say(
    "El servidor no puede suprimir mensajes por su número (UIDPLUS); lo hace una persona.",
    "The server cannot remove messages by number (UIDPLUS); a person does it.",
    "O servidor não pode apagar mensagens pelo número (UIDPLUS); uma pessoa trata disso.",
)
TOO_LARGE = say(
    "Un mensaje es mayor que el ajuste «largest»; auméntelo o trátelo a mano.",
    "A message is larger than the setting 'largest'; raise it or deal with it by hand.",
    "Uma mensagem é maior do que a configuração “largest”; aumente-a ou trate-a à mão.",
)
NO_RECTIFY = say(
    "Un mensaje es lo que se envió y no se reescribe; la corrección se envía o se anota aparte.",
    "A message is what was sent and is not rewritten; a correction is sent or noted apart.",
    "Uma mensagem é o que foi enviado e não se reescreve; a correção envia-se ou anota-se à parte.",
)
STOP = say(
    "Un buzón no envía publicidad por sí mismo; avise a quien escribe desde él.",
    "A mailbox sends no advertising by itself; tell whoever writes from it.",
    "Uma caixa de correio não envia publicidade por conta própria; avise quem escreve a partir dela.",
)
DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan los mensajes enteros entre la persona y la organización. Lo que otras personas escribieron"
        " o recibieron se retiene hasta que alguien lo mire.",
        "Whole messages between the person and the organisation are given. What other people wrote or received"
        " is withheld until somebody looked at it.",
        "Entregam-se as mensagens inteiras entre a pessoa e a organização. O que outras pessoas escreveram ou"
        " receberam retém-se até alguém o ver.",
    ),
    Action.ERASE: say(
        "Se suprimen esos mensajes por su número, y ninguno más. Las menciones en otros mensajes las decide una"
        " persona; programas de correo y copias de seguridad pueden conservar una copia.",
        "Those messages are removed by number, and no other. Mentions in other messages are decided by a person;"
        " mail programs and backups may still have a copy.",
        "Apagam-se essas mensagens pelo número, e nenhuma outra. Sobre as menções em outras mensagens decide uma"
        " pessoa; programas de correio e cópias de segurança podem ter ainda uma cópia.",
    ),
    Action.RESTRICT: say(
        "Los mensajes pasan a la cámara sellada y salen del buzón.",
        "The messages go into the sealed vault and leave the mailbox.",
        "As mensagens passam ao cofre selado e saem da caixa de correio.",
    ),
    Action.LIFT: say(
        "Los mensajes vuelven a su carpeta con sus marcas y su fecha, byte por byte; su número es nuevo.",
        "The messages return to their folder with flags and date, byte by byte; their number is a new one.",
        "As mensagens voltam à sua pasta com marcas e data, byte por byte; o seu número é novo.",
    ),
}
AT_ONCE = say(
    "Al momento; en cada programa de correo, cuando sincronice.",
    "At once; in each mail program when it synchronises.",
    "De imediato; em cada programa de e-mail, quando sincronizar.",
)
PLAIN = say(
    "La conexión no está cifrada: contraseña y mensajes viajan a la vista. Use imaps o StartTLS.",
    "The connection is not encrypted: password and messages travel in the open. Use imaps or StartTLS.",
    "A conexão não está cifrada: senha e mensagens trafegam às claras. Use imaps ou StartTLS.",
)
NO_OWN = say(
    "Falta el ajuste «own»: sin las direcciones propias, todo mensaje parece también de otra persona.",
    "The setting 'own' is missing: without your own addresses every message looks like somebody else's too.",
    "Falta a configuração “own”: sem os endereços próprios, toda mensagem parece também de outra pessoa.",
)
NO_RIGHTS = say(
    "Esta cuenta no puede suprimir o guardar mensajes en alguna carpeta; lo necesita: {rights}.",
    "This account may not remove or store messages in one of the folders; it is needed for: {rights}.",
    "Esta conta não pode apagar ou guardar mensagens em alguma pasta; é necessário para: {rights}.",
    rights=rights((Action.ERASE, Action.RESTRICT, Action.LIFT)),
)
MIGHTY = say(
    "Esta cuenta puede dar permisos o borrar carpetas, y no lo necesita.",
    "This account may give rights or delete folders and does not need to.",
    "Esta conta pode dar permissões ou apagar pastas, e não precisa disso.",
)


def lacks(letters: Mapping[str, Sequence[Action]]) -> Text:
    """Letters of RFC 4314 that an account does not have, with the rights that fail."""
    return say(
        "A esta cuenta le faltan permisos (RFC 4314) en alguna carpeta: {rights}.",
        "This account lacks rights (RFC 4314) in one of the folders: {rights}.",
        "Faltam permissões (RFC 4314) a esta conta em alguma pasta: {rights}.",
        rights=needed(letters),
    )


def reached(folders: int) -> Text:
    """The server answers."""
    return say(
        "El servidor responde; carpetas: {n}.",
        "The server answers; folders: {n}.",
        "O servidor responde; pastas: {n}.",
        n=str(folders),
    )


def no_folder(name: str) -> Text:
    """A folder of the settings is not there."""
    return say(
        "La carpeta {name} del ajuste «folders» no existe.",
        "The folder {name} of the setting 'folders' does not exist.",
        "A pasta {name} da configuração “folders” não existe.",
        name=name,
    )


SETTINGS = (
    Setting("url", say(
        "Dirección del servidor, como imaps://servidor o imap://servidor:143.",
        "Address of the server, like imaps://host or imap://host:143.",
        "Endereço do servidor, como imaps://servidor ou imap://servidor:143.")),
    Setting("user", say("Usuario del buzón.", "User of the mailbox.", "Usuário da caixa de correio.")),
    Setting("password", say(
        "Contraseña, o una contraseña de aplicación.",
        "Password, or an application password.",
        "Senha, ou uma senha de aplicativo."), kind="password", secret=True),
    Setting("tls", say(
        "Con imap://: starttls (lo habitual) o none.",
        "With imap://: starttls (the usual one) or none.",
        "Com imap://: starttls (o habitual) ou none."), required=False),
    CA,
    Setting("own", say(
        "Direcciones y dominios (@acme.example) de la organización.",
        "Addresses and domains (@acme.example) of the organisation.",
        "Endereços e domínios (@acme.example) da organização."), kind="list", required=False),
    Setting("folders", say(
        "Solo estas carpetas; sin este ajuste, todas.",
        "Only these folders; without this setting, all of them.",
        "Só estas pastas; sem esta configuração, todas."), kind="list", required=False),
    Setting("mentions", say(
        "false: no buscar en el texto de los mensajes (más rápido).",
        "false: do not search the text of messages (faster).",
        "false: não procurar no texto das mensagens (mais rápido)."), kind="switch", required=False),
    Setting("largest", say(
        "Tamaño en MiB del mayor mensaje que se lee; 64 si no se dice otro.",
        "Size in MiB of the largest message that is read; 64 unless told otherwise.",
        "Tamanho em MiB da maior mensagem que se lê; 64 se não se disser outro."),
        kind="number", required=False),
    ALLOW_PRIVATE,
    *KEEPING,
    *TELLING,
)  # fmt: skip
