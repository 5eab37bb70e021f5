"""Values to bytes: letters, mails, tables and the package. Renders with its own Jinja environment."""

from .index import TableFacts
from .letters import letter_body, letter_pdf, missing_elements, render_letter
from .mails import MAILS, Mail, MailFacts, render_mail
from .package import Attachment, PackageWriter, Section, Summary, rows_of
from .words import day_words, policy, size_words

__all__ = [
    "MAILS",
    "Attachment",
    "Mail",
    "MailFacts",
    "PackageWriter",
    "Section",
    "Summary",
    "TableFacts",
    "day_words",
    "letter_body",
    "letter_pdf",
    "missing_elements",
    "policy",
    "render_letter",
    "render_mail",
    "rows_of",
    "size_words",
]
