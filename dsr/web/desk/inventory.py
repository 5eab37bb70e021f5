"""The inventory: places that no program reaches, who answers for them, and the questions under way."""

from __future__ import annotations

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.domain.letters import category_words
from dsr.services import inventory as service
from dsr.services.inventory import BASES, Declared
from dsr.web.errors import status_of
from dsr.web.languages import language
from dsr.web.moment import now

from .access import actor
from .place import bp, to
from .refusals import sentence_of

CATEGORIES = (
    "user.name", "user.contact", "user.government_id", "user.demographic", "user.correspondence",
    "user.financial", "user.payment", "user.workplace", "user.behavior", "user.content",
    "user.health_and_medical", "user.childrens", "user",
)  # fmt: skip
"""What the form offers, in the usual words; finer ones are written in systems.toml."""


@bp.get("/systems/<controller>/places")
def places(controller: str) -> ResponseReturnValue:
    """One card a place, and a form for a new one."""
    return _page(controller)


@bp.post("/systems/<controller>/places")
def declare_place(controller: str) -> ResponseReturnValue:
    """A new place."""
    try:
        service.declare(controller, _said(), by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, refusal, at="new")
    flash(gettext("The place is declared. From the next request on its holders are asked."), "done")
    return to("places", controller=controller)


@bp.post("/systems/<controller>/places/<system>")
def change_place(controller: str, system: str) -> ResponseReturnValue:
    """The same place, said anew."""
    try:
        service.change(controller, system, _said(), by=actor(), now=now())
    except Refusal as refusal:
        if refusal.code == "system.unknown":
            raise
        return _page(controller, refusal, at=system)
    flash(gettext("Changed. Questions already asked stay as they are."), "done")
    return to("places", controller=controller, _anchor=system)


@bp.post("/systems/<controller>/places/<system>/retire")
def retire_place(controller: str, system: str) -> ResponseReturnValue:
    """Ask nothing new there, or ask again."""
    retired = request.form.get("retired") == "yes"
    service.retire(controller, system, retired, by=actor(), now=now())
    flash(
        gettext("Retired: nothing new is asked there.") if retired else gettext("It is asked again."), "done"
    )
    return to("places", controller=controller, _anchor=system)


def _said() -> Declared:
    form = request.form
    return Declared(
        title=form.get("title", ""),
        owner=form.get("owner", ""),
        holders=tuple(form.get("holders", "").replace(",", "\n").splitlines()),
        categories=tuple(form.getlist("category")),
        purpose=form.get("purpose", "").strip(),
        basis=form.get("basis", ""),
        retention=form.get("retention", "").strip(),
        checklist=tuple(line.strip() for line in form.get("checklist", "").splitlines() if line.strip()),
    )


def _page(controller: str, refusal: Refusal | None = None, at: str = "") -> ResponseReturnValue:
    page = render_template(
        "desk/places.html",
        key=controller,
        entries=service.entries(controller),
        categories=[(code, category_words(code, language())) for code in CATEGORIES],
        bases=BASES,
        at=at,
        typed=_said() if refusal else None,
        error=sentence_of(refusal) if refusal else "",
    )
    return page, status_of(refusal) if refusal else 200
