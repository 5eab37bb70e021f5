"""Settings as every connector reads them: checked when it is opened, each mistake named."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors._hosts import Private, private_hosts
from connectors._words import LANGUAGES, say
from dsr.contract import ConnectorError, Order, Setting, Text

BASES = ("consent", "contract", "legal_obligation", "legitimate_interest", "vital", "public")


class Given:
    """The settings of one system. Every method raises ConnectorError(permanent=True), which names the
    setting that is missing, unknown or wrong and never shows its value."""

    def __init__(self, given: Mapping[str, Any], known: Iterable[Setting]) -> None:
        names = {one.name for one in known}
        for name in given:
            if name not in names:
                raise wrong(name, f"is not known; known are {', '.join(sorted(names))}")
        self._given = given

    def has(self, name: str) -> bool:
        """Whether the setting is there."""
        return name in self._given

    def line(self, name: str, usual: str | None = None) -> str:
        """A text, trimmed; without ``usual`` it must be there and say something."""
        value = self._given.get(name, usual)
        if value is None:
            raise wrong(name, "is missing")
        if not isinstance(value, str) or (usual is None and not value.strip()):
            raise wrong(name, "must be a text")
        return value.strip()

    def switch(self, name: str, *, usual: bool) -> bool:
        """True or false."""
        value = self._given.get(name, usual)
        if not isinstance(value, bool):
            raise wrong(name, "must be true or false")
        return value

    def number(self, name: str, usual: int, least: int, most: int) -> int:
        """A whole number from ``least`` to ``most``."""
        value = self._given.get(name, usual)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise wrong(name, f"must be a whole number from {least:,} to {most:,}")
        return value

    def one_of(self, name: str, usual: str, known: Iterable[str]) -> str:
        """One of the known words."""
        value, words = self._given.get(name, usual), tuple(known)
        if value not in words:
            raise wrong(name, f"must be one of {', '.join(words)}")
        return str(value)

    def items(self, name: str) -> list[Any]:
        """A list, empty when the setting is not there."""
        value = self._given.get(name, [])
        if not isinstance(value, list | tuple):
            raise wrong(name, "must be a list")
        return list(value)

    def names(self, name: str, usual: Iterable[str] = ()) -> tuple[str, ...]:
        """A list of texts; given, it must name at least one."""
        if name not in self._given:
            return tuple(usual)
        value = self.items(name)
        if not value:
            raise wrong(name, "must name at least one; leave the setting out for the usual ones")
        return tuple(_filled(one, name) for one in value)

    def table(self, name: str) -> Mapping[str, Any] | None:
        """A table, None when the setting is not there."""
        value = self._given.get(name)
        if value is not None and not isinstance(value, Mapping):
            raise wrong(name, "must be a table")
        return value

    def lists(self, name: str, usual: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
        """A table of lists of texts."""
        value = self.table(name)
        if value is None:
            return usual
        if not all(isinstance(one, list | tuple) and one for one in value.values()):
            raise wrong(name, "must hold a list of names for every key")
        return {str(key): tuple(_filled(one, name) for one in many) for key, many in value.items()}

    def text(self, name: str, usual: Text) -> Text:
        """Words for people: one text, or one for each language."""
        return _words(self._given[name], name) if name in self._given else usual

    def texts(self, name: str) -> tuple[Text, ...]:
        """A list of words for people."""
        return tuple(_words(one, name) for one in self.items(name))

    def private(self) -> Private:
        """The setting ``allow_private``."""
        return private_hosts(self._given.get("allow_private"))


@dataclass(frozen=True)
class Keep:
    """The retention rules that a system's data fall under, and the field whose date they count from."""

    rules: tuple[str, ...]
    date: str


def keeping(given: Given, date: str = "") -> Keep | None:
    """The setting ``keep``: ``{rule = "..." or [...], date = "..."}``; ``date``: the only field there is for it."""
    about = given.table("keep")
    if about is None:
        return None
    rules, field = about.get("rule"), about.get("date", date)
    many = [rules] if isinstance(rules, str) else rules
    if not isinstance(many, list | tuple) or not many or not all(map(_is_word, many)):
        raise wrong("keep", "must name a 'rule', or a list of them")
    if not _is_word(field) or (date and field != date) or set(about) - {"rule", "date"}:
        raise wrong("keep", f"must hold 'rule' and 'date' ({date or 'the name of a field'}) and nothing else")
    return Keep(tuple(many), str(field))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def unblocked(given: Given) -> bool:
    """The setting ``blocking``: whether the law exempts these data from being blocked."""
    return given.one_of("blocking", "required", ("required", "exempt")) == "exempt"


