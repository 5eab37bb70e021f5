"""Sentences that several connectors say, in the languages of the product."""

from __future__ import annotations

from collections.abc import Mapping

from dsr.contract import PSEUDONYM_LENGTH, SHORTEST_TOMBSTONE, Action, Text

LANGUAGES = ("es", "en", "pt")

KINDS: Mapping[str, Mapping[str, str]] = {
    "email": {"es": "el correo", "en": "the e-mail address", "pt": "o e-mail"},
    "phone": {"es": "el teléfono", "en": "the phone number", "pt": "o telefone"},
    "customer_number": {
        "es": "el número de cliente",
        "en": "the customer number",
        "pt": "o número de cliente",
    },
}
OTHER_KIND = {"es": "el identificador", "en": "the identifier", "pt": "o identificador"}


def say(es: str, en: str, pt: str, **parts: Text) -> Text:
    """A sentence in every language; a part may itself be one per language."""
    made = {}
    for language, sentence in zip(LANGUAGES, (es, en, pt), strict=True):
        made[language] = sentence.format(
            **{name: in_language(part, language) for name, part in parts.items()}
        )
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
        "“{title}” contém {by} da pessoa.",
        title=title,
        by=kinds(by),
    )


def below(title: Text, parent: Text, by: tuple[str, ...]) -> Text:
    """Why rows that hang on such a row are hers."""
    return say(
        "«{title}» pertenece a «{parent}», que contiene {by} de la persona.",
        "'{title}' belongs to '{parent}', which holds {by} of the person.",
        "“{title}” pertence a “{parent}”, que contém {by} da pessoa.",
        title=title,
        parent=parent,
        by=kinds(by),
    )


def shared(title: Text) -> Text:
    """Why a row is not only hers."""
    return say(
        "«{title}» es de varias personas a la vez.",
        "'{title}' belongs to several people at once.",
        "“{title}” é de várias pessoas ao mesmo tempo.",
        title=title,
    )


def claimed(title: Text, by: tuple[str, ...]) -> Text:
    """Why a row is only a proposal."""
    return say(
        "«{title}» contiene {by} que la persona indicó, pero que no está comprobado.",
        "'{title}' holds {by} that the person gave, but that is not proved.",
        "“{title}” contém {by} que a pessoa indicou, mas que não está comprovado.",
        title=title,
        by=kinds(by),
    )


def mentioned(title: Text) -> Text:
    """Why a text is only shown to a person."""
    return say(
        "Un texto de «{title}» menciona la dirección de la persona.",
        "A text in '{title}' mentions the address of the person.",
        "Um texto de “{title}” menciona o endereço da pessoa.",
        title=title,
    )


def unconfirmed(title: Text) -> Text:
    """The map is a draft."""
    return say(
        "El mapa de datos de «{title}» es un borrador que nadie ha confirmado.",
        "The data map of '{title}' is a draft that nobody has confirmed.",
        "O mapa de dados de “{title}” é um rascunho que ninguém confirmou.",
        title=title,
    )


def unanswered(title: Text, question: str) -> Text:
    """The map leaves open what an officer must decide: owner, erase, basis, origin, restrict, rule, date."""
    es, en, pt = QUESTIONS[question]
    return say(
        f"El mapa de datos no dice {es} en «{{title}}».",
        f"The data map does not say {en} in '{{title}}'.",
        f"O mapa de dados não diz {pt} em “{{title}}”.",
        title=title,
    )


QUESTIONS: Mapping[str, tuple[str, str, str]] = {
    "owner": ("de quién son los datos", "whose the data are", "de quem são os dados"),
    "erase": ("cómo suprimir los datos", "how data are erased", "como apagar os dados"),
    "anonymise": (
        "qué valores ponen los datos en anónimo",
        "which values make the data anonymous",
        "que valores tornam os dados anônimos",
    ),
    "basis": (
        "con qué base legal se tratan los datos",
        "on which legal basis data are processed",
        "com que base legal se tratam os dados",
    ),
    "origin": (
        "de dónde procede cada campo",
        "where each field comes from",
        "de onde vem cada campo",
    ),
    "restrict": ("cómo limitar los datos", "how data are restricted", "como limitar os dados"),
    "rule": (
        "un plazo de conservación que la ley conozca",
        "a retention rule that the law knows",
        "um prazo de conservação que a lei conheça",
    ),
    "date": (
        "desde qué día cuenta el plazo de cada registro",
        "from which day the period of each row counts",
        "desde que dia conta o prazo de cada registro",
    ),
}


