"""What the engine says to people, in every language; what a vendor does is told by its own file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors._rights import EVERY, needed, rights
from connectors._words import HELP, say
from dsr.contract import Action, Setting, Text


def several_fields(title: Text) -> Text:
    """Why a correction needs a person."""
    return say(
        "El valor nuevo puede ir en varios campos de «{title}»; una persona debe decidir en cuál.",
        "The new value may belong in several fields of '{title}'; a person must decide which.",
        "O valor novo pode caber em vários campos de “{title}”; uma pessoa deve decidir em qual.",
        title=title,
    )


def halfway() -> Text:
    """The record became somebody else's in the middle of the work."""
    return say(
        "La ficha cambió de persona durante el trabajo. Lo ya hecho se conserva y el resto no se ha tocado; haga un"
        " plan nuevo.",
        "The record became another person's during the work. What was done stays done and the rest was not touched;"
        " make a new plan.",
        "A ficha passou a ser de outra pessoa durante o trabalho. O que foi feito fica e o resto não foi tocado; faça"
        " um plano novo.",
    )


def ignored(name: str) -> Text:
    """A change that was answered but not made."""
    return say(
        "{name} respondió, pero los datos siguen como estaban.",
        "{name} answered, but the data are still as they were.",
        "{name} respondeu, mas os dados continuam como estavam.",
        name=name,
    )


def reached(name: str) -> Text:
    """The vendor answers."""
    return say("{name} responde.", "{name} answers.", "{name} responde.", name=name)


def account(name: str, what: str) -> Text:
    """Whether the account is a sandbox, as far as the vendor tells."""
    return say(*ACCOUNTS[what], name=name)


ACCOUNTS = {
    "sandbox": (
        "{name} dice que esta cuenta es de pruebas.",
        "{name} says that this account is a sandbox.",
        "{name} diz que esta conta é de testes.",
    ),
    "live": (
        "{name} dice que esta cuenta es real: una prueba no cambia nada en ella.",
        "{name} says that this account is a live one: a test run changes nothing in it.",
        "{name} diz que esta conta é real: um teste não altera nada nela.",
    ),
    "unknown": (
        "{name} no deja ver si esta cuenta es de pruebas: una prueba no cambia nada en ella.",
        "{name} does not let this app see whether the account is a sandbox: a test run changes nothing in it.",
        "{name} não deixa ver se esta conta é de testes: um teste não altera nada nela.",
    ),
}


def no_such_kind(name: str) -> Text:
    """The vendor does not know this kind of rows, or these credentials may not see it."""
    return say(
        "No hay «{name}», o este usuario no puede verlo.",
        "There is no '{name}', or this user may not see it.",
        "Não há “{name}”, ou este usuário não o pode ver.",
        name=name,
    )


def no_such_fields(name: str, fields: Sequence[str]) -> Text:
    """Fields that the vendor does not name."""
    return say(
        "En «{name}» no están, o este usuario no los ve: {fields}.",
        "'{name}' does not have, or this user may not see: {fields}.",
        "Em “{name}” não existem, ou este usuário não os vê: {fields}.",
        name=name,
        fields=", ".join(fields),
    )


def not_readable(name: str) -> Text:
    """Rows that cannot be asked for."""
    return say(
        "Este usuario no puede consultar «{name}»; lo necesita: {rights}.",
        "This user may not query '{name}'; it is needed for: {rights}.",
        "Este usuário não pode consultar “{name}”; é necessário para: {rights}.",
        name=name,
        rights=EVERY,
    )


def not_changeable(name: str, fields: Mapping[str, Sequence[Action]]) -> Text:
    """Some right needs to change these fields."""
    return say(
        "Este usuario no puede cambiar en «{name}»: {fields}.",
        "This user may not change in '{name}': {fields}.",
        "Este usuário não pode alterar em “{name}”: {fields}.",
        name=name,
        fields=needed(fields),
    )


def weak(name: str, roles: Sequence[str]) -> Text:
    """A role of the vendor that cannot do what some right needs."""
    return say(
        "El usuario de estas credenciales tiene en {name} un papel que no basta: {roles}.",
        "The user of these credentials has a role in {name} that is not enough: {roles}.",
        "O usuário destas credenciais tem em {name} um papel que não basta: {roles}.",
        name=name,
        roles=", ".join(roles),
    )


def not_deletable(name: str) -> Text:
    """Erasure needs to delete these rows."""
    return say(
        "Este usuario no puede borrar «{name}» ({rights}).",
        "This user may not delete '{name}' ({rights}).",
        "Este usuário não pode excluir “{name}” ({rights}).",
        name=name,
        rights=rights((Action.ERASE,)),
    )


