"""The survey of the inventory: where people's data are usually kept, and what is asked about each place.

GDPR 30 wants the processing known, 5(2) wants that shown. What people keep outside the connected systems
changes without anybody telling the officer, so every question is dated and asked again after six months.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from .errors import Refusal
from .periods import add_months

MONTHS = 6
"""After how many months a question is asked again."""

LONGEST = 500
DETAILS = ("who", "what", "where", "device", "tool", "export")
"""What is asked where the answer is yes: who keeps it, which data, where, on which device, with which tool,
and how it can be taken out."""


class Present(StrEnum):
    """Are people's data kept there?"""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Area:
    """A kind of place. ``title`` and ``examples`` per language."""

    key: str
    title: dict[str, str]
    examples: dict[str, str]


def _area(key: str, title: tuple[str, str, str], examples: tuple[str, str, str]) -> Area:
    languages = ("es", "en", "pt")
    return Area(key, dict(zip(languages, title, strict=True)), dict(zip(languages, examples, strict=True)))


AREAS: tuple[Area, ...] = (
    _area("crm", ("CRM y ventas", "CRM and sales", "CRM e vendas"),
          ("HubSpot, Pipedrive, Salesforce, Zoho", "HubSpot, Pipedrive, Salesforce, Zoho",
           "HubSpot, Pipedrive, Salesforce, Zoho")),
    _area("mailing", ("Envío de boletines y campañas", "Newsletters and campaigns", "Boletins e campanhas"),
          ("Mailchimp, Mailman, listmonk, SendGrid", "Mailchimp, Mailman, listmonk, SendGrid",
           "Mailchimp, Mailman, listmonk, SendGrid")),
    _area("tracking", ("Seguimiento de correos y de la web", "E-mail and web tracking",
                       "Rastreamento de e-mails e do site"),
          ("extensiones del correo que avisan de aperturas, estadísticas de la web",
           "mail add-ons that tell of opens, web statistics",
           "extensões de e-mail que avisam de aberturas, estatísticas do site")),
    _area("forms", ("Formularios", "Forms", "Formulários"),
          ("contacto, sorteos, encuestas, inscripciones a actos", "contact, raffles, surveys, event sign-ups",
           "contato, sorteios, pesquisas, inscrições em eventos")),
    _area("comments", ("Comentarios y redes sociales", "Comments and social networks",
                       "Comentários e redes sociais"),
          ("blog, foros, mensajes directos", "blog, forums, direct messages", "blog, fóruns, mensagens diretas")),
    _area("spreadsheets", ("Hojas de cálculo", "Spreadsheets", "Planilhas"),
          ("Excel, Google Sheets, exportaciones del CRM", "Excel, Google Sheets, exports of the CRM",
           "Excel, Google Sheets, exportações do CRM")),
    _area("drives", ("Carpetas compartidas y nube", "Shared folders and cloud drives",
                     "Pastas compartilhadas e nuvem"),
          ("Drive, OneDrive, Dropbox, servidor de archivos", "Drive, OneDrive, Dropbox, file server",
           "Drive, OneDrive, Dropbox, servidor de arquivos")),
    _area("mailboxes", ("Buzones de correo", "Mailboxes", "Caixas de e-mail"),
          ("buzones personales y comunes, correos archivados", "personal and shared mailboxes, archived mail",
           "caixas pessoais e compartilhadas, e-mails arquivados")),
    _area("address_books", ("Agendas de contactos", "Address books", "Agendas de contatos"),
          ("móviles, Google Contacts, Outlook", "phones, Google Contacts, Outlook",
           "celulares, Google Contacts, Outlook")),
    _area("directories", ("Directorios de la empresa", "Company directories", "Diretórios da empresa"),
          ("Active Directory, LDAP, directorio de Workspace", "Active Directory, LDAP, Workspace directory",
           "Active Directory, LDAP, diretório do Workspace")),
    _area("chats", ("Chats y mensajería", "Chats and messaging", "Chats e mensagens"),
          ("WhatsApp, Telegram, Teams, Slack", "WhatsApp, Telegram, Teams, Slack",
           "WhatsApp, Telegram, Teams, Slack")),
    _area("telephony", ("Telefonía y grabaciones", "Telephony and recordings", "Telefonia e gravações"),
          ("centralita, RingCentral, Twilio, buzón de voz", "switchboard, RingCentral, Twilio, voicemail",
           "central, RingCentral, Twilio, correio de voz")),
    _area("erp", ("Facturación y gestión", "Billing and ERP", "Faturamento e gestão"),
          ("Tryton, Odoo, programa de facturas", "Tryton, Odoo, invoicing program",
           "Tryton, Odoo, programa de notas")),
    _area("devices", ("Equipos portátiles y memorias USB", "Laptops and USB sticks", "Notebooks e pendrives"),
          ("copias locales, discos externos, móviles antiguos", "local copies, external disks, old phones",
           "cópias locais, discos externos, celulares antigos")),
    _area("paper", ("Papel", "Paper", "Papel"),
          ("archivadores, tarjetas de visita, contratos", "binders, business cards, contracts",
           "pastas, cartões de visita, contratos")),
    _area("processors", ("Agencias y proveedores", "Agencies and suppliers", "Agências e fornecedores"),
          ("agencia de marketing, gestoría, centro de llamadas", "marketing agency, accountant, call centre",
           "agência de marketing, contador, central de atendimento")),
    _area("backups", ("Copias de seguridad", "Backups", "Cópias de segurança"),
          ("discos, cintas, copias en la nube", "disks, tapes, cloud copies", "discos, fitas, cópias na nuvem")),
)  # fmt: skip

BY_KEY = {area.key: area for area in AREAS}


def area(key: str) -> Area:
    """The area of that name; Refusal ``survey.area`` lists the names."""
    try:
        return BY_KEY[key]
    except KeyError:
        known = ", ".join(BY_KEY)
        raise Refusal("survey.area", f"There is no area {key!r}. Known areas: {known}.") from None


def ask_again_on(answered_on: date) -> date:
    """The day on which an answer of that day is too old to rely on."""
    return add_months(answered_on, MONTHS)
