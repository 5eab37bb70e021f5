"""Countries known by name whose law is not on file as a pack: what there is instead, in three languages."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from dsr.domain.law import LawError, Texts

STATUSES = ("none", "not_on_file")
CONFIDENCES = ("seen", "secondary", "memory", "derived")

SENTENCES = {
    "none": Texts(
        es="{name} no tiene una ley general de protección de datos ({right}). Se cuenta la fecha más temprana "
        "entre la ley propia y 30 días.",
        en="{name} has no general data protection law ({right}). The earlier date of the own law and 30 days "
        "counts.",
        pt="{name} não tem uma lei geral de proteção de dados ({right}). Conta a data mais próxima entre a lei "
        "própria e 30 dias.",
    ),
    "not_on_file": Texts(
        es="La ley de {name} ({right}) no está cargada en este programa: consúltela antes de responder. "
        "Mientras tanto se cuenta la fecha más temprana entre la ley propia y 30 días.",
        en="The law of {name} ({right}) is not on file in this software: read it before you answer. Until "
        "then the earlier date of the own law and 30 days counts.",
        pt="A lei de {name} ({right}) não está carregada neste programa: consulte-a antes de responder. "
        "Enquanto isso, conta a data mais próxima entre a lei própria e 30 dias.",
    ),
}


@dataclass(frozen=True, slots=True)
class Country:
    """A country without a pack. ``right``: what its law gives instead, under its own name."""

    code: str
    status: str
    names: Texts
    right: str
    source: str
    confidence: str

    def words(self, language: str) -> str:
        """What an officer must know, in es, en or pt."""
        name = self.names.of(language)
        return SENTENCES[self.status].of(language).format(name=name, right=self.right)


@lru_cache(maxsize=1)
def countries() -> dict[str, Country]:
    """Those countries by code. Raises LawError naming what is wrong in the file."""
    text = (files(__name__) / "countries.toml").read_text(encoding="utf-8")
    return read(tomllib.loads(text))


def read(table: dict[str, Any]) -> dict[str, Country]:
    """The countries of a parsed file. Raises LawError naming country and key."""
    found = {}
    for code, entry in table.items():
        try:
            one = Country(code=code, **(entry | {"names": Texts(**entry["names"])}))
        except (TypeError, KeyError) as error:
            raise LawError(f"countries.toml: {code}: {error}") from error
        if one.status not in STATUSES or one.confidence not in CONFIDENCES:
            raise LawError(f"countries.toml: {code}: status or confidence is unknown")
        found[code] = one
    return found