PLAIN = say(
    "La conexión no está cifrada: la clave viaja a la vista. Use https.",
    "The connection is not encrypted: the key travels in the open. Use https.",
    "A conexão não está cifrada: a chave trafega às claras. Use https.",
)
NO_MARK = say(
    "El ajuste «restriction_field» no nombra ningún campo: una persona limita el tratamiento en el sistema.",
    "The setting 'restriction_field' names no field: a person restricts the processing in the system.",
    "A configuração “restriction_field” não nomeia nenhum campo: uma pessoa limita o tratamento no sistema.",
)
ADDRESS = Setting(
    "url",
    say(
        "Dirección de la API, si no es la habitual.",
        "Address of the API, if it is not the usual one.",
        "Endereço da API, se não for o habitual.",
    ),
    required=False,
)
MAP = Setting("map", say(
    "Archivo con lo que se quita, se seudonimiza o se aparta de lo que la ley obliga a conservar, campo por campo.",
    "File that says what is taken out, put under a pseudonym or set aside of what the law orders to keep, by field.",
    "Arquivo com o que se retira, se pseudonimiza ou se separa do que a lei obriga a conservar, campo por campo."),
    kind="file", required=False)  # fmt: skip
"""Where rows are kept by law and can be changed."""
COMMON = (
    Setting("auth", say(
        "Cuál de las formas de acceso se usa; la primera si no se dice.",
        "Which of the ways to sign in is used; the first unless told otherwise.",
        "Qual das formas de acesso se usa; a primeira se não se disser."), required=False),
    Setting("allow_private", say(
        "true o nombres de servidores que pueden tener una dirección no pública.",
        "true, or names of hosts that may have an address that is not public.",
        "true ou nomes de servidores que podem ter um endereço não público."), kind="list", required=False),
    Setting("basis", say(
        "Base legal, la misma para todo lo que hay en el sistema.",
        "Legal basis, the same for all that is in the system.",
        "Base legal, a mesma para tudo o que há no sistema."), required=False),
    Setting("origin", say(
        "De dónde vienen los campos que la empresa creó: provided, observed, inferred o third_party.",
        "Where the fields that the company made come from: provided, observed, inferred or third_party.",
        "De onde vêm os campos que a empresa criou: provided, observed, inferred ou third_party."), required=False),
    Setting("purpose", say("La finalidad.", "The purpose.", "A finalidade."), required=False),
    Setting("source", say(
        "El origen de los datos.", "Where the data come from.", "A origem dos dados."), required=False),
    Setting("retention", say(
        "Cuánto se conservan.", "How long they are kept.", "Quanto tempo se conservam."), required=False),
    Setting("recipients", say(
        "Quién los recibe.", "Who receives them.", "Quem os recebe."), kind="list", required=False),
    Setting("contract", say(
        "El contrato con el encargado.", "The contract with the processor.",
        "O contrato com o operador."), required=False),
    Setting("safeguard", say(
        "Garantía de la transferencia.", "Safeguard of the transfer.", "Garantia da transferência."),
        required=False),
    Setting("order", say(
        "suppress, source o sink: cuándo actúa entre los sistemas.",
        "suppress, source or sink: when it acts among the systems.",
        "suppress, source ou sink: quando age entre os sistemas."), required=False),
    ADDRESS,
)  # fmt: skip
"""The settings of every vendor, besides those of its file."""
MAP_NAME = Setting("map_name", HELP["map_name"], required=False)
SANDBOX = Setting("sandbox", say(
    "true: es una cuenta de pruebas; nada se cambia si el proveedor dice que es real.",
    "true: a sandbox account; nothing is changed if the vendor says that it is a live one.",
    "true: é uma conta de testes; nada se altera se o fornecedor disser que é real."),
    kind="switch", required=False)  # fmt: skip
"""Where the vendor tells what an account is for."""


def whole(sentence: Text) -> Text:
    """A sentence about erasure, where single fields are not taken out of what the law keeps."""
    return say(
        "{sentence} Lo que la ley obliga a conservar se queda entero.",
        "{sentence} What the law orders to keep stays whole.",
        "{sentence} O que a lei obriga a conservar fica inteiro.",
        sentence=sentence,
    )


def reduced(sentence: Text, history: Text) -> Text:
    """A sentence about erasure, where a map says what happens to single fields of what the law keeps."""
    return say(
        "{sentence} De lo que la ley obliga a conservar, los campos que dice el mapa se vacían, se sustituyen por un "
        "seudónimo o se apartan. {history}",
        "{sentence} Of what the law orders to keep, the fields that the map names are emptied, put under a pseudonym "
        "or set aside. {history}",
        "{sentence} Do que a lei obriga a conservar, os campos que o mapa indica são esvaziados, substituídos por um "
        "pseudônimo ou separados. {history}",
        sentence=sentence,
        history=history,
    )


def refilled(sentence: Text) -> Text:
    """A sentence about lifting, where values of kept rows are set aside."""
    return say(
        "{sentence} Los valores apartados de lo que se conserva vuelven a su campo si nadie escribió en él.",
        "{sentence} Values set aside of what is kept return to their field if nobody wrote into it.",
        "{sentence} Os valores separados do que se conserva voltam ao seu campo se ninguém escreveu nele.",
        sentence=sentence,
    )
