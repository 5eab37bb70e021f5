"""The certificate of destruction: what was blocked, until when, and that neither rows nor keys are left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dsr.domain.letters import ControllerFacts

from .pdf import Cover
from .press import press
from .words import environment


@dataclass(frozen=True, slots=True)
class HeldRows:
    """Rows of one collection in a sealed set; ``fields``: those whose old values it held, of rows that stay."""

    collection: str
    count: int
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DestroyedSet:
    """One sealed set that is gone: its number, the title of its system, rows, Merkle root, days, and what it held."""

    id: str
    system: str
    rows: int
    root: str
    sealed_on: date
    due_on: date | None
    destroyed_on: date
    held: tuple[HeldRows, ...] = ()


@dataclass(frozen=True, slots=True)
class Destruction:
    """What is certified. ``entry``: number and hash of the entry in the audit log."""

    controller: ControllerFacts
    reference: str
    sets: tuple[DestroyedSet, ...]
    entry: tuple[int, str] | None


TITLES = {
    "es": "Certificado de destrucción de datos bloqueados",
    "en": "Certificate of destruction of blocked data",
    "pt": "Certificado de destruição de dados bloqueados",
}


def destruction_pdf(facts: Destruction, language: str) -> bytes:
    """The certificate as PDF; the same facts give the same bytes."""
    title = TITLES[language]
    template = environment().get_template(f"letters/{language}/_destruction.html")
    html = template.render(f=facts, title=title)
    return press().pdf(html, Cover(title, language, facts.controller.name, facts.reference))
