"""E-mail addresses: one canonical form, exact comparison, no guessing."""

import re
import unicodedata
from typing import Final

from dsr.domain.identity.faults import InvalidIdentifier
from dsr.domain.identity.text import COMBINING, admitted, ascii_lower, stored_text

_MAX_PATH: Final = 254  # RFC 5321 4.5.3.1.3: a path of 256 with its angle brackets
_MAX_LOCAL: Final = 64  # RFC 5321 4.5.3.1.1, octets
_ONE_IN_BRACKETS: Final = re.compile(r"[^<>@]*<([^<>]+)>", re.DOTALL)
_NOT_IN_ONE_ADDRESS: Final = re.compile(r"[\s,;<>()\"\[\]\\:]")

_ROLES: Final = """
abuse accounting accounts admin administracao administracion administrador administration
administrator ajuda alertas archivo asistencia atencion atencionalcliente atendimento ayuda
bienvenida billing booking bookings buzon calidad careers citas clientes cobranza cobros comercial
compliance compras comunicacao comunicacion comunicaciones contabilidad contabilidade contact
contacto contactos contactus contato contratacion correo curriculum customerservice datos direcao
direccion diretoria donotreply dpd dpo empleo empresa enquiries equipe equipo eventos facturacion
facturas familia family faturamento feedback finance financeiro finanzas gdpr gerencia gestion hello
help helpdesk hola hostmaster hr info informacion informacoes informes inquiries it jobs juridico
laboral legal lgpd mail mailerdaemon marketing media naoresponda naoresponder news newsletter
noreply noresponda noresponder notificaciones notificacoes notifications office oficina operaciones
orders ouvidoria pagos pedidos postmaster prensa press privacidad privacidade privacy proveedores
publicidad receipts recepcao recepcion reception reclamaciones reclamacoes recrutamento recursos
recursoshumanos registro reservas rgpd rh root rrhh sac sales secretaria security seguranca
seguridad service services servicio servicioalcliente servicos shop sistemas soporte staff suporte
support taller team tecnico tesoreria test tienda usuario vendas ventas web webmaster welcome
"""
ROLE_MAILBOXES: Final = frozenset(_ROLES.split())
"""Local parts (without dots, dashes, underscores) behind which stand several people; see RFC 2142."""

_SHARED_AT_HOME: Final = ("familia", "family")


def canonical(value: str, region: str | None = None) -> str:
    """One address as `local@domain`: local part in ASCII lower case and NFC, domain in IDNA ASCII lower case.

    Dots, plus signs and look-alikes are left as they are: what differs is another mailbox.
    Sources: RFC 5321 4.5.3.1 (lengths), RFC 6531 (non-ASCII local parts), UTS 46 non-transitional and
    IDNA 2008 (domains). The DNS is not asked.
    Raises InvalidIdentifier: empty, too_long, characters, email.wildcard, email.syntax.
    """
    from email_validator import EmailNotValidError, validate_email

    text = admitted(value, 320, wildcard="email.wildcard")
    try:
        parts = validate_email(
            text,
            check_deliverability=False,
            allow_smtputf8=True,
            allow_quoted_local=False,
            allow_domain_literal=False,
            allow_display_name=False,
            strict=True,
        )
    except EmailNotValidError:
        raise InvalidIdentifier("email.syntax") from None
    return _joined(text.partition("@")[0], parts.ascii_domain)


def _joined(typed_local: str, ascii_domain: str) -> str:
    # A few single characters (the Kelvin sign, the Greek question mark) compose to an ASCII look-alike.
    if any(unicodedata.normalize("NFC", character) != character for character in typed_local):
        raise InvalidIdentifier("email.syntax")
    # Composed again after folding: J with caron has no capital of its own, j with caron has.
    local = unicodedata.normalize("NFC", ascii_lower(unicodedata.normalize("NFC", typed_local)))
    if len(local.encode()) > _MAX_LOCAL or len(local.encode()) + 1 + len(ascii_domain) > _MAX_PATH:
        raise InvalidIdentifier("too_long")
    return f"{local}@{ascii_lower(ascii_domain)}"


def stored_form(stored: object, region: str | None = None) -> str | None:
    """The canonical address a stored value stands for, or None when it is not exactly one address.

    Accepts `Ana <ana@example.es>` and `mailto:`; several addresses, or an address inside the display
    name, are not one. An ASCII value is only folded, not checked: it is compared with a checked one.
    """
    text = stored_text(stored)
    if text is None:
        return None
    if text.endswith(">"):
        bracketed = _ONE_IN_BRACKETS.fullmatch(text)
        text = bracketed[1].strip() if bracketed else ""
    if text[:7].lower() == "mailto:":
        text = text[7:]
    if text.count("@") != 1 or _NOT_IN_ONE_ADDRESS.search(text):
        return None
    if text.isascii():
        return text.lower()
    try:
        return canonical(text)
    except InvalidIdentifier:
        return None


def spellings(address: str) -> tuple[str, ...]:
    """The canonical address, and the same with its domain in Unicode when that differs."""
    local, _, domain = address.rpartition("@")
    return tuple(dict.fromkeys((address, f"{local}@{_unicode_domain(domain)}")))


def _unicode_domain(domain: str) -> str:
    if "xn--" not in domain:
        return domain
    from email_validator import validate_email

    return validate_email(f"x@{domain}", check_deliverability=False).domain


def mentioned(address: str, text: str) -> bool:
    """True when free text holds the address as a token of its own, in either form of its domain."""
    local, _, domain = address.rpartition("@")
    domains = "|".join(re.escape(form) for form in sorted({domain, _unicode_domain(domain)}))
    # Flags a and i inside: only A-Z fold, while the edges know the letters of every script.
    core = rf"(?ai:{re.escape(local)}@(?:{domains}))"
    return re.search(rf"(?<![\w{COMBINING}.+%-]){core}(?![\w{COMBINING}@-])(?!\.\w)", text) is not None


def shared_address(address: str) -> bool:
    """True when several people stand behind the address: a role mailbox or one of a family.

    Such an address never proves that a record belongs to the person who can read it; it proposes.
    """
    local = ascii_lower(address.rpartition("@")[0].partition("+")[0])
    bare = re.sub(r"[._-]", "", local).rstrip("0123456789")
    return bare in ROLE_MAILBOXES or bare.startswith(_SHARED_AT_HOME)


def masked(address: str) -> str:
    """`a•••@e•••.es`: first letters and the last label only, always the same number of dots."""
    local, _, domain = address.rpartition("@")
    name, _, last = domain.rpartition(".")
    return f"{_first(local)}•••@{_first(name)}•••.{last}"


def _first(text: str) -> str:
    return text[0] if len(text) > 2 and not text.startswith("xn--") else ""
