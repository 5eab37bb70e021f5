"""Webhooks: be told when a case moves on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dsr.services import hooks
from dsr.services.tokens import HOOKS
from dsr.store.session import Transaction
from dsr.web import hook_schemas, schemas
from dsr.web.moment import now

from .place import area, bearer, once, scope

bp = area("hooks", "Addresses that are called when a case moves on.")


@bp.route("/hooks", methods=["POST"])
@scope(bp, HOOKS, 409, 413, 415)
@bp.arguments(schemas.KeySchema, location="headers")
@bp.arguments(hook_schemas.HookingSchema)
@bp.response(201, hook_schemas.MadeHookSchema)
def add(headers: Mapping[str, str], asked: Mapping[str, str]) -> Any:
    """Be told at this address of everything from now on. The secret is not shown again."""
    by, url = bearer(), asked["url"]
    hooks.check(url)

    def work(tx: Transaction) -> dict[str, Any]:
        made = hooks.add(tx, by.controller, url, by=by.actor, now=now())
        return {"id": made.number, "url": made.url, "secret": made.secret}

    return once(headers["key"], 201, work)


@bp.route("/hooks", methods=["GET"])
@scope(bp, HOOKS)
@bp.response(200, hook_schemas.HooksSchema)
def listing() -> Any:
    """The webhooks of the controller and how they fare."""
    return {"hooks": hooks.all_of(bearer().controller)}


@bp.route("/hooks/<int(max=2147483647):number>", methods=["DELETE"])
@scope(bp, HOOKS, 404)
@bp.arguments(schemas.KeySchema, location="headers")
@bp.response(200, hook_schemas.GoneSchema)
def remove(headers: Mapping[str, str], number: int) -> Any:
    """Take a webhook away; messages that wait for it are dropped."""
    by = bearer()

    def work(tx: Transaction) -> dict[str, Any]:
        hooks.remove(tx, by.controller, number, by=by.actor, now=now())
        return {"id": number}

    return once(headers["key"], 200, work)
