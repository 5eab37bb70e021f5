"""What goes to an authority: the dossier of a case, the register, the year in numbers."""

from __future__ import annotations

from datetime import date

from flask import Response, render_template, request
from flask.typing import ResponseReturnValue

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import records
from dsr.services.records import Register
from dsr.store.queries import records as queries
from dsr.web.languages import language
from dsr.web.moment import now
from dsr.web.numbers import whole

from . import year_charts
from .access import actor, allowed, officer
from .place import bp, to
from .refusals import sentence_of
from .today import today_here

MEDIA = {"csv": "text/csv; charset=utf-8", "pdf": "application/pdf"}


@bp.post("/cases/<reference>/dossier")
def dossier(reference: str) -> ResponseReturnValue:
    """The signed dossier of a case as one ZIP; recorded."""
    made = records.make(reference, language=language(), by=officer(), now=now())
    return _file(made.zip(), "application/zip", f"dossier-{reference}.zip")


@bp.get("/register")
def register_first() -> ResponseReturnValue:
    """That of her first organisation."""
    return to("register", controller=allowed()[0])


@bp.get("/register/<controller>")
def register(controller: str) -> ResponseReturnValue:
    """The report of a year, and the form for the register of any days."""
    return _page(controller)


@bp.post("/register/<controller>")
def register_file(controller: str) -> ResponseReturnValue:
    """The register of these days as a file; recorded."""
    kind = request.form.get("format", "csv")
    try:
        first, last = _day("from"), _day("to")
        body = records.file(controller, first, last, kind=kind, language=language(), by=actor(), now=now())
    except Refusal as refusal:
        return _page(controller, sentence_of(refusal)), 422
    return _file(body, MEDIA[kind], f"register-{first}-{last}.{kind}")


def _page(controller: str, error: str = "") -> str:
    with store.reading() as session:
        years = queries.years(session, controller) or (today_here().year,)
    asked = whole(request.args.get("year", ""))
    year = asked if asked in years else years[0]
    found: Register = records.register(controller, date(year, 1, 1), date(year, 12, 31), now=now())
    return render_template(
        "desk/register.html",
        key=controller,
        year=year,
        years=years,
        found=found,
        charts=year_charts.draw(found, year),
        error=error,
        typed=request.form,
    )


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        raise Refusal("law.date", "Write a date.") from None


def _file(body: bytes, media: str, name: str) -> Response:
    answer = Response(body, mimetype=media)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
