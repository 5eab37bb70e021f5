"""A request that came by post, telephone or in person, filed with the day it really arrived."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time
from zoneinfo import ZoneInfo

from flask import flash, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.domain.identity import KINDS
from dsr.domain.organisation import Controller
from dsr.domain.rights import CORRECTABLE, Right, rule
from dsr.services import country, evidence, intake
from dsr.services.house import house
from dsr.services.intake import Filing, Receipt, Wanted
from dsr.web import places, uploads
from dsr.web.errors import status_of
from dsr.web.languages import language
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import actor, allowed
from .place import bp, to
from .refusals import sentence_of

CAME_BY = ("post", "phone", "mail", "visit", "processor")
ROWS = 4
NOON = time(12)


@bp.route("/new", methods=["GET", "POST"])
def file() -> ResponseReturnValue:
    """The form, and what becomes of it."""
    if request.method == "GET" or "show" in request.form:
        return _page()
    try:
        filing = _filing()
        scan = request.files.get("scan")
        if scan is not None and scan.filename:
            uploads.check(scan)
        receipt = intake.submit(filing, by=actor(), now=now())
        _keep_scan(receipt)
    except Refusal as refusal:
        return _page(refusal)
    flash(gettext("Filed as %(numbers)s.", numbers=", ".join(receipt.cases)), "done")
    return to("case", reference=receipt.cases[0])


def _page(refusal: Refusal | None = None) -> ResponseReturnValue:
    where = _where()
    page = render_template(
        "desk/file.html",
        error=sentence_of(refusal) if refusal else "",
        at=refusal.code if refusal else "",
        typed=request.form,
        controllers=[house().controller(key) for key in allowed()],
        rights=[(right, rule(right)) for right in Right],
        local={right: _local(where.jurisdiction, right.value) for right in Right},
        beyond=_beyond(where.jurisdiction),
        places=places.offered(),
        law=country.law_name(where.jurisdiction, _organisation(), language(), now=now()),
        correctable_keys=CORRECTABLE,
        identifier_kinds=list(KINDS),
        rows=range(ROWS),
        came_by=CAME_BY,
        answer_ways=intake.ANSWER_BY,
        today=now().astimezone(_zone()).date(),
    )
    return page, status_of(refusal) if refusal else 200


def _filing() -> Filing:
    form = request.form
    organisation, where = _organisation(), _where()
    kinds, values = form.getlist("kind"), form.getlist("value")
    return Filing(
        controller=organisation.key,
        language=form.get("language", organisation.language),
        jurisdiction=where.jurisdiction,
        country=where.country,
        rights=(*map(_wanted, form.getlist("right")), *_wanted_beyond(where.jurisdiction)),
        identifiers=tuple((k, v.strip()) for k, v in zip(kinds, values, strict=False) if v.strip()),
        name=form.get("name", ""),
        message=form.get("message", ""),
        behalf=form.get("behalf", ""),
        representative=form.get("representative", ""),
        child_age=_age(form.get("child_age", "")),
        forwarded_by=form.get("forwarded_by", ""),
        channel=form.get("channel", ""),
        received_at=_received(organisation.zone),
        answer_by=form.get("answer_by", "mail"),
        postal_address=form.get("postal_address", ""),
        verified_reason=form.get("verified_reason", "").strip(),
    )


def _organisation() -> Controller:
    return house().controller(_chosen(request.form.get("controller", "")))


def _where() -> country.Place:
    """Where the person lives, as far as it was written; otherwise where the organisation is."""
    return country.place(request.form.get("place", "").strip().upper()[:5], _organisation())


def _local(jurisdiction: str, right: str) -> str:
    return country.local_name(jurisdiction, right, _organisation(), language(), now=now())


def _beyond(jurisdiction: str) -> tuple[country.Beyond, ...]:
    return country.beyond(jurisdiction, _organisation(), language(), now=now())


def _wanted_beyond(jurisdiction: str) -> Iterator[Wanted]:
    """The rights beyond the seven that were ticked; Refusal ``filing.local_right`` for one of another law."""
    known = {one.key: one.served_by for one in _beyond(jurisdiction)}
    for key in request.form.getlist("beyond"):
        if key not in known:
            raise Refusal("filing.local_right", f"The law of {jurisdiction} has no such right.")
        yield _wanted(known[key], key)


def _age(text: str) -> int | None:
    return whole(text) if len(text) <= 3 else None


def _wanted(name: str, local: str = "") -> Wanted:
    form = request.form
    asks = rule(name).asks
    changes = zip(form.getlist("change"), form.getlist("old"), form.getlist("new"), strict=False)
    return Wanted(
        right=name,
        local_right=local,
        changes=tuple(one for one in changes if one[2].strip()) if "changes" in asks else (),
        channels=tuple(form.getlist(f"channels-{name}")) if "channels" in asks else (),
        ground=form.get("ground", "") if "ground" in asks else "",
        reason=form.get("reason", ""),
    )


def _received(zone: str) -> datetime:
    """The day it arrived, at noon there: nobody wrote down the minute. Today counts from now."""
    try:
        day = datetime.strptime(request.form.get("received_on", ""), "%Y-%m-%d").replace(
            tzinfo=ZoneInfo(zone)
        )
    except ValueError:
        raise Refusal("filing.received", "Write the date on which the request arrived.") from None
    moment = now()
    if day.date() == moment.astimezone(ZoneInfo(zone)).date():
        return moment
    return datetime.combine(day.date(), NOON, ZoneInfo(zone))


def _keep_scan(receipt: Receipt) -> None:
    scan = request.files.get("scan")
    if scan is not None and scan.filename:
        pieces = uploads.pieces(scan)
        evidence.attach(receipt.reference, pieces, name=scan.filename, purpose="scan", by=actor(), now=now())


def _chosen(key: str) -> str:
    return key if key in allowed() else allowed()[0]


def _zone() -> ZoneInfo:
    return ZoneInfo(house().controller(allowed()[0]).zone)
