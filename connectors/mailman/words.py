"""What the connector says to people, in every language."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._settings import ALLOW_PRIVATE, BLOCKING, TELLING
from connectors._words import say
from dsr.contract import Setting, Text

TITLE = say("Listas de correo (Mailman)", "Mailing lists (Mailman)", "Listas de e-mails (Mailman)")
TITLES: Mapping[str, Text] = {
    "users": say("Cuenta en las listas", "Account at the lists", "Conta nas listas"),
    "addresses": say("Dirección de correo", "E-mail address", "Endereço de e-mail"),
    "memberships": say("Suscripciones", "Subscriptions", "Inscrições"),
    "requests": say("Solicitudes pendientes", "Pending requests", "Pedidos pendentes"),
    "bans": say("Direcciones excluidas", "Banned addresses", "Endereços excluídos"),
    "held_messages": say("Mensajes retenidos", "Held messages", "Mensagens retidas"),
}
PURPOSE = say(
    "Enviar los mensajes de las listas a las que se suscribió.",
    "To send the messages of the lists that were subscribed to.",
    "Enviar as mensagens das listas em que a pessoa se inscreveu.",
)
SOURCE = say(
    "La persona, al suscribirse, o quien la suscribió.",
    "The person when subscribing, or whoever subscribed her.",
    "A pessoa ao se inscrever, ou quem a inscreveu.",
)
RETENTION = say(
    "Hasta que se da de baja.", "Until the subscription ends.", "Até o cancelamento da inscrição."
)
SUPPRESSION = say(
    "Evitar que la dirección vuelva a suscribirse.",
    "To keep the address from being subscribed again.",
    "Evitar que o endereço volte a ser inscrito.",
)
PROVED = say(
    "Mailman pide confirmar la dirección con un mensaje; «verified_on» dice cuándo se confirmó.",
    "Mailman has the address confirmed by a message; 'verified_on' says when it was.",
    "O Mailman pede a confirmação do endereço por mensagem; “verified_on” diz quando foi confirmado.",
)

SAME_ADDRESS = say(
    "Mailman guarda esta dirección.", "Mailman holds this address.", "O Mailman guarda este endereço."
)
ACCOUNT = say(
    "La cuenta de Mailman tiene esta dirección.",
    "The Mailman account has this address.",
    "A conta do Mailman tem este endereço.",
)
NOT_CONFIRMED = say(
    "La cuenta tiene otras direcciones y esta no está confirmada en Mailman: puede ser de otra persona.",
    "The account has other addresses and this one is not confirmed in Mailman: it may be somebody else's.",
    "A conta tem outros endereços e este não está confirmado no Mailman: pode ser de outra pessoa.",
)
CLAIMED = say(
    "Es la dirección que la persona indicó, pero que no está comprobada.",
    "It is the address that the person gave, but that is not proved.",
    "É o endereço que a pessoa indicou, mas que não está comprovado.",
)
SUBSCRIBED = say(
    "La dirección está suscrita o tiene una función en estas listas.",
    "The address is subscribed to these lists or has a role there.",
    "O endereço está inscrito nestas listas ou tem uma função nelas.",
)
ASKED = say(
    "La solicitud se hizo con esta dirección.",
    "The request was made with this address.",
    "O pedido foi feito com este endereço.",
)
BANNED = say(
    "La dirección está en la lista de exclusión.",
    "The address is on the ban list.",
    "O endereço está na lista de exclusão.",
)
SENDER = say(
    "El mensaje dice venir de esta dirección, lo que puede ser falso; una persona debe decidirlo.",
    "The message says it comes from this address, which may be forged; a person must decide.",
    "A mensagem diz vir deste endereço, o que pode ser falso; uma pessoa deve decidir.",
)
SLASH = say(
    "Mailman no admite preguntar por una dirección con «/»; búsquela a mano.",
    "Mailman cannot be asked for an address with a '/'; look for it by hand.",
    "O Mailman não permite perguntar por um endereço com “/”; procure-o à mão.",
)

KEPT_ADDRESS = say(
    "La dirección se queda: otra suscripción, que no entra en esta solicitud, la usa.",
    "The address stays: another subscription, which is not part of this request, uses it.",
    "O endereço fica: outra inscrição, que não entra neste pedido, usa-o.",
)
KEPT_ACCOUNT = say(
    "La cuenta se queda: tiene direcciones que no entran en esta solicitud.",
    "The account stays: it has addresses that are not part of this request.",
    "A conta fica: tem endereços que não entram neste pedido.",
)
KEPT_BAN = say(
    "La exclusión se queda para que nadie vuelva a suscribir la dirección.",
    "The ban stays so that nobody subscribes the address again.",
    "A exclusão fica para que ninguém volte a inscrever o endereço.",
)
DECIDED_OTHERWISE = say(
    "Los datos cambiaron después del plan; haga un plan nuevo.",
    "The data changed after the plan; make a new plan.",
    "Os dados mudaram depois do plano; faça um plano novo.",
)
STILL_THERE = say(
    "Mailman aceptó el cambio, pero los datos siguen como estaban.",
    "Mailman accepted the change, but the data are still as they were.",
    "O Mailman aceitou a alteração, mas os dados continuam como estavam.",
)
NEW_ADDRESS = say(
    "Mailman ata cada suscripción a una dirección confirmada. La persona debe suscribir y confirmar la nueva;"
    " después se da de baja la antigua.",
    "Mailman ties every subscription to a confirmed address. The person must subscribe and confirm the new one;"
    " then the old one is unsubscribed.",
    "O Mailman liga cada inscrição a um endereço confirmado. A pessoa deve inscrever e confirmar o novo;"
    " depois cancela-se o antigo.",
)
BAD_NAME = say(
    "El nombre debe ser un texto de hasta 200 caracteres, en una línea.",
    "The name must be a text of up to 200 characters, on one line.",
    "O nome deve ser um texto de até 200 caracteres, numa linha.",
)


def last_owner(list_id: str) -> Text:
    """Why an owner cannot simply go."""
    return say(
        "Es la única persona propietaria de la lista {list}. Nombre antes a otra.",
        "She is the only owner of the list {list}. Name another one first.",
        "É a única pessoa proprietária da lista {list}. Nomeie outra antes.",
        list=list_id,
    )


def in_list(list_id: str, role: str) -> Text:
    """Which membership an item is about."""
    return say("{list} ({role})", "{list} ({role})", "{list} ({role})", list=list_id, role=role)


ATOMIC = say(
    " Si hace falta más de una llamada, no es todo o nada: lo hecho se conserva y el resto se repite.",
    " Where more than one call is needed it is not all or nothing: what is done stays, the rest is repeated.",
    " Quando é preciso mais de uma chamada, não é tudo ou nada: o que foi feito fica, o resto repete-se.",
)
EXPORT = say(
    "Se entregan cuenta, direcciones, preferencias, suscripciones y lo que espera a los moderadores. Los"
    " archivos de mensajes (HyperKitty) son otro lugar.",
    "Account, addresses, preferences, subscriptions and what waits for moderators are given. Archives of"
    " messages (HyperKitty) are another place.",
    "Entregam-se conta, endereços, preferências, inscrições e o que espera pelos moderadores. Os arquivos de"
    " mensagens (HyperKitty) são outro lugar.",
)
RECTIFY = say(
    "Se corrige el nombre de la cuenta y de la dirección; la dirección misma no se cambia.",
    "The name of the account and the address is corrected; the address itself is not changed.",
    "Corrige-se o nome da conta e do endereço; o endereço em si não se altera.",
)
ERASE = say(
    "Se suprimen suscripciones, direcciones y cuenta sin enviar avisos, y se lee de nuevo. Quedan fuera los"
    " archivos de mensajes (HyperKitty), los registros del servidor y su lista de rebotes.",
    "Subscriptions, addresses and account are deleted without notices and read again. Archives of messages"
    " (HyperKitty), the server's logs and its record of bounces are out of reach.",
    "Apagam-se inscrições, endereços e conta sem enviar avisos, e lê-se de novo. Ficam de fora os arquivos de"
    " mensagens (HyperKitty), os registros do servidor e a sua lista de devoluções.",
)
RESTRICT = say(
    "Las entregas se detienen (delivery_status = by_moderator); el valor anterior queda en la cámara.",
    "Deliveries are stopped (delivery_status = by_moderator); the former value waits in the vault.",
    "As entregas param (delivery_status = by_moderator); o valor anterior fica no cofre.",
)
LIFT = say(
    "Cada suscripción recupera el estado de entrega que tenía.",
    "Every subscription gets back the delivery status it had.",
    "Cada inscrição recupera o estado de entrega que tinha.",
)
STOP: Mapping[str, Text] = {
    "unsubscribe": say(
        "Se da de baja de las listas, sin avisos; las funciones de propietario y moderador se quedan.",
        "The lists are unsubscribed from, without notices; roles of owner and moderator stay.",
        "Cancelam-se as inscrições, sem avisos; as funções de proprietário e moderador ficam.",
    ),
    "disable": say(
        "Las entregas se detienen; la suscripción se queda.",
        "Deliveries are stopped; the subscription stays.",
        "As entregas param; a inscrição fica.",
    ),
}
BAN = say(
    " La dirección se excluye para que nadie la suscriba de nuevo, tampoco ella misma.",
    " The address is banned so that nobody subscribes it again, not even the person.",
    " O endereço é excluído para que ninguém o volte a inscrever, nem a própria pessoa.",
)
AT_ONCE = say("Al momento.", "At once.", "De imediato.")

PLAIN = say(
    "La conexión no está cifrada: usuario y contraseña viajan a la vista. Use https.",
    "The connection is not encrypted: user and password travel in the open. Use https.",
    "A conexão não está cifrada: usuário e senha trafegam às claras. Use https.",
)
MIGHTY = say(
    "La cuenta REST de Mailman lo puede todo; no hay otra. Guarde bien su contraseña.",
    "The REST account of Mailman may do everything; there is no lesser one. Guard its password well.",
    "A conta REST do Mailman pode tudo; não há outra. Guarde bem a sua senha.",
)


def reached(version: str, lists: int) -> Text:
    """The server answers."""
    return say(
        "{version} responde; {lists} listas.",
        "{version} answers; {lists} lists.",
        "{version} responde; {lists} listas.",
        version=version,
        lists=str(lists),
    )


def old(version: str) -> Text:
    """Another version of the API."""
    return say(
        "El servidor habla la versión {version} de la API; el conector necesita la 3.1.",
        "The server speaks version {version} of the API; the connector needs 3.1.",
        "O servidor fala a versão {version} da API; o conector precisa da 3.1.",
        version=version,
    )


def no_list(list_id: str) -> Text:
    """A list of the settings is not there."""
    return say(
        "La lista {list} del ajuste «lists» no existe en este servidor.",
        "The list {list} of the setting 'lists' does not exist on this server.",
        "A lista {list} da configuração “lists” não existe neste servidor.",
        list=list_id,
    )


SETTINGS = (
    Setting("url", say(
        "Dirección de la API REST con su versión, como https://servidor:8001/3.1.",
        "Address of the REST API with its version, like https://host:8001/3.1.",
        "Endereço da API REST com a sua versão, como https://servidor:8001/3.1.")),
    Setting("user", say(
        "Usuario de la API REST (admin_user).",
        "User of the REST API (admin_user).",
        "Usuário da API REST (admin_user).")),
    Setting("password", say(
        "Contraseña de la API REST (admin_pass).",
        "Password of the REST API (admin_pass).",
        "Senha da API REST (admin_pass)."), kind="password", secret=True),
    Setting("lists", say(
        "Solo estas listas; sin este ajuste, todas.",
        "Only these lists; without this setting, all of them.",
        "Só estas listas; sem esta configuração, todas."), kind="list", required=False),
    Setting("stop", say(
        "Qué hace una oposición: unsubscribe (baja) o disable (sin entregas).",
        "What an objection does: unsubscribe, or disable (no deliveries).",
        "O que faz uma oposição: unsubscribe (cancelar) ou disable (sem entregas)."), required=False),
    Setting("ban", say(
        "true: una oposición también excluye la dirección.",
        "true: an objection also bans the address.",
        "true: uma oposição também exclui o endereço."), kind="switch", required=False),
    Setting("moderation", say(
        "false: no mirar exclusiones, mensajes retenidos ni solicitudes (cuatro llamadas por lista).",
        "false: do not look through bans, held messages and requests (four calls a list).",
        "false: não ver exclusões, mensagens retidas nem pedidos (quatro chamadas por lista)."),
        kind="switch", required=False),
    ALLOW_PRIVATE,
    BLOCKING,
    *TELLING,
)  # fmt: skip
