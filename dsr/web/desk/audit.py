"""The audit log: browse it, verify it now, take the last checkpoint elsewhere."""

from __future__ import annotations

from dataclasses import asdict

from flask import render_template, request
from flask.typing import ResponseReturnValue

from dsr import store
from dsr.domain.audit import Kind
from dsr.services import staff
from dsr.store.audit import Verdict
from dsr.store.queries import desk
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import allowed
from .facts import facts
from .place import bp, names_of, to

PAGE = 50


@bp.get("/audit")
def audit_first() -> ResponseReturnValue:
    """That of her first organisation."""
    return to("audit", controller=allowed()[0])


@bp.get("/audit/<controller>")
def audit(controller: str) -> ResponseReturnValue:
    """The newest entries first."""
    return _page(controller)


@bp.post("/audit/<controller>/verify")
def verify(controller: str) -> ResponseReturnValue:
    """Read every entry again, now."""
    return _page(controller, store.audit.verify_chain(controller))


def _page(controller: str, verdict: Verdict | None = None) -> ResponseReturnValue:
    before = request.args.get("before", "")
    kind, reference = request.args.get("kind", ""), request.args.get("case", "").strip().upper()[:16]
    with store.reading() as session:
        entries = desk.audit_page(
            session,
            controller,
            before=whole(before),
            kind=kind,
            reference=reference,
            limit=PAGE + 1,
        )
    names = names_of(controller)
    numbers = [one.actor.removeprefix("staff:") for one in entries if one.actor.startswith("staff:")]
    return render_template(
        "desk/audit.html",
        key=controller,
        entries=entries[:PAGE],
        following=entries[PAGE - 1].seq if len(entries) > PAGE else None,
        kinds=[one.value for one in Kind],
        asked={"kind": kind, "case": reference},
        verdict=asdict(verdict) if verdict else None,
        checkpoint=store.audit.latest(controller) or "",
        public_key=store.audit.public_key(controller),
        staff=staff.names(int(number) for number in numbers if number.isdigit()),
        facts=lambda data: facts(data, names),
        read_at=now(),
    )
