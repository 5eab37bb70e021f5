"""Who may call a route. Every view says it; a test walks all of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import Flask

View = TypeVar("View", bound=Callable[..., object])

PUBLIC, PERSON = "public", "person"
"""Everybody; whoever holds the receipt of a request or proved its address in this browser."""

MARK = "dsr_roles"


def roles(*names: str) -> Callable[[View], View]:
    """Say who may call a view; stands next to the function, below the route."""

    def mark(view: View) -> View:
        setattr(view, MARK, names)
        return view

    return mark


def role_of(app: Flask, endpoint: str) -> tuple[str, ...]:
    """The roles of an endpoint, empty when nobody said it."""
    view = app.view_functions[endpoint]
    found: tuple[str, ...] = getattr(getattr(view, "view_class", view), MARK, getattr(view, MARK, ()))
    return found
