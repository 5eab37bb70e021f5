"""Everything this connector says, in Spanish, English and Portuguese."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._rights import rights
from connectors._settings import ALLOW_PRIVATE
from connectors._words import DOES as USUAL
from connectors._words import HELP, say
from dsr.contract import Action, Setting, Text

SETTINGS = (
    Setting("url", say(
        "Dirección HTTP de ClickHouse, como https://eventos.example:8443.",
        "HTTP address of ClickHouse, like https://events.example:8443.",
        "Endereço HTTP do ClickHouse, como https://eventos.example:8443.")),
    Setting("database", say("La base de datos.", "The database.", "O banco de dados.")),
    Setting("user", say("El usuario.", "The user.", "O usuário.")),
    Setting("password", say("La contraseña.", "The password.", "A senha."), kind="password", secret=True),
    Setting("map", HELP["map"], kind="file"),
    Setting("map_name", HELP["map_name"], required=False),
    ALLOW_PRIVATE,
)  # fmt: skip
DOES: Mapping[Action, Text] = {
    **USUAL,
    Action.ERASE: say(
        "Las filas se suprimen y después se reescriben las partes que las contenían. Lo que la ley obliga a "
        "conservar se queda entero.",
        "Rows are deleted, and then the parts that held them are written anew. What the law orders to keep stays "
        "whole.",
        "As linhas são apagadas e depois reescrevem-se as partes que as continham. O que a lei obriga a conservar fica "
        "inteiro.",
    ),
}

GONE = say(
    "Al momento; los bytes, cuando el servidor retira las partes antiguas (por defecto, unos ocho minutos).",
    "At once; the bytes when the server gives up the old parts (by default after some eight minutes).",
    "De imediato; os bytes, quando o servidor retira as partes antigas (por padrão, uns oito minutos).",
)


def reached(version: str) -> Text:
    """The server answers."""
    return say(
        f"ClickHouse {version} responde.",
        f"ClickHouse {version} answers.",
        f"O ClickHouse {version} responde.",
    )


def lacks(privilege: str, name: str, actions: Sequence[Action]) -> Text:
    """A privilege is missing."""
    return say(
        "Al usuario le falta {privilege} en «{name}» ({rights}).",
        "The user lacks {privilege} on '{name}' ({rights}).",
        "Falta ao usuário {privilege} em “{name}” ({rights}).",
        privilege=privilege,
        name=name,
        rights=rights(actions),
    )


def too_mighty() -> Text:
    """A privilege that is not needed."""
    return say(
        "El usuario puede administrar usuarios; no lo necesita.",
        "The user may administer users and need not.",
        "O usuário pode administrar usuários; não precisa disso.",
    )


def addresses_in(place: str) -> Text:
    """Older commands left addresses."""
    return say(
        f"En {place} hay órdenes que contienen direcciones; límpielas.",
        f"Commands in {place} hold addresses; clear them.",
        f"Em {place} há comandos que contêm endereços; limpe-os.",
    )


def left_over() -> Text:
    """Tables of ours that an interrupted run left."""
    return say(
        "Quedan tablas dsr_stage_ de una ejecución interrumpida; bórrelas.",
        "Tables dsr_stage_ of an interrupted run are left; drop them.",
        "Restam tabelas dsr_stage_ de uma execução interrompida; apague-as.",
    )


def engine(title: Text) -> Text:
    """A table whose engine does not keep to what is promised here."""
    return say(
        "«{title}» no es una tabla MergeTree de un solo servidor: no se puede suprimir aquí.",
        "'{title}' is not a MergeTree table of one server: nothing can be erased in it from here.",
        "“{title}” não é uma tabela MergeTree de um só servidor: não se pode apagar aqui.",
        title=title,
    )


def not_unique(title: Text) -> Text:
    """Several rows with one key."""
    return say(
        "En «{title}» la clave del mapa no es única: otra fila tiene la misma.",
        "In '{title}' the key of the map is not unique: another row has the same.",
        "Em “{title}” a chave do mapa não é única: outra linha tem a mesma.",
        title=title,
    )
