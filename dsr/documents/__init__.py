"""Values to bytes: letters, mails, tables and the package. Renders with its own Jinja environment."""

from .destruction import DestroyedSet, Destruction, destruction_pdf
from .index import About, Bar, Meaning, TableFacts, bars
from .letters import letter_body, letter_pdf, missing_elements, render_letter
from .mails import MAILS, Mail, MailFacts, render_mail
from .opened import OpenedSet, opened_zip
from .package import Attachment, PackageWriter, Section, Summary, rows_of
from .words import day_words, policy, size_words

__all__ = [
    "MAILS",
    "About",
    "Attachment",
    "Bar",
    "DestroyedSet",
    "Destruction",
    "Mail",
    "MailFacts",
    "Meaning",
    "OpenedSet",
    "PackageWriter",
    "Section",
    "Summary",
    "TableFacts",
    "bars",
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