@dataclass(frozen=True)
class Told:
    """What Article 15 wants told of a system without a data map, and its place among the others."""

    order: Order
    basis: str
    purpose: Text
    source: Text
    retention: Text
    recipients: tuple[Text, ...]
    operator: Text
    contract: Text
    country: str
    safeguard: Text


def told(given: Given, usual: Told) -> Told:
    """The settings of ``TELLING``, with what is usual for this kind where nothing is said."""
    return Told(
        order=Order(given.one_of("order", usual.order, tuple(Order))),
        basis=given.one_of("basis", usual.basis, (*BASES, *([""] if not usual.basis else []))),
        purpose=given.text("purpose", usual.purpose),
        source=given.text("source", usual.source),
        retention=given.text("retention", usual.retention),
        recipients=given.texts("recipients") if given.has("recipients") else usual.recipients,
        operator=given.text("operator", usual.operator),
        contract=given.text("contract", usual.contract),
        country=given.line("country", usual.country),
        safeguard=given.text("safeguard", usual.safeguard),
    )


def wrong(name: str, what: str) -> ConnectorError:
    """The error that names a setting."""
    return ConnectorError(f"the setting '{name}' {what}", permanent=True)


def _words(value: Any, name: str) -> Text:
    return value if isinstance(value, Mapping) and _in_all(value) else _filled(value, name)


def _in_all(value: Mapping[Any, Any]) -> bool:
    return set(value) == set(LANGUAGES) and all(isinstance(one, str) and one for one in value.values())


def _filled(value: Any, name: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise wrong(name, "must be a text, or one for each of es, en and pt")
    return value.strip()


ALLOW_PRIVATE = Setting(
    "allow_private",
    say(
        "true o nombres de servidores que pueden tener una dirección no pública.",
        "true, or names of hosts that may have an address that is not public.",
        "true ou nomes de servidores que podem ter um endereço não público.",
    ),
    kind="list",
    required=False,
)
CA = Setting(
    "ca",
    say(
        "El certificado (PEM) de la autoridad propia que firma el del servidor; sin él, las del sistema.",
        "The certificate (PEM) of your own authority that signs the server's; without it, those of the system.",
        "O certificado (PEM) da autoridade própria que assina o do servidor; sem ele, as do sistema.",
    ),
    kind="file",
    required=False,
)
BLOCKING = Setting(
    "blocking",
    say(
        "exempt: la ley permite no bloquear estos datos al suprimirlos; si no se dice, required.",
        "exempt: the law lets these data go without being blocked; required unless told otherwise.",
        "exempt: a lei permite não bloquear estes dados ao apagá-los; se não se disser, required.",
    ),
    required=False,
)
KEEPING = (
    BLOCKING,
    Setting("keep", say(
        "Qué ordena conservar la ley: {{rule = \"...\" o una lista, date = \"campo con la fecha\"}}.",
        "What the law orders to keep: {{rule = \"...\" or a list, date = \"field with the date\"}}.",
        "O que a lei ordena conservar: {{rule = \"...\" ou uma lista, date = \"campo com a data\"}}."),
        kind="table", required=False),
)  # fmt: skip
TELLING = (
    Setting("order", say(
        "suppress, source o sink: cuándo actúa entre los sistemas.",
        "suppress, source or sink: when it acts among the systems.",
        "suppress, source ou sink: quando age entre os sistemas."), required=False),
    Setting("basis", say(
        "Base legal: consent, contract, legal_obligation, legitimate_interest, vital o public.",
        "Legal basis: consent, contract, legal_obligation, legitimate_interest, vital or public.",
        "Base legal: consent, contract, legal_obligation, legitimate_interest, vital ou public."),
        required=False),
    Setting("purpose", say("La finalidad.", "The purpose.", "A finalidade."), required=False),
    Setting("source", say(
        "El origen de los datos.", "Where the data come from.", "A origem dos dados."), required=False),
    Setting("retention", say(
        "Cuánto se conservan.", "How long they are kept.", "Quanto tempo se conservam."), required=False),
    Setting("recipients", say(
        "Quién los recibe.", "Who receives them.", "Quem os recebe."), kind="list", required=False),
    Setting("operator", say(
        "El encargado que opera el servidor.", "The processor that runs the server.",
        "O operador que mantém o servidor."), required=False),
    Setting("contract", say(
        "El contrato con el encargado.", "The contract with the processor.",
        "O contrato com o operador."), required=False),
    Setting("country", say(
        "País del servidor (dos letras).", "Country of the server (two letters).",
        "País do servidor (duas letras)."), required=False),
    Setting("safeguard", say(
        "Garantía de la transferencia.", "Safeguard of the transfer.", "Garantia da transferência."),
        required=False),
)  # fmt: skip
