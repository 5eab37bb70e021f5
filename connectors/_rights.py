"""Words for what an account may not do, and for the rights of people that fail without it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._words import LANGUAGES, in_language, say
from dsr.contract import Action, Text

EVERY = say("todos los derechos", "every right", "todos os direitos")
NAMES: Mapping[Action, Text] = {
    Action.EXPORT: say("acceso", "access", "acesso"),
    Action.RECTIFY: say("rectificación", "rectification", "retificação"),
    Action.ERASE: say("supresión", "erasure", "exclusão"),
    Action.RESTRICT: say("limitación", "restriction", "limitação"),
    Action.LIFT: say("fin de la limitación", "end of a restriction", "fim da limitação"),
    Action.STOP: say("oposición", "objection", "oposição"),
}
CHANGING = tuple(one for one in Action if one is not Action.EXPORT)
"""The rights that write in a system; every one of them reads there too."""


def rights(actions: Sequence[Action]) -> Text:
    """These rights as words, in the order of the contract; none stands for every one."""
    if not actions or set(actions) == set(Action):
        return EVERY
    return {
        language: ", ".join(in_language(NAMES[one], language) for one in Action if one in actions)
        for language in LANGUAGES
    }


def needed(names: Mapping[str, Sequence[Action]]) -> Text:
    """What the account may not do, each with the rights that fail without it: ``files.write (erasure), ...``."""
    return {
        language: ", ".join(f"{name} ({in_language(rights(of), language)})" for name, of in names.items())
        for language in LANGUAGES
    }


def lacks_scopes(names: Mapping[str, Sequence[Action]]) -> Text:
    """Scopes without which some right fails."""
    return say(
        "A estas credenciales les faltan permisos (scopes): {scopes}.",
        "These credentials lack scopes: {scopes}.",
        "Faltam permissões (scopes) a estas credenciais: {scopes}.",
        scopes=needed(names),
    )


def needless_scopes(names: Sequence[str]) -> Text:
    """Scopes that no right needs."""
    return say(
        "Estas credenciales pueden más de lo necesario; quite estos permisos (scopes): {scopes}.",
        "These credentials may do more than is needed; take these scopes away: {scopes}.",
        "Estas credenciais podem mais do que o necessário; retire estas permissões (scopes): {scopes}.",
        scopes=", ".join(names),
    )


def closed(part: Text, actions: Sequence[Action] = ()) -> Text:
    """A part of a system that these credentials may not read."""
    return say(
        "Estas credenciales no pueden leer {part}; lo necesita: {rights}.",
        "These credentials may not read {part}; it is needed for: {rights}.",
        "Estas credenciais não podem ler {part}; é necessário para: {rights}.",
        part=part,
        rights=rights(actions),
    )
