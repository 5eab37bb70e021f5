"""Sentences of where a system and its map differ."""

from __future__ import annotations

from collections.abc import Mapping

from dsr.contract import Text

from ._words import say

DRIFT: Mapping[str, tuple[str, str, str]] = {
    "key": (
        "La clave primaria de «{title}» es otra: {name}.",
        "The primary key of '{title}' is another one: {name}.",
        "A chave primária de “{title}” é outra: {name}.",
    ),
    "unmapped": (
        "La columna «{name}» de «{title}» no está en el mapa.",
        "The column '{name}' of '{title}' is not in the map.",
        "A coluna “{name}” de “{title}” não está no mapa.",
    ),
    "index": (
        "«{title}» no tiene índice en «{name}»: cada búsqueda lee la tabla entera.",
        "'{title}' has no index on '{name}': every search reads the whole table.",
        "“{title}” não tem índice em “{name}”: cada busca lê a tabela inteira.",
    ),
    "type": (
        "«{name}» de «{title}» es de otro tipo que en el mapa.",
        "'{name}' of '{title}' has another type than in the map.",
        "“{name}” de “{title}” é de outro tipo que no mapa.",
    ),
}


def drift(what: str, title: Text, name: str) -> Text:
    """Where map and database differ."""
    return say(*DRIFT[what], title=title, name=name)
