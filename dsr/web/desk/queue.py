"""The queue: every case by its date, with filters, a search and work on many at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from flask import flash, render_template, request, session
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.identity import KINDS, InvalidIdentifier, identify
from dsr.domain.rights import Right
from dsr.services import saved_views, staff
from dsr.services.house import house
from dsr.services.prospects import MANY
from dsr.store import keys
from dsr.store.queries import desk
from dsr.store.queries.desk import OPEN, Cursor, Line, Wanted
from dsr.web.moment import now

from .access import allowed, me
from .place import bp, to
from .refusals import sentence_of
from .today import SOON, today_here

PAGE = 50
WALKED = "queue"
"""Where her session keeps the filters of the queue that she looked at last."""

VIEWS = (
    "open",
    "late",
    "soon",
    "mine",
    "review",
    "second",
    "waiting",
    "unverified",
    "promised",
    "failed",
    "bounced",
    "closed",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """What the address of the page asks for."""

    view: str = "open"
    right: str = ""
    controller: str = ""
    mine: str = ""
    after: str = ""
    search: str = ""

    def kept(self) -> dict[str, str]:
        """What a saved view keeps, as the address of the page takes it; never a search."""
        given = {"view": self.view, "right": self.right, "controller": self.controller, "mine": self.mine}
        return {name: value for name, value in given.items() if value and (name, value) != ("view", "open")}

    def but(self, **changed: str) -> dict[str, str]:
        """The same filters with one changed: the address behind a chip."""
        return replace(self, after="", search="", **changed).kept()


@bp.get("/queue")
def queue() -> ResponseReturnValue:
    """One page of the queue, or what a search found."""
    asked = _asked(request.args)
    if not asked.search and session.get(WALKED, {}) != asked.kept():
        session[WALKED] = asked.kept()
    with store.reading() as reading:
        if asked.search:
            lines, following = _search(reading, asked.search), ""
        else:
            found = desk.review_queue(reading, wanted(asked, today_here()), _cursor(asked.after), PAGE + 1)
            lines, following = found[:PAGE], _mark(found[PAGE - 1]) if len(found) > PAGE else ""
    return render_template(
        "desk/queue.html",
        asked=asked,
        lines=lines,
        following=following,
        views=VIEWS,
        rights=list(Right),
        on=today_here(),
        staff=staff.names(line.assignee for line in lines if line.assignee),
        colleagues=deciders(),
        saved=saved_views.of(me().id),
        many=MANY,
    )


def next_case(reference: str) -> str:
    """The case after this one in the view of the queue that she used last; '' after the last."""
    with store.reading() as reading:
        here = desk.by_references(reading, allowed(), [reference])
        cursor = (here[0].sort_on, here[0].id) if here else None
        found = desk.review_queue(reading, wanted(_asked(session.get(WALKED, {})), today_here()), cursor, 1)
    return found[0].reference if found else ""


@bp.post("/queue/views")
def save_view() -> ResponseReturnValue:
    """Keep the filters of the page under a name."""
    asked = _asked(request.form)
    try:
        saved_views.save(request.form.get("name", ""), asked.kept(), staff=me().id, now=now())
    except Refusal as refusal:
        flash(sentence_of(refusal), "error")
    else:
        flash(gettext("The view is kept. Only you see it."), "done")
    return to("queue", **asked.kept())


@bp.post("/queue/views/<int:number>/forget")
def forget_view(number: int) -> ResponseReturnValue:
    """Delete a saved view of hers."""
    saved_views.forget(number, staff=me().id)
    flash(gettext("The view is deleted."), "done")
    return to("queue")


def wanted(asked: Filter, on: date) -> Wanted:
    """The filters of a view."""
    keys_ = (asked.controller,) if asked.controller in allowed() else allowed()
    every = Wanted(keys_, right=asked.right, assignee=me().id if asked.mine else None)
    match asked.view:
        case "late":
            return replace(every, due_before=on)
        case "soon":
            return replace(every, due_from=on, due_before=on + SOON + timedelta(days=1))
        case "mine":
            return replace(every, assignee=me().id)
        case "failed":
            return replace(every, failed=True)
        case "promised":
            return replace(every, promised=True)
        case "bounced":
            return replace(every, bounced=True, statuses=(*OPEN, "answered"))
        case "closed":
            return replace(every, statuses=("answered", "closed"))
        case "review":
            return replace(every, statuses=("review", "attention"))
        case "second" | "waiting" | "unverified" as status:
            return replace(every, statuses=(status,))
        case _:
            return every


def _asked(args: Mapping[str, str]) -> Filter:
    view = args.get("view", "open")
    right = args.get("right", "")
    controller = args.get("controller", "")
    return Filter(
        view=view if view in VIEWS else "open",
        right=right if right in set(Right) else "",
        controller=controller if controller in allowed() else "",
        mine="yes" if args.get("mine") else "",
        after=args.get("after", ""),
        search=args.get("q", "").strip()[:320],
    )


def _search(session: object, text: str) -> list[Line]:
    """By number, or by keyed hash of whatever the text may be: nothing is compared in clear."""
    compact = text.upper().replace(" ", "").replace("-", "")
    number = f"{compact[:4]}-{compact[4:]}"
    lines = desk.by_references(session, allowed(), [number, text])  # type: ignore[arg-type]
    return lines or desk.by_hashes(session, _hashes(text))  # type: ignore[arg-type]


def _hashes(text: str) -> list[tuple[str, bytes]]:
    found = []
    for key in allowed():
        region = house().controller(key).jurisdiction[:2]
        for kind in KINDS:
            try:
                value = identify(kind, text, country=region).value
            except InvalidIdentifier:
                continue
            found.append((key, keys.keyring().lookup(key, kind, value)))
    return found


def deciders() -> list[tuple[int, str]]:
    """Everybody who may decide or prepare a case here."""
    found = {
        one.number: one.email
        for key in allowed()
        for one in staff.directory(key)
        if one.active and {"agent", "dpo"} & set(one.roles)
    }
    return sorted(found.items(), key=lambda item: item[1])


def _mark(line: Line) -> str:
    return f"{line.sort_on.isoformat() if line.sort_on else ''}.{line.id}"


def _cursor(text: str) -> Cursor | None:
    """Where the last page ended; a mark that is none begins at the front."""
    day, _, number = text.partition(".")
    try:
        return (date.fromisoformat(day) if day else None, int(number)) if number else None
    except ValueError:
        return None
