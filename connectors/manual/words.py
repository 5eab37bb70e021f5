"""What is said about a place that is worked by hand, in the languages of the product."""

from __future__ import annotations

from collections.abc import Mapping

from connectors._words import say
from dsr.contract import Action, Text, Verb

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
        "Las personas que guardan los documentos los destruyen, o los bloquean si la ley lo pide, y lo "
        "acreditan.",
        "The people who keep the documents destroy them, or lock them away where the law asks for it, and "
        "give evidence.",
        "As pessoas que guardam os documentos destroem-nos, ou bloqueiam-nos quando a lei o exige, e "
        "comprovam-no.",
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
DOCUMENTS = say("Documentos", "Documents", "Documentos")
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


def by_hand(owner: str) -> Text:
    """Who answers for the place."""
    return say(
        "Se trabaja a mano; responde de este lugar: {owner}.",
        "Worked by hand; who answers for this place: {owner}.",
        "Trabalha-se à mão; responde por este lugar: {owner}.",
        owner=owner,
    )


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


def sentence(verb: Verb, count: int) -> Text:
    """What the plan says of a number of documents."""
    es, en, pt = SENTENCES[verb]
    return say(es, en, pt, n=str(count))
