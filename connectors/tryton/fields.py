"""The fields of each collection, as Article 15 wants them told."""

from __future__ import annotations

from collections.abc import Mapping

from dsr.contract import FieldInfo

NAME, CONTACT, MONEY = ("user.name",), "user.contact", ("user.financial",)
PLACE = (f"{CONTACT}.address",)
TEXT = ("user.content",)


def _text(name: str) -> FieldInfo:
    return FieldInfo(name, TEXT, "third_party", free_text=True)


def _observed(*names: str) -> tuple[FieldInfo, ...]:
    return tuple(FieldInfo(name, MONEY, "observed") for name in names)


FIELDS: Mapping[str, tuple[FieldInfo, ...]] = {
    "parties": (
        FieldInfo("name", NAME, "provided", rectifiable=True),
        FieldInfo("code", ("user.unique_id",), "observed", identity="customer_number"),
        FieldInfo("active", ("user.account",), "observed"),
        FieldInfo("categories", ("user.behavior",), "third_party"),
    ),
    "merged": (
        FieldInfo("name", NAME, "provided"),
        FieldInfo("code", ("user.unique_id",), "observed"),
        FieldInfo("active", ("user.account",), "observed"),
    ),
    "identifiers": (
        FieldInfo("type", ("user.government_id",), "provided"),
        FieldInfo("code", ("user.government_id",), "provided", rectifiable=True),
    ),
    "mechanisms": (
        FieldInfo("type", (CONTACT,), "provided"),
        FieldInfo("email", (f"{CONTACT}.email",), "provided", rectifiable=True, identity="email"),
        FieldInfo("phone", (f"{CONTACT}.phone_number",), "provided", rectifiable=True, identity="phone"),
        FieldInfo("other", (CONTACT,), "provided"),
        FieldInfo("value", (CONTACT,), "provided"),
        FieldInfo("value_compact", (CONTACT,), "provided"),
        FieldInfo("name", NAME, "provided"),
        _text("comment"),
    ),
    "addresses": (
        FieldInfo("party_name", NAME, "provided", rectifiable=True),
        FieldInfo("street", (f"{CONTACT}.address.street",), "provided", rectifiable=True),
        FieldInfo("postal_code", (f"{CONTACT}.address.postal_code",), "provided", rectifiable=True),
        FieldInfo("city", (f"{CONTACT}.address.city",), "provided", rectifiable=True),
        FieldInfo("country.rec_name", (f"{CONTACT}.address.country",), "provided"),
        FieldInfo("subdivision.rec_name", PLACE, "provided"),
    ),
    "invoices": (
        *_observed("number", "state", "invoice_date", "total_amount"),
        _text("reference"),
        _text("description"),
        _text("comment"),
        FieldInfo("invoice_report_cache", MONEY, "observed", free_text=True),
    ),
    "invoice_lines": (*_observed("quantity", "unit_price"), _text("description"), _text("note")),
    "prints": (
        FieldInfo("date", MONEY, "observed"),
        FieldInfo("filename", MONEY, "observed"),
        FieldInfo("invoice_report_cache", MONEY, "observed", free_text=True),
    ),
    "sales": (
        *_observed("number", "state", "sale_date", "total_amount"),
        _text("reference"),
        _text("description"),
        _text("comment"),
    ),
    "sale_lines": (*_observed("quantity", "unit_price"), _text("description"), _text("note")),
    "entries": (*_observed("date", "debit", "credit"), _text("description")),
    "notes": (_text("message"),),
    "attachments": (
        FieldInfo("type", TEXT, "third_party"),
        _text("name"),
        _text("description"),
        _text("link"),
        _text("data"),
    ),
    "emails": (
        _text("recipients"),
        _text("recipients_secondary"),
        _text("recipients_hidden"),
        _text("subject"),
        _text("body"),
    ),
}
"""Texts are somebody's of the house about the person, so they wait for the officer."""
