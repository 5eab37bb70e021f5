"""What a map leaves open: each is a question to an officer until somebody writes the answer."""

from __future__ import annotations

from collections.abc import Iterator

from .loading import load
from .model import Collection, DataMap

UNSAID = ("", "unknown")


def check(text: str, name: str) -> list[str]:
    """The open questions of a map, a sentence each. ConnectorError names file and line of what is wrong."""
    found = load(text, name)
    questions = (
        ["draft: true stands in the map; nothing is acted on until it is removed"] if found.draft else []
    )
    if not any(field.identity for one in found.collections for field in one.fields):
        questions.append("no field is an identity: nobody can be found here")
    for collection in found.collections:
        questions += [f"{collection.name}: {sentence}" for sentence in _open(collection)]
        questions += [f"{collection.name}: {sentence}" for sentence in _held(collection, found)]
    return questions


def _held(one: Collection, found: DataMap) -> Iterator[str]:
    """Rows that shall go although rows that stay name them: a database with foreign keys refuses."""
    for child, reference in found.children(one.name) if one.erase == "delete" else ():
        if (
            child.owner == "subject"
            and child.erase == "keep"
            and not set(reference.columns) & set(child.anonymise)
        ):
            yield (
                f"'{child.name}' is kept and refers to these rows, so a database may not let them go "
                f"(erase: anonymise here, or anonymise: {{{reference.columns[0]}: null}} there)"
            )


def _open(one: Collection) -> Iterator[str]:
    if one.owner in UNSAID:
        yield "whose rows are these? (owner: subject, shared or other)"
    if one.owner != "subject":
        return
    if one.erase in (*UNSAID, "ask"):
        yield "what does erasure do? (erase: delete, anonymise or keep)"
    if one.restrict in UNSAID:
        yield "what does restriction do? (restrict: a flag, set_aside or none)"
    if one.basis in UNSAID:
        yield "on which basis are they kept? (basis; decides what is portable)"
    if not one.purpose:
        yield "what for are they kept? (purpose; stands in the answer)"
    unsaid = [field.name for field in one.fields if field.origin in UNSAID and not field.primary_key]
    if unsaid:
        yield f"where do these fields come from? (origin): {', '.join(unsaid)}"
