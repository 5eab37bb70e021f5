"""The answer, behind a fresh code: letters, tables as pages, the package with its ranges, renewal."""

from __future__ import annotations

from flask import Response, abort, flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from markupsafe import Markup
from werkzeug.datastructures import Range
from werkzeug.exceptions import RequestedRangeNotSatisfiable

from dsr import documents
from dsr.documents.tables import written
from dsr.documents.words import visible
from dsr.services import answers
from dsr.web.languages import language
from dsr.web.moment import now
from dsr.web.roles import PERSON, roles

from . import titles
from .place import FETCHED, bp, controller, count_step, fresh, reference, to, view

CLIP = 2_000


def shut() -> ResponseReturnValue | None:
    """The way to the code page unless the second step was passed a short while ago."""
    return None if fresh(reference()) else to("door", which=reference(), to="answer")


@bp.get("/answer")
@roles(PERSON)
def answer() -> ResponseReturnValue:
    """Everything that lies ready: letters, summaries, downloads."""
    if away := shut():
        return away
    seen = view()
    contents = {
        (case.reference, line.number): answers.tables(_handed(case.reference, line.number))
        for case in seen.cases
        for line in case.packages
        if line.state == "open" and line.holds != "earlier"
    }
    return render_template("portal/answer.html", seen=seen, contents=contents, titles=titles)


@bp.get("/answer/letter/<int:number>")
@roles(PERSON)
def letter(number: int) -> ResponseReturnValue:
    """A letter as a page of ours."""
    if away := shut():
        return away
    found = answers.letter(reference(), number, controller().key, now=now())
    # Written by our own templates, escaped there, sealed since; its digest stands beside it.
    article = Markup(found.article)  # noqa: S704
    return render_template("portal/letter.html", letter=found, article=article, titles=titles)


@bp.get("/answer/letter/<int:number>.html")
@roles(PERSON)
def letter_document(number: int) -> ResponseReturnValue:
    """The letter exactly as it was written, to keep; its digest is that of these bytes."""
    if away := shut():
        return away
    found = answers.letter(reference(), number, controller().key, now=now())
    whole = Response(found.html, mimetype="text/html")
    whole.headers["Content-Security-Policy"] = documents.policy()
    whole.headers["Content-Disposition"] = f'attachment; filename="{found.kind}-{number}.html"'
    return whole


@bp.get("/answer/letter/<int:number>.pdf")
@roles(PERSON)
def letter_pdf(number: int) -> ResponseReturnValue:
    """The same letter for paper."""
    if away := shut():
        return away
    name, content = answers.letter_pdf(reference(), number, controller().key, now=now())
    whole = Response(content, mimetype="application/pdf")
    whole.headers["Content-Disposition"] = f'attachment; filename="{name}.pdf"'
    return whole


@bp.get("/answer/<case>/<int:copy>/data/<int:number>")
@roles(PERSON)
def table(case: str, copy: int, number: int) -> ResponseReturnValue:
    """One table, read back from that package of the case, a page at a time."""
    if away := shut():
        return away
    handed = _handed(case, copy)
    tables = answers.tables(handed)
    if number >= len(tables):
        abort(404)
    chosen = tables[number]
    pages = max(1, -(-chosen.count // answers.PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    if once(f"view:{handed.sha256}"):
        answers.looked_at(reference(), handed, controller().key, now=now())
    return render_template(
        "portal/table.html",
        case=case,
        copy=copy,
        table=chosen,
        bars=documents.bars(chosen.months, language()) if len(chosen.months) > 2 else (),
        bases=titles.BASES,
        origins=titles.ORIGINS,
        columns=tuple(
            zip(chosen.columns, documents.headings(chosen.about.meanings, chosen.columns), strict=True)
        ),
        rows=answers.rows(handed, chosen, page),
        page=page,
        pages=pages,
        shown=shown,
    )


@bp.get("/answer/<case>/<int:copy>/package.zip")
@roles(PERSON)
def package(case: str, copy: int) -> ResponseReturnValue:
    """A whole package. An interrupted download goes on where it stopped (RFC 9110, 14)."""
    if away := shut():
        return away
    handed = _handed(case, copy)
    wanted = request.range if _unchanged(handed) else None
    start, stop = _bounds(wanted, handed.size)
    if request.method == "GET" and once(f"fetch:{handed.sha256}"):
        answers.fetched(reference(), handed, controller().key, now=now())
    part = start > 0 or stop < handed.size or wanted is not None
    body = handed.pieces(start, stop) if request.method == "GET" else iter(())
    whole = Response(body, 206 if part else 200, mimetype="application/zip")
    whole.content_length = stop - start
    whole.headers["Accept-Ranges"] = "bytes"
    whole.headers["Cache-Control"] = "private, no-store"
    name = case if copy == 1 else f"{case}-{copy}"
    whole.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    whole.set_etag(handed.sha256)
    if part:
        whole.headers["Content-Range"] = f"bytes {start}-{stop - 1}/{handed.size}"
    return whole


@bp.post("/answer/<case>/renew")
@roles(PERSON)
def renew(case: str) -> ResponseReturnValue:
    """The days again, without a new request."""
    if away := shut():
        return away
    count_step()
    answers.renew(reference(), case, controller().key, now=now())
    flash(gettext("Your data are ready again."))
    return to("answer")


def once(what: str) -> bool:
    """True the first time in this session; repeats of a download are one download."""
    seen = session.get(FETCHED, [])
    short = what[:24]
    if short in seen:
        return False
    session[FETCHED] = [*seen, short][-40:]
    return True


def shown(value: object) -> str:
    """A value of a row as text; long ones are cut, the files hold them whole."""
    if value is None:
        return "—"
    if isinstance(value, bool):
        return str(gettext("yes") if value else gettext("no"))
    text = visible(written(value))
    return text if len(text) <= CLIP else text[:CLIP] + "…"


def _handed(case: str, copy: int) -> answers.Handed:
    return answers.package(reference(), case, copy, controller().key, now=now())


def _unchanged(handed: answers.Handed) -> bool:
    """If-Range: a part makes sense only for the same file."""
    condition = request.if_range
    if condition.etag is None:
        return condition.date is None
    return condition.etag == handed.sha256


def _bounds(wanted: Range | None, size: int) -> tuple[int, int]:
    if wanted is None:
        return 0, size
    if wanted.units != "bytes" or len(wanted.ranges) != 1:
        return 0, size
    found = wanted.range_for_length(size)
    if found is None:
        raise RequestedRangeNotSatisfiable(length=size)
    return found
