"""Questions to holders: an officer enters what she was told on the telephone or in person."""

from __future__ import annotations

from flask import request
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr.domain.errors import Refusal
from dsr.services import tasks, viewing
from dsr.services.tasks import Answer, Handed
from dsr.web import uploads
from dsr.web.moment import now
from dsr.web.numbers import whole

from .access import officer
from .decisions import attempt
from .place import bp


@bp.post("/cases/<reference>/tasks/<int:number>")
def complete(reference: str, number: int) -> ResponseReturnValue:
    """The answer of a holder, with who said so and when."""

    def act() -> None:
        if number not in {one.id for one in viewing.tasks_of(reference, by=officer())}:
            raise Refusal("task.unknown", "There is no such task.")
        form = request.form
        count = form.get("count", "").strip()
        said = Answer(
            form.get("state", ""),
            count=whole(count) or 0,
            where=form.get("where", "").strip(),
        )
        tasks.complete(number, said, form.get("reason", ""), _handed(), by=officer(), now=now())

    return attempt(reference, f"task-{number}", act, gettext("The answer is entered. The case goes on."))


def _handed() -> tuple[Handed, ...]:
    chosen = [one for one in request.files.getlist("files") if one.filename]
    return tuple(Handed(str(one.filename), uploads.pieces(one)) for one in chosen)
