"""The settings of an account, checked once when the connector is opened."""

from __future__ import annotations

from dataclasses import dataclass

from connectors._google import SCOPES, Access, Scope, access
from connectors._settings import Given, Keep, Told, keeping, told, unblocked
from dsr.contract import Context, Order

from . import words
from .words import SETTINGS

API = "https://people.googleapis.com"
USUAL = Told(Order.SINK, "", words.PURPOSE, words.SOURCE, "", (), "Google Ireland Limited", "", "", "")
"""Phones and address books are filled from elsewhere: what is deleted here first would come back."""


@dataclass(frozen=True)
class Options:
    """``others`` and ``directory``: what is looked through besides the contacts. ``mark``: the custom field that
    says that processing is restricted, '' for none."""

    access: Access
    others: bool
    directory: bool
    mark: str
    told: Told
    keep: Keep | None
    unblocked: bool

    @property
    def scopes(self) -> tuple[str, ...]:
        """The scopes that a service account asks for: no more than the settings need."""
        asked = {
            "contacts": True,
            "contacts.other.readonly": self.others,
            "directory.readonly": self.directory,
        }
        return tuple(f"{SCOPES}{name}" for name, needed in asked.items() if needed)

    @property
    def needed(self) -> tuple[Scope, ...]:
        """The scopes that the settings need, as the check compares them."""
        return tuple(
            Scope((name,), ("contacts.readonly",) if name == "contacts" else ())
            for name in (one.removeprefix(SCOPES) for one in self.scopes)
        )


def options(context: Context) -> Options:
    """ConnectorError(permanent=True) names the setting that is missing, unknown or wrong."""
    given = Given(context.settings, SETTINGS)
    return Options(
        access=access(given, context, API),
        others=given.switch("other_contacts", usual=True),
        directory=given.switch("directory", usual=False),
        mark=given.line("restriction_field", ""),
        told=told(given, USUAL),
        keep=keeping(given, "events"),
        unblocked=unblocked(given),
    )
