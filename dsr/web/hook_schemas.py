"""What goes in and out of the API about webhooks."""

from __future__ import annotations

import marshmallow as ma
from marshmallow import fields

from .schemas import Schema, Text


class HookingSchema(Schema):
    """Where to tell."""

    url = Text(
        400, least=1, required=True, metadata={"format": "uri", "example": "https://hooks.example.org/dsr"}
    )


class MadeHookSchema(ma.Schema):
    """A new webhook. ``secret`` checks its signatures and is not shown again."""

    id = fields.Integer(required=True)
    url = fields.String(required=True)
    secret = fields.String(required=True)


class HookSchema(ma.Schema):
    """A webhook: messages that wait to be accepted, and that were given up."""

    id = fields.Integer(required=True, attribute="number")
    url = fields.String(required=True)
    made_at = fields.DateTime(required=True)
    waiting = fields.Integer(required=True)
    failed = fields.Integer(required=True)


class HooksSchema(ma.Schema):
    """The webhooks of the controller."""

    hooks = fields.List(fields.Nested(HookSchema), required=True)


class GoneSchema(ma.Schema):
    """What was taken away."""

    id = fields.Integer(required=True)
