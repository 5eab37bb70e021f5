"""Sentences that several connectors say, in the languages of the product."""

from __future__ import annotations

from collections.abc import Mapping

from dsr.contract import Text

LANGUAGES = ("es", "en", "pt")

KINDS: Mapping[str, Mapping[str, str]] = {
    "email": {"es": "el correo", "en": "the e-mail address", "pt": "o e-mail"},
    "phone": {"es": "el teléfono", "en": "the phone number", "pt": "o telefone"},
    "customer_number": {"es": "el número de cliente", "en": "the customer number", "pt": "o número de cliente"},
}
OTHER_KIND = {"es": "el identificador", "en": "the identifier", "pt": "o identificador"}


def say(es: str, en: str, pt: str, **parts: Text) -> Text:
    """A sentence in every language; a part may itself be one per language."""
    made = {}
    for language, sentence in zip(LANGUAGES, (es, en, pt), strict=True):
        made[language] = sentence.format(**{name: in_language(part, language) for name, part in parts.items()})
    return made


def in_language(text: Text, language: str) -> str:
    """The text in a language, or in English, or in the first there is."""
    if isinstance(text, str):
        return text
    return text.get(language) or text.get("en") or next(iter(text.values()), "")


def kinds(wanted: tuple[str, ...]) -> Text:
    """Kinds of identifiers as words: 'the e-mail address, the phone number'."""
    return {
        language: ", ".join(KINDS.get(kind, OTHER_KIND)[language] for kind in dict.fromkeys(wanted))
        for language in LANGUAGES
    }


def direct(title: Text, by: tuple[str, ...]) -> Text:
    """Why a row that holds the identifier is hers."""
    return say(
        "«{title}» contiene {by} de la persona.",
        "'{title}' holds {by} of the person.",
        "«{title}» contém {by} da pessoa.",
        title=title,
        by=kinds(by),
    )


def below(title: Text, parent: Text, by: tuple[str, ...]) -> Text:
    """Why rows that hang on such a row are hers."""
    return say(
        "«{title}» pertenece a «{parent}», que contiene {by} de la persona.",
        "'{title}' belongs to '{parent}', which holds {by} of the person.",
        "«{title}» pertence a «{parent}», que contém {by} da pessoa.",
        title=title,
        parent=parent,
        by=kinds(by),
    )


def shared(title: Text) -> Text:
    """Why a row is not only hers."""
    return say(
        "«{title}» es de varias personas a la vez.",
        "'{title}' belongs to several people at once.",
        "«{title}» é de várias pessoas ao mesmo tempo.",
        title=title,
    )


def claimed(title: Text, by: tuple[str, ...]) -> Text:
    """Why a row is only a proposal."""
    return say(
        "«{title}» contiene {by} que la persona indicó, pero que no está comprobado.",
        "'{title}' holds {by} that the person gave, but that is not proved.",
        "«{title}» contém {by} que a pessoa indicou, mas que não está comprovado.",
        title=title,
        by=kinds(by),
    )


def mentioned(title: Text) -> Text:
    """Why a text is only shown to a person."""
    return say(
        "Un texto de «{title}» menciona la dirección de la persona.",
        "A text in '{title}' mentions the address of the person.",
        "Um texto de «{title}» menciona o endereço da pessoa.",
        title=title,
    )
