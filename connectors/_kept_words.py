"""Sentences of rows that the law orders to keep, field by field."""

from __future__ import annotations

from dsr.contract import Text

from ._words import say


def pseudonymised(title: Text, citation: str) -> Text:
    """What happens to fields of kept rows that get a pseudonym."""
    return say(
        "En lo que se conserva de «{title}» ({citation}) un seudónimo sustituye al valor.",
        "In what is kept of '{title}' ({citation}) a pseudonym takes the place of the value.",
        "No que se conserva de “{title}” ({citation}) um pseudônimo substitui o valor.",
        title=title,
        citation=citation,
    )


def set_aside(title: Text, citation: str) -> Text:
    """What happens to fields of kept rows whose values are set aside."""
    return say(
        "De lo que se conserva de «{title}» ({citation}) el valor se aparta en la cámara sellada y puede volver.",
        "Of what is kept of '{title}' ({citation}) the value is set aside in the sealed vault and can come back.",
        "Do que se conserva de “{title}” ({citation}) o valor é separado no cofre selado e pode voltar.",
        title=title,
        citation=citation,
    )
