"""Sentences of the check of a database."""

from __future__ import annotations

from connectors._words import say
from dsr.contract import Text


def reached() -> Text:
    """The database answers."""
    return say(
        "La base de datos responde y tiene las tablas del mapa.",
        "The database answers and has the tables of the map.",
        "O banco de dados responde e tem as tabelas do mapa.",
    )


def too_mighty() -> Text:
    """The account may do everything."""
    return say(
        "La cuenta es de administrador; dele solo los permisos que necesita.",
        "The account is an administrator; give it only the privileges it needs.",
        "A conta é de administrador; dê-lhe só as permissões de que precisa.",
    )


def lacks(privilege: str, table: str) -> Text:
    """A privilege is missing."""
    return say(
        "A la cuenta le falta el permiso {privilege} en {table}.",
        "The account lacks the privilege {privilege} on {table}.",
        "À conta falta a permissão {privilege} em {table}.",
        privilege=privilege,
        table=table,
    )
