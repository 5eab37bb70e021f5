"""Systems that take a change and make it later."""

from __future__ import annotations

from connectors._words import say
from dsr.contract import Text


def accepted() -> Text:
    """A change that takes time."""
    return say(
        "El sistema aceptó el cambio y lo hará en un rato; se comprobará de nuevo.",
        "The system accepted the change and will make it in a while; it will be checked again.",
        "O sistema aceitou a alteração e irá fazê-la daqui a pouco; será verificada de novo.",
    )
