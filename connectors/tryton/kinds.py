"""What hangs on a party: models, fields, texts that Tryton's own erasure leaves behind.

Source: the fields of Tryton 7.8 (modules party, account, account_invoice, sale; ir.note, ir.attachment, ir.email).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

PARTIES, IDENTIFIERS, MECHANISMS, ADDRESSES = "parties", "identifiers", "mechanisms", "addresses"
INVOICES, INVOICE_LINES, SALES, SALE_LINES = "invoices", "invoice_lines", "sales", "sale_lines"
PRINTS = "prints"
ENTRIES, NOTES, ATTACHMENTS, EMAILS = "entries", "notes", "attachments", "emails"
DOCUMENTS = "documents"
MENTIONED = "mentioned"
MERGED = "merged"


@dataclass(frozen=True)
class Kind:
    """A collection. ``link`` is the field that names its party, or the row of ``above``; without ``link`` it
    hangs on any row by ``resource``.

    ``texts`` may hold anything about anybody and are set to nothing by us, to '-' where Tryton wants
    something (``needed``). ``large`` is read row by row. ``day``: from when retention counts; ``over``: states in
    which nothing is to come any more. ``single``: every row is a record of its own, so that it can be corrected.
    """

    name: str
    model: str
    module: str
    fields: tuple[str, ...]
    link: str = ""
    above: str = PARTIES
    texts: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    large: str = ""
    day: str = ""
    over: tuple[str, ...] = ()
    single: bool = False


KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind(PARTIES, "party.party", "party", ("name", "code", "active", "categories"), "id"),
        Kind(MERGED, "party.party", "party", ("name", "code", "active"), "replaced_by"),
        Kind(IDENTIFIERS, "party.identifier", "party", ("type", "code"), "party", single=True),
        Kind(
            MECHANISMS,
            "party.contact_mechanism",
            "party",
            ("type", "value", "value_compact", "name", "comment"),
            "party",
            texts=("comment",),
            single=True,
        ),
        Kind(
            ADDRESSES,
            "party.address",
            "party",
            ("party_name", "street", "postal_code", "city", "country.rec_name", "subdivision.rec_name"),
            "party",
            single=True,
        ),
        Kind(
            INVOICES,
            "account.invoice",
            "account_invoice",
            ("number", "reference", "description", "comment", "state", "invoice_date", "total_amount"),
            "party",
            texts=("reference", "description", "comment"),
            large="invoice_report_cache",
            day="invoice_date",
            over=("paid", "cancelled"),
        ),
        Kind(
            INVOICE_LINES,
            "account.invoice.line",
            "account_invoice",
            ("description", "note", "quantity", "unit_price"),
            "invoice",
            INVOICES,
            texts=("note", "description"),
            needed=("description",),
        ),
        Kind(
            PRINTS,
            "account.invoice.report.revision",
            "account_invoice",
            ("date", "filename"),
            "invoice",
            INVOICES,
            large="invoice_report_cache",
        ),
        Kind(
            SALES,
            "sale.sale",
            "sale",
            ("number", "reference", "description", "comment", "state", "sale_date", "total_amount"),
            "party",
            texts=("reference", "description", "comment"),
            day="sale_date",
            over=("done", "cancelled"),
        ),
        Kind(
            SALE_LINES,
            "sale.line",
            "sale",
            ("description", "note", "quantity", "unit_price"),
            "sale",
            SALES,
            texts=("note", "description"),
            needed=("description",),
        ),
        Kind(
            ENTRIES,
            "account.move.line",
            "account",
            ("date", "debit", "credit", "description"),
            "party",
            texts=("description",),
            day="date",
        ),
        Kind(NOTES, "ir.note", "ir", ("message",), texts=("message",)),
        Kind(
            ATTACHMENTS,
            "ir.attachment",
            "ir",
            ("name", "type", "description", "link"),
            texts=("name", "description", "link"),
            large="data",
        ),
        Kind(
            EMAILS,
            "ir.email",
            "ir",
            ("recipients", "recipients_secondary", "recipients_hidden", "subject", "body"),
            texts=("recipients", "recipients_secondary", "recipients_hidden", "subject", "body"),
        ),
    )
}
PAPERS = (INVOICES, SALES)
"""Documents of their own; lines and bookings belong to them."""
BOOKS = (INVOICES, INVOICE_LINES, PRINTS, SALES, SALE_LINES, ENTRIES)
HANGING = (NOTES, ATTACHMENTS, EMAILS)
PHONES = ("phone", "mobile", "fax")
ERASED_CODE = "****"
"""What Tryton's erasure writes over an identifier."""
NUMBERS: Mapping[str, tuple[str, str]] = {
    "es_dni": ("es_dni", ""),
    "es_nie": ("es_dni", ""),
    "es_nif": ("es_dni", "ES"),
    "es_vat": ("es_dni", "ES"),
    "pt_nif": ("pt_nif", "PT"),
    "pt_vat": ("pt_nif", "PT"),
    "br_cpf": ("br_cpf", ""),
    "cl_rut": ("cl_rut", "CL"),
    "cl_vat": ("cl_rut", "CL"),
    "ar_cuit": ("ar_cuil", "AR"),
    "ar_vat": ("ar_cuil", "AR"),
    "ar_dni": ("ar_dni", ""),
    "ec_ci": ("ec_cedula", "EC"),
}
"""Types of identifiers: our kind of number, and the letters of the country that may stand before it."""


def number(held: object, code: object) -> tuple[str, str] | None:
    """The (kind, compact number) of an identifier; None where it is none of a person's that we know."""
    bare = "".join(one for one in str(code or "").upper() if one.isalnum())
    kind, country = NUMBERS.get(str(held), ("", ""))
    if held == "eu_vat":
        country = bare[:2]
        kind = {"ES": "es_dni", "PT": "pt_nif"}.get(country, "")
    bare = bare.removeprefix(country)
    return (kind, bare) if kind and bare else None
