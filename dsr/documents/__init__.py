"""Values to bytes: letters, mails, tables and the package. Renders with its own Jinja environment."""

from .destruction import DestroyedSet, Destruction, destruction_pdf
from .index import TableFacts
from .letters import letter_body, letter_pdf, missing_elements, render_letter
from .mails import MAILS, Mail, MailFacts, render_mail
from .opened import OpenedSet, opened_zip
from .package import Attachment, PackageWriter, Section, Summary, rows_of
from .words import day_words, policy, size_words

__all__ = [
    "MAILS",
    "Attachment",
    "DestroyedSet",
    "Destruction",
    "Mail",
    "MailFacts",
    "OpenedSet",
    "PackageWriter",
    "Section",
    "Summary",
    "TableFacts",
    "day_words",
    "destruction_pdf",
    "letter_body",
    "letter_pdf",
    "missing_elements",
    "opened_zip",
    "policy",
    "render_letter",
    "render_mail",
    "rows_of",
    "size_words",
]
