"""The road of the ask flow: which pages there are for these answers, and what they add up to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsr.domain.organisation import Controller
from dsr.domain.rights import Right
from dsr.services import country
from dsr.services.intake import Filing, Wanted

from . import forms, titles

Draft = Mapping[str, Any]
"""Stored form data by step; ``upload`` holds the ticket and name of a kept file."""

CHECK, BEYOND = "check", "beyond"


def steps(draft: Draft) -> list[str]:
    """The pages this request needs, in order; the last one is the check."""
    road = ["rights", "who"]
    if _wants_other(draft):
        road.append(BEYOND)
    if draft.get("who", {}).get("behalf", "me") != "me":
        road.append("behalf")
    road.append("find")
    if draft.get("find", {}).get("mailbox") == "no":
        road.append("answer")
    road += [f"about-{right.value}" for right in worked(draft) if right in forms.ABOUT]
    return [*road, CHECK]


def chosen(draft: Draft) -> list[Right]:
    """The rights ticked, in the order of the product."""
    ticked = draft.get("rights", {}).get("rights", [])
    return [right for right in Right if right.value in ticked]


def beyond(draft: Draft) -> list[tuple[Right, str]]:
    """The rights beyond the seven that were ticked: (the right whose work answers it, its key in the law)."""
    if not _wants_other(draft):
        return []
    pairs = (one.partition("/") for one in draft.get(BEYOND, {}).get("beyond", []))
    return [(Right(served_by), key) for served_by, _slash, key in pairs]


def _wants_other(draft: Draft) -> bool:
    return titles.OTHER in draft.get("rights", {}).get("rights", [])


def worked(draft: Draft) -> list[Right]:
    """The rights whose work is asked for, each once, in the order of the product."""
    wanted = {*chosen(draft), *(served_by for served_by, _key in beyond(draft))}
    return [right for right in Right if right in wanted]


def next_step(draft: Draft, after: str) -> str:
    """The next page without an answer, or the check."""
    road = steps(draft)
    later = road[road.index(after) + 1 :] if after in road else road
    return next((step for step in [*later, *road] if step not in draft), CHECK)


def missing(draft: Draft) -> str | None:
    """The first page that still needs an answer."""
    return next((step for step in steps(draft) if step != CHECK and step not in draft), None)


def place(draft: Draft, controller: Controller) -> country.Place:
    """Where the person lives, as far as she said it."""
    return country.place(draft.get("who", {}).get("place", ""), controller)


def filing(draft: Draft, controller: Controller, language: str) -> Filing:
    """The whole form as the service takes it."""
    here = place(draft, controller)
    who, find, answer = (draft.get(step, {}) for step in ("who", "find", "answer"))
    behalf = who.get("behalf", "me")
    return Filing(
        controller=controller.key,
        language=language,
        jurisdiction=here.jurisdiction,
        country=here.country,
        rights=tuple(
            _wanted(right, key, draft)
            for right, key in [*((right, "") for right in chosen(draft)), *beyond(draft)]
        ),
        identifiers=tuple(forms.typed(find)),
        name=find.get("name") or "",
        message=_message(draft),
        behalf="" if behalf == "me" else behalf,
        representative=draft.get("behalf", {}).get("representative", "") if behalf != "me" else "",
        child_age=draft.get("behalf", {}).get("age") if behalf == "parent" else None,
        answer_by=answer.get("answer_by", "mail") if find.get("mailbox") == "no" else "mail",
        postal_address=answer.get("postal_address") or find.get("postal_address") or "",
    )


def _wanted(right: Right, key: str, draft: Draft) -> Wanted:
    about = draft.get(f"about-{right.value}", {})
    reasons = (draft.get(BEYOND, {}).get("reason") if key else "", about.get("reason"))
    return Wanted(
        right=right.value,
        local_right=key,
        changes=tuple(forms.changes(about)),
        channels=tuple(about.get("channels") or ()),
        ground=about.get("ground") or "",
        reason="\n\n".join(one for one in reasons if one),
    )


def _message(draft: Draft) -> str:
    return str(draft.get(CHECK, {}).get("message") or "").strip()
