"""Values to bytes: letters, mails, tables and the package. Renders with its own Jinja environment."""

from .destruction import DestroyedSet, Destruction, HeldRows, destruction_pdf
from .index import About, Bar, Meaning, TableFacts, bars, headings
from .letters import DraftLetter, letter_pdf, missing_elements, render_letter
from .mails import MAILS, Mail, MailFacts, render_mail
from .opened import OpenedSet, opened_zip
from .package import Attachment, PackageWriter, Section, Summary, rows_of
from .sheet import Part, Sheet, page_pdf, sheet_html, sheet_pdf
from .tables import csv_file
from .wording import Wording
from .words import day_words, policy, size_words

__all__ = [
    "MAILS",
    "About",
    "Attachment",
    "Bar",
    "DestroyedSet",
    "HeldRows",
    "Destruction",
    "DraftLetter",
    "Mail",
    "MailFacts",
    "Meaning",
    "OpenedSet",
    "PackageWriter",
    "Part",
    "Section",
    "Sheet",
    "Summary",
    "TableFacts",
    "bars",
    "csv_file",
    "Wording",
    "day_words",
    "destruction_pdf",
    "headings",
    "letter_pdf",
    "missing_elements",
    "opened_zip",
    "page_pdf",
    "policy",
    "render_letter",
    "render_mail",
    "rows_of",
    "sheet_html",
    "sheet_pdf",
    "size_words",
]