def not_only_hers(title: Text) -> Text:
    """Why a shared row stays."""
    return say(
        "«{title}» también es de otras personas y se queda como está.",
        "'{title}' also belongs to other people and stays as it is.",
        "“{title}” também é de outras pessoas e fica como está.",
        title=title,
    )


def by_hand(title: Text) -> Text:
    """Why a mention stays."""
    return say(
        "«{title}» solo la menciona en un texto; una persona debe revisarlo a mano.",
        "'{title}' only mentions her in a text; a person must go over it by hand.",
        "“{title}” só a menciona num texto; uma pessoa deve revê-lo à mão.",
        title=title,
    )


def kept_by_law(title: Text, citation: str) -> Text:
    """Why rows are kept."""
    return say(
        "La ley obliga a conservar «{title}» ({citation}).",
        "The law orders to keep '{title}' ({citation}).",
        "A lei obriga a conservar “{title}” ({citation}).",
        title=title,
        citation=citation,
    )


def still_referred(title: Text, other: Text) -> Text:
    """Why a row cannot go."""
    return say(
        "«{title}» no se puede suprimir: «{other}» sigue remitiendo a ello. El mapa de datos puede decir que se"
        " anonimice (erase: anonymise).",
        "'{title}' cannot be erased: '{other}' still refers to it. The data map can say that it is made anonymous"
        " (erase: anonymise).",
        "“{title}” não pode ser apagado: “{other}” ainda remete para ele. O mapa de dados pode dizer que seja"
        " anonimizado (erase: anonymise).",
        title=title,
        other=other,
    )


def unfit(title: Text, field: str, kind: str) -> Text:
    """Why a value cannot be written."""
    es, en, pt = UNFIT[kind]
    return say(
        f"El campo «{field}» de «{{title}}» {es}.",
        f"The field '{field}' of '{{title}}' {en}.",
        f"O campo “{field}” de “{{title}}” {pt}.",
        title=title,
    )


UNFIT: Mapping[str, tuple[str, str, str]] = {
    "pseudonym_type": (
        "no es de texto y no puede llevar un seudónimo",
        "is not a text and cannot hold a pseudonym",
        "não é de texto e não pode ter um pseudônimo",
    ),
    "pseudonym_length": (
        f"es demasiado corto para un seudónimo: hacen falta {PSEUDONYM_LENGTH} caracteres",
        f"is too short for a pseudonym: it needs {PSEUDONYM_LENGTH} characters",
        f"é curto demais para um pseudônimo: são precisos {PSEUDONYM_LENGTH} caracteres",
    ),
    "pseudonym_key": (
        "identifica el registro y no puede llevar un seudónimo",
        "identifies the row and cannot hold a pseudonym",
        "identifica o registro e não pode ter um pseudônimo",
    ),
    "pseudonym_unknown": ("no existe", "does not exist", "não existe"),
    "token_type": (
        "no es de texto y no puede llevar una lápida («token: true»); indique otro valor en el mapa, como null",
        "is not a text and cannot hold a tombstone ('token: true'); put another value into the map, such as null",
        "não é de texto e não pode ter uma lápide (“token: true”); indicar outro valor no mapa, como null",
    ),
    "token_length": (
        f"es demasiado corto para una lápida («token: true»): hacen falta {SHORTEST_TOMBSTONE} caracteres",
        f"is too short for a tombstone ('token: true'): it needs {SHORTEST_TOMBSTONE} characters",
        f"é curto demais para uma lápide (“token: true”): são precisos {SHORTEST_TOMBSTONE} caracteres",
    ),
    "not_null": ("no puede quedar vacío", "must not be empty", "não pode ficar vazio"),
    "type": (
        "no admite ese tipo de valor",
        "does not take that type of value",
        "não aceita esse tipo de valor",
    ),
    "length": (
        "no admite un valor tan largo",
        "does not take a value that long",
        "não aceita um valor tão longo",
    ),
    "key": (
        "identifica el registro y no se cambia",
        "identifies the row and is not changed",
        "identifica o registro e não se altera",
    ),
    "unique": (
        "ya tiene ese valor en otro registro",
        "already has that value in another row",
        "já tem esse valor em outro registro",
    ),
    "fixed": (
        "no se puede rectificar según el mapa",
        "is not rectifiable according to the map",
        "não é retificável segundo o mapa",
    ),
    "unknown": ("no existe", "does not exist", "não existe"),
}


def changed_meanwhile() -> Text:
    """Other rows than planned."""
    return say(
        "Los datos cambiaron después del plan. No se ha tocado nada; haga un plan nuevo.",
        "The data changed after the plan. Nothing was touched; make a new plan.",
        "Os dados mudaram depois do plano. Nada foi alterado; faça um plano novo.",
    )


