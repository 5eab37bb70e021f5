"""What a column may hold, guessed from its name in Spanish, English and Portuguese and from its values."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address

from .sketch import Column, TableSketch, data_type, plain

ENOUGH = 0.6
LONG_TEXT = 60


@dataclass(frozen=True, slots=True)
class Guess:
    """A guess about one column: Fideslang category, identifier kind, and what else the map wants to know."""

    category: str = ""
    identity: str = ""
    free_text: bool = False
    third_party: bool = False
    consent: bool = False
    observed: bool = False
    inferred: bool = False


def guess(table: TableSketch, column: Column) -> Guess:
    """The best guess for a column; what the values contradict is no identifier."""
    values = table.values(column.name)
    if others(column):
        return replace(by_value(values), identity="", third_party=True)
    named = by_name(column)
    seen = by_value(values)
    if seen.identity:
        return seen
    if named.identity and (contradicted(named.identity, values) or data_type(column) in _NO_IDENTITY):
        return seen
    if named.category:
        return named
    return seen if seen.category else prose(column, values)


def others(column: Column) -> bool:
    """True for the columns that usually hold data of somebody else."""
    return bool(_OTHERS.search(f"_{plain(column.name)}_"))


def by_name(column: Column) -> Guess:
    """The first rule whose words stand in the name."""
    words = f"_{plain(column.name)}_"
    if _WHEN.search(words) and not re.search(r"_(birth|born|nac\w*|nasc\w*)_", words):
        return Guess()
    return next((found for pattern, found in NAMES if pattern.search(words)), Guess())


def by_value(values: Sequence[str]) -> Guess:
    """The first rule that most of the values follow."""
    return next((found for test, found in VALUES if most(test, values)), Guess())


def prose(column: Column, values: Sequence[str]) -> Guess:
    """Long values with spaces are written by people, and may speak of others."""
    long = [value for value in values if len(value) > LONG_TEXT and " " in value]
    if values and len(long) >= len(values) / 2:
        return Guess("user.content.private", free_text=True)
    return Guess()


def contradicted(identity: str, values: Sequence[str]) -> bool:
    """True when there are values and most of them cannot be such an identifier."""
    test = _SHAPES.get(identity)
    return test is not None and bool(values) and not most(test, values)


def most(test: Callable[[str], bool], values: Sequence[str]) -> bool:
    """True when there are values and enough of them pass."""
    return bool(values) and sum(map(test, values)) >= ENOUGH * len(values)


def is_address(value: str) -> bool:
    """True for an IPv4 or IPv6 address."""
    try:
        ip_address(value)
    except ValueError:
        return False
    return "." in value or ":" in value


def is_spanish_number(value: str) -> bool:
    """DNI or NIE with the right letter (Spain, Real Decreto 1553/2005: remainder of 23)."""
    bare = re.sub(r"[\s.-]", "", value).upper()
    if not re.fullmatch(r"(\d{8}|[XYZ]\d{7})[A-Z]", bare, re.ASCII):
        return False
    number = int(bare[:-1].translate(str.maketrans("XYZ", "012")))
    return "TRWAGMYFPDXBNJZSQVHLCKE"[number % 23] == bare[-1]


def _matches(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: compiled.fullmatch(value) is not None


def _named(words: str, found: Guess) -> tuple[re.Pattern[str], Guess]:
    return re.compile(rf"_(?:{words})_"), found


is_email = _matches(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]{2,}")
_SHAPES = {"email": is_email, "phone": _matches(r"[+\d][\d\s()./-]{5,24}")}
_NO_IDENTITY = ("boolean", "date", "datetime", "time", "json", "bytes")
_WHEN = re.compile(r"_(at|on|fecha|fec|date|data|hora|timestamp|when)_")
_OTHERS = re.compile(
    r"_(forwarded_to|reenviado_a|encaminhado_para|referred_by|referido\w*|indicado_por|guardian\w*|tutor\w*"
    r"|emergency\w*|emergencia\w*|spouse|conyuge|conjuge|friend\w*|amigo\w*|parent_email|beneficiar\w+"
    r"|assignee\w*|assigned\w*|asignad[oa]\w*|atribuid[oa]\w*|responsable|responsavel|vendedora?|salesperson"
    r"|sales_rep|account_manager|handled_by|atendid[oa]_por|(created|updated|modified|entered|closed)_by"
    r"|(cread|modificad|criad|cerrad|fechad)[oa]_por)_"
)
"""Whoever works on a row, or is named in it beside the person, is not who it is about."""

VALUES: tuple[tuple[Callable[[str], bool], Guess], ...] = (
    (is_email, Guess("user.contact.email", "email")),
    (is_spanish_number, Guess("user.government_id.national_identification_number", "es_dni")),
    (
        _matches(r"\d{3}\.\d{3}\.\d{3}-\d{2}"),
        Guess("user.government_id.national_identification_number", "br_cpf"),
    ),
    (is_address, Guess("user.device.ip_address", observed=True)),
    (_matches(r"(\+|00)\d[\d\s().-]{7,20}"), Guess("user.contact.phone_number", "phone")),
    (_matches(r"Mozilla/\d.*"), Guess("user.device", observed=True)),
    (_matches(r"[A-Z]{2}\d{2}(\s?[A-Z0-9]){11,30}"), Guess("user.financial.bank_account")),
)

_GOVERNMENT = "user.government_id.national_identification_number"
NAMES = (
    _named(
        r"consent\w*|consentimiento\w*|consentimento\w*|opt_?in|opt_?out|gdpr|rgpd|lgpd|\w+_ok|acepta\w*|aceita\w*"
        r"|newsletter|boletin|suscrito|inscrito|subscribed|unsubscribed",
        Guess("user.privacy_preferences", consent=True),
    ),
    _named(r"user_agent|navegador|browser", Guess("user.device", observed=True)),
    _named(
        r"ip|ip_addr\w*|direccion_ip|endereco_ip|remote_addr", Guess("user.device.ip_address", observed=True)
    ),
    _named(r"e_?mails?|mail|correo|correo_e\w*|recipient|destinatario", Guess("user.contact.email", "email")),
    _named(
        r"(tele)?phone\w*|telf?|tlfn?o?|tfno|telefono\w*|telefone\w*|movil|mobile|celular|whatsapp|fax",
        Guess("user.contact.phone_number", "phone"),
    ),
    _named(r"username|user_name|login|usuario|nick|nickname", Guess("user.account.username", "username")),
    _named(r"cpf", Guess(_GOVERNMENT, "br_cpf")),
    _named(r"curp", Guess(_GOVERNMENT, "mx_curp")),
    _named(r"cuil", Guess(_GOVERNMENT, "ar_cuil")),
    _named(r"rut", Guess(_GOVERNMENT, "cl_rut")),
    _named(r"passport\w*|pasaporte|passaporte", Guess("user.government_id.passport_number", "passport")),
    _named(r"dni|nie|nif|cedula|ci|rg|ssn|documento|national_id", Guess(_GOVERNMENT)),
    _named(
        r"(customer|client)_(no|num|number|code)|(n|no|num|numero|nro|codigo|cod)_(de_|do_)?(cliente|socio)",
        Guess("user.unique_id", "customer_number"),
    ),
    _named(
        r"device_id|id_dispositivo|dispositivo_id|id_de_dispositivo",
        Guess("user.device.device_id", "device_id"),
    ),
    _named(r"cookie\w*|visitor_id|client_id_ga|fingerprint", Guess("user.device.cookie_id", observed=True)),
    _named(r"first_?name|given_?name|primer_nombre|primeiro_nome|nombre_de_pila", Guess("user.name.first")),
    _named(r"nombres?_y_apellidos?|apellidos?_(y_)?nombres?|nome_e_sobrenome", Guess("user.name")),
    _named(r"last_?name|sur_?name|family_?name|apellidos?\d?|sobrenome", Guess("user.name.last")),
    _named(r"(full_?|nick)?name|nombre|nombre_completo|nome|nome_completo|titular", Guess("user.name")),
    _named(
        r"street|calle|address\w*|direccion|domicilio|dir_\w+|domic|endereco|rua|logradouro",
        Guess("user.contact.address.street"),
    ),
    _named(r"city|town|ciudad|localidad|poblacion|cidade|municipio", Guess("user.contact.address.city")),
    _named(r"post_?code|postal_code|zip\w*|cp|codigo_postal|cep", Guess("user.contact.address.postal_code")),
    _named(r"province|provincia|region|uf", Guess("user.contact.address.state")),
    _named(r"country|pais", Guess("user.contact.address.country")),
    _named(
        r"birth\w*|born|dob|nacimiento|nascimento|born_on|(fec|fecha|f)_nac\w*|data_nasc\w*",
        Guess("user.demographic.date_of_birth"),
    ),
    _named(r"gender|sex|sexo|genero", Guess("user.demographic.gender")),
    _named(r"language|lang|locale|idioma|lingua", Guess("user.demographic.language")),
    _named(r"job_title|job|cargo|puesto|profesion|profissao", Guess("user.job_title")),
    _named(r"company|empresa|employer|empleador", Guess("user.workplace")),
    _named(r"iban|account_number|bank\w*|cuenta\w*|conta_bancaria", Guess("user.financial.bank_account")),
    _named(r"diagn\w+|health|salud|saude|alergias?|medical\w*", Guess("user.health_and_medical")),
    _named(r"password\w*|passwd|contrasena|clave|senha", Guess("user.authorization.password")),
    _named(
        r"lat|lon|lng|latitude?|longitude?|latitud|longitud|gps|geo\w*|place|lugar",
        Guess("user.location", observed=True),
    ),
    _named(r"score|puntuacion|pontuacao|segment\w*|rating|propension", Guess("user.behavior", inferred=True)),
    _named(
        r"url|link|page|pagina|path|referrer|referer",
        Guess("user.behavior.browsing_history", observed=True),
    ),
    _named(
        r"notes?|notas?|comments?|comentarios?|body|cuerpo|corpo|message|mensaje|mensagem|observacion\w*"
        r"|observaco\w+|description|descripcion|descricao|remarks?|free_text|texto|text",
        Guess("user.content.private", free_text=True),
    ),
)
