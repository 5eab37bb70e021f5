"""The ``manual`` kind: a place that no program reaches; colleagues (holders) are asked and answer.

Nothing here is machine-readable. The connector describes the place and says what would have to be done by
hand; the questions go out from the service, which enters what the holders found as records. What a holder
did is known from her word and her evidence alone, and every sentence says so.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dsr.contract import (
    Action,
    Capability,
    Change,
    CollectionInfo,
    ConnectorError,
    Context,
    Description,
    FieldInfo,
    Finding,
    Found,
    Intent,
    Item,
    ItemOutcome,
    Keeper,
    Located,
    Order,
    Outcome,
    Record,
    Residual,
    RowPage,
    Searched,
    Setting,
    State,
    Step,
    Subject,
    Support,
    Text,
    Verb,
)

from ._words import LANGUAGES, say

COLLECTION = "documents"
STATED = "stated"
"""Begins the receipt of an outcome that rests on the word and the evidence of a holder."""

RIGHTS = ("access", "rectification", "erasure", "restriction", "portability", "objection", "withdrawal")
ALL = "all"
BASES = ("consent", "contract", "legal_obligation", "vital_interest", "public_task", "legitimate_interest")
IDENTIFIERS = ("email", "phone", "customer_number", "name", "other")

VERBS = {
    Action.EXPORT: Verb.EXPORT,
    Action.RECTIFY: Verb.CORRECT,
    Action.ERASE: Verb.DELETE,
    Action.RESTRICT: Verb.RESTRICT,
    Action.LIFT: Verb.LIFT,
    Action.STOP: Verb.STOP,
}
HOW: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Las personas que guardan los documentos suben una copia.",
        "The people who keep the documents upload a copy.",
        "As pessoas que guardam os documentos enviam uma cópia.",
    ),
    Action.RECTIFY: say(
        "Las personas que guardan los documentos los corrigen a mano y lo acreditan.",
        "The people who keep the documents correct them by hand and give evidence.",
        "As pessoas que guardam os documentos corrigem-nos à mão e comprovam-no.",
    ),
    Action.ERASE: say(
        "Las personas que guardan los documentos los destruyen, o los bloquean si la ley lo pide, y lo acreditan.",
        "The people who keep the documents destroy them, or lock them away where the law asks for it, and give "
        "evidence.",
        "As pessoas que guardam os documentos destroem-nos, ou bloqueiam-nos quando a lei o exige, e comprovam-no.",
    ),
    Action.RESTRICT: say(
        "Las personas que guardan los documentos los apartan para que nadie los use y lo acreditan.",
        "The people who keep the documents set them aside so that nobody uses them, and give evidence.",
        "As pessoas que guardam os documentos separam-nos para que ninguém os use e comprovam-no.",
    ),
    Action.LIFT: say(
        "Las personas que apartaron los documentos los devuelven a su sitio y lo acreditan.",
        "The people who set the documents aside put them back, and give evidence.",
        "As pessoas que separaram os documentos devolvem-nos ao seu lugar e comprovam-no.",
    ),
    Action.STOP: say(
        "Las personas que guardan los documentos dejan de usarlos para ese fin y lo acreditan.",
        "The people who keep the documents stop using them for that purpose, and give evidence.",
        "As pessoas que guardam os documentos deixam de os usar para esse fim e comprovam-no.",
    ),
}
FINAL = say(
    "Cuando todas lo hayan confirmado. No se puede comprobar por máquina.",
    "Once all of them have confirmed it. No program can check it.",
    "Quando todas o tiverem confirmado. Nenhum programa pode verificá-lo.",
)
ASKED = say(
    "Ningún programa llega a este lugar: se pregunta a las personas que lo guardan.",
    "No program reaches this place: the people who keep it are asked.",
    "Nenhum programa chega a este lugar: pergunta-se às pessoas que o guardam.",
)
UNCONFIRMED = say(
    "Falta la confirmación de quien guarda los documentos; ningún programa puede leerlos.",
    "The people who keep the documents have not confirmed it; no program can read them.",
    "Falta a confirmação de quem guarda os documentos; nenhum programa pode lê-los.",
)
NO_LIST = say(
    "No hay lista de qué buscar: escriba checklist en systems.toml.",
    "There is no list of what to look for: write checklist in systems.toml.",
    "Não há lista do que procurar: escreva checklist em systems.toml.",
)
BY_HAND = say(
    "Se trabaja a mano; responde de este lugar: {owner}.",
    "Worked by hand; who answers for this place: {owner}.",
    "Trabalha-se à mão; responde por este lugar: {owner}.",
    owner="{owner}",
)


class Manual:
    """A place worked by hand. Settings: see ``SETTINGS``; who is asked stands in ``holders``."""

    kind = "manual"

    def __init__(self) -> None:
        self._context: Context | None = None

    def open(self, context: Context) -> None:
        """Check the settings; ConnectorError(permanent=True) names the one that is wrong."""
        _check(context.settings)
        self._context = context

    def close(self) -> None:
        """Nothing is held."""
        self._context = None

    def describe(self) -> Description:
        """The place in the words of its settings; every action is done by people."""
        given = self._here.settings
        fields = tuple(FieldInfo(name, (name,), rectifiable=True) for name in given["categories"])
        documents = CollectionInfo(
            COLLECTION,
            say("Documentos", "Documents", "Documentos"),
            fields=fields,
            purpose=given.get("purpose", ""),
            basis=given.get("basis", ""),
            source=given.get("source", ""),
            recipients=tuple(given.get("recipients", ())),
            retention=given.get("retention", ""),
        )
        return Description(
            title=given["title"],
            collections=(documents,),
            capabilities=tuple(Capability(action, Support.MANUAL, HOW[action], FINAL) for action in Action),
            operator=given.get("operator", ""),
            country=given.get("country", ""),
            safeguard=given.get("safeguard", ""),
            identifiers=IDENTIFIERS,
            order=Order.SINK,
            settings=SETTINGS,
        )

    def check(self) -> tuple[Finding, ...]:
        """There is nothing to reach: who answers for the place, and whether it says what to look for."""
        owner = self._here.settings["owner"]
        words = {language: BY_HAND[language].format(owner=owner) for language in LANGUAGES}
        found = (Finding("ok", "by_hand", words),)
        return found if self._here.settings.get("checklist") else (*found, Finding("warning", "checklist", NO_LIST))

    def locate(self, subjects: Sequence[Subject], after: str | None = None) -> Located:
        """Nobody has answered yet: a program cannot look here."""
        return Located((), tuple(Searched(one.key, Found.NOT_ANSWERED, why=ASKED) for one in subjects))

    def read(self, records: Sequence[Record], after: str | None = None) -> RowPage:
        """No rows: what there is, holders hand in as files."""
        return RowPage(())

    def plan(self, intents: Sequence[Intent]) -> tuple[Step, ...]:
        """One item per record that a holder reported."""
        return tuple(self._step(intent) for intent in intents)

    def act(self, steps: Sequence[Step], keeper: Keeper) -> Iterator[Outcome]:
        """Nothing is changed by us: every step with work waits for its holders."""
        if self._here.read_only:
            raise ConnectorError("this place was opened for reading only", permanent=True)
        for step in steps:
            items = tuple(ItemOutcome(item.id, item.count, 0) for item in step.items)
            state = State.WAITING if items else State.ALREADY
            yield Outcome(step.intent.key, state, items, why=ASKED if items else "")

    def verify(self, pairs: Sequence[tuple[Step, Outcome]]) -> tuple[Residual, ...]:
        """Everything counts as still there unless the outcome rests on what holders stated with evidence."""
        return tuple(
            Residual(outcome.key, item.id, item.count, UNCONFIRMED)
            for step, outcome in pairs
            if not outcome.receipt.startswith(STATED)
            for item in step.items
        )

    def _step(self, intent: Intent) -> Step:
        changes = tuple(self._changes(intent.changes))
        if intent.action is Action.RECTIFY and not changes:
            return Step(intent, (), atomic=False)
        verb = VERBS[intent.action]
        if verb is Verb.DELETE and intent.block:
            verb = Verb.SEAL_THEN_DELETE
        items = tuple(
            Item(
                record.id,
                verb,
                COLLECTION,
                (record.id,),
                record.count,
                fields=tuple(self._here.settings["categories"]) if verb is Verb.EXPORT else (),
                changes=changes if verb is Verb.CORRECT else (),
                sentence=_sentence(verb, record.count),
            )
            for record in intent.records
            if record.count
        )
        return Step(intent, items, atomic=False)

    def _changes(self, wanted: Sequence[Change]) -> Iterator[Change]:
        """The changes of data that are kept here; a category and a part of it meet."""
        held = self._here.settings["categories"]
        return (change for change in wanted if any(_meet(change.field, one) for one in held))

    @property
    def _here(self) -> Context:
        if self._context is None:
            raise ConnectorError("the connector is not open", permanent=True)
        return self._context


def _meet(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


SENTENCES: Mapping[Verb, tuple[str, str, str]] = {
    Verb.EXPORT: (
        "Entregar copia de {n} documentos que un colega encontró.",
        "Hand over copies of {n} documents that a colleague found.",
        "Entregar cópia de {n} documentos que um colega encontrou.",
    ),
    Verb.CORRECT: (
        "Un colega corrige a mano {n} documentos.",
        "A colleague corrects {n} documents by hand.",
        "Um colega corrige à mão {n} documentos.",
    ),
    Verb.DELETE: (
        "Un colega destruye {n} documentos.",
        "A colleague destroys {n} documents.",
        "Um colega destrói {n} documentos.",
    ),
    Verb.SEAL_THEN_DELETE: (
        "Un colega retira {n} documentos y los guarda bloqueados.",
        "A colleague takes away {n} documents and keeps them locked.",
        "Um colega retira {n} documentos e guarda-os bloqueados.",
    ),
    Verb.RESTRICT: (
        "Un colega aparta {n} documentos para que nadie los use.",
        "A colleague sets {n} documents aside so that nobody uses them.",
        "Um colega separa {n} documentos para que ninguém os use.",
    ),
    Verb.LIFT: (
        "Un colega devuelve {n} documentos a su sitio.",
        "A colleague puts {n} documents back.",
        "Um colega devolve {n} documentos ao seu lugar.",
    ),
    Verb.STOP: (
        "Un colega deja de usar {n} documentos para ese fin.",
        "A colleague stops using {n} documents for that purpose.",
        "Um colega deixa de usar {n} documentos para esse fim.",
    ),
}


def _sentence(verb: Verb, count: int) -> Text:
    return say(*(words.replace("{n}", str(count)) for words in SENTENCES[verb]))


def _check(given: Mapping[str, Any]) -> None:
    for setting in SETTINGS:
        value = given.get(setting.name)
        if value is None and not setting.required:
            continue
        if value is None or not CHECKS[setting.kind](value):
            raise ConnectorError(
                f"the setting {setting.name!r} is missing or wrong: {setting.help['en']}", permanent=True  # type: ignore[index]
            )
    if given.get("basis", "") not in ("", *BASES):
        raise ConnectorError(f"the setting 'basis' must be one of {', '.join(BASES)}", permanent=True)


def _is_text(value: object) -> bool:
    """One string, or one per language."""
    if isinstance(value, str):
        return bool(value.strip())
    return isinstance(value, Mapping) and set(value) == set(LANGUAGES) and all(map(_is_line, value.values()))


def _is_line(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple)) and bool(value) and all(map(_is_text, value))


def _is_names(value: object) -> bool:
    return _is_list(value) and all(map(_is_line, value))  # type: ignore[call-overload]


def _by_right(value: object, fits: Any) -> bool:
    return isinstance(value, Mapping) and bool(value) and set(value) <= {ALL, *RIGHTS} and all(map(fits, value.values()))


CHECKS = {
    "text": _is_text,
    "line": _is_line,
    "names": _is_names,
    "texts": _is_list,
    "text_by_right": lambda value: _by_right(value, _is_text),
    "list_by_right": lambda value: _by_right(value, _is_list),
}

SETTINGS = (
    Setting(
        "title",
        say(
            "nombre del lugar, uno o por idioma (es, en, pt)",
            "what the place is called, once or per language (es, en, pt)",
            "nome do lugar, um ou por idioma (es, en, pt)",
        ),
    ),
    Setting(
        "owner",
        say(
            "quién responde de este lugar",
            "who answers for this place",
            "quem responde por este lugar",
        ),
        "line",
    ),
    Setting(
        "categories",
        say(
            "qué datos hay: lista de categorías, como user.name",
            "what data are there: a list of categories, like user.name",
            "que dados há: lista de categorias, como user.name",
        ),
        "names",
    ),
    Setting(
        "instructions",
        say(
            "qué hacer, por derecho o en «all»",
            "what to do, by right or under 'all'",
            "o que fazer, por direito ou em «all»",
        ),
        "text_by_right",
        required=False,
    ),
    Setting(
        "checklist",
        say(
            "dónde mirar: listas por derecho o en «all»",
            "where to look: lists by right or under 'all'",
            "onde procurar: listas por direito ou em «all»",
        ),
        "list_by_right",
        required=False,
    ),
    Setting("purpose", say("para qué se usan", "what they are used for", "para que se usam"), required=False),
    Setting("basis", say("base legal", "legal basis", "base legal"), "line", required=False),
    Setting("source", say("de dónde proceden", "where they come from", "de onde provêm"), required=False),
    Setting("recipients", say("quién los recibe", "who receives them", "quem os recebe"), "texts", required=False),
    Setting("retention", say("cuánto se guardan", "how long they are kept", "quanto tempo se guardam"), required=False),
    Setting("operator", say("encargado del tratamiento", "processor", "operador"), required=False),
    Setting("country", say("país, código ISO", "country, ISO code", "país, código ISO"), "line", required=False),
    Setting("safeguard", say("garantía de la transferencia", "transfer safeguard", "garantia"), required=False),
)