def not_accepted() -> Text:
    """A constraint of the database."""
    return say(
        "La base de datos no aceptó el cambio. No se ha tocado nada; otros datos dependen de estos.",
        "The database did not accept the change. Nothing was touched; other data depend on these.",
        "O banco de dados não aceitou a alteração. Nada foi alterado; outros dados dependem destes.",
    )


def still_there(title: Text) -> Text:
    """What a fresh read still finds."""
    return say(
        "«{title}» todavía se puede leer o no está como se dijo.",
        "'{title}' can still be read, or is not as was said.",
        "“{title}” ainda se pode ler ou não está como se disse.",
        title=title,
    )


def not_restricted(title: Text) -> Text:
    """Why rows are not restricted."""
    return say(
        "«{title}» no se puede limitar en este sistema.",
        "'{title}' cannot be restricted in this system.",
        "“{title}” não pode ser limitado neste sistema.",
        title=title,
    )


def given_back() -> Text:
    """What lifting does."""
    return say(
        "Los datos apartados vuelven a su sitio tal como estaban.",
        "The data set aside return to their place as they were.",
        "Os dados separados voltam ao seu lugar como estavam.",
    )


def nothing_said() -> Text:
    """The map does not tell how."""
    return say(
        "El mapa de datos no dice cómo; lo hace una persona.",
        "The data map does not say how; a person does it.",
        "O mapa de dados não diz como; uma pessoa trata disso.",
    )


def not_done_here(title: Text) -> Text:
    """An action that the connector does not carry out."""
    return say(
        "Este sistema no lo hace por sí mismo en «{title}»; lo hace una persona.",
        "This system does not do that by itself in '{title}'; a person does it.",
        "Este sistema não faz isso em “{title}”; uma pessoa trata disso.",
        title=title,
    )


def not_taken() -> Text:
    """A change that was accepted and did not happen, or not all of it."""
    return say(
        "El cambio no quedó hecho por completo; lo ya hecho se conserva.",
        "The change is not complete; what was done stays.",
        "A alteração não ficou completa; o que foi feito fica.",
    )


DOES: Mapping[Action, Text] = {
    Action.EXPORT: say(
        "Se entregan todas las filas de la persona tal como están guardadas.",
        "All rows of the person are given as they are stored.",
        "Entregam-se todas as linhas da pessoa tal como estão guardadas.",
    ),
    Action.RECTIFY: say(
        "Se escribe el valor nuevo en los campos rectificables.",
        "The new value is written into the fields that may be rectified.",
        "Escreve-se o valor novo nos campos retificáveis.",
    ),
    Action.ERASE: say(
        "Las filas se suprimen, se hacen anónimas o, si la ley lo exige, se conservan: enteras o solo en parte.",
        "Rows are deleted, made anonymous, or kept where the law requires it: whole or in part.",
        "As linhas são apagadas, tornadas anônimas ou, se a lei o exigir, conservadas: inteiras ou só em parte.",
    ),
    Action.RESTRICT: say(
        "Las filas se marcan como limitadas o se apartan en la cámara sellada.",
        "Rows are marked as restricted, or set aside in the sealed vault.",
        "As linhas são marcadas como limitadas ou separadas no cofre selado.",
    ),
    Action.LIFT: say(
        "Se quita la marca y las filas apartadas vuelven a su sitio.",
        "The mark is removed and rows set aside return to their place.",
        "Retira-se a marca e as linhas separadas voltam ao seu lugar.",
    ),
    Action.STOP: say(
        "Se escribe en la base de datos que el tratamiento debe cesar.",
        "It is written into the database that the processing must stop.",
        "Escreve-se no banco de dados que o tratamento deve cessar.",
    ),
}
AT_ONCE: Text = say("Al momento.", "At once.", "De imediato.")
HELP: Mapping[str, Text] = {
    "url": say(
        "Dirección de la base de datos, como postgresql://usuario:clave@servidor/base.",
        "Address of the database, like postgresql://user:password@host/database.",
        "Endereço do banco de dados, como postgresql://usuário:senha@servidor/base.",
    ),
    "map": say("El mapa de datos (YAML).", "The data map (YAML).", "O mapa de dados (YAML)."),
    "map_name": say(
        "Nombre del mapa en los avisos de error.",
        "Name of the map in error messages.",
        "Nome do mapa nas mensagens de erro.",
    ),
    "schema": say(
        "Esquema de las tablas, si no es el habitual.",
        "Schema of the tables, if it is not the usual one.",
        "Esquema das tabelas, se não for o habitual.",
    ),
}
