"""Numbers that come in addresses and forms: never larger than a row can have, never in odd digits."""

from __future__ import annotations

import re
from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter

LARGEST = 2_147_483_647
"""The largest number of a row in every database."""
_WHOLE = re.compile(r"[0-9]{1,9}")


class RowNumber(IntegerConverter):
    """``<int:...>`` of a route: a larger number leads nowhere, like one that no row has."""

    def __init__(self, *args: Any, **words: Any) -> None:
        super().__init__(*args, **{"max": LARGEST, **words})


def init_app(app: Flask) -> None:
    """Every ``<int:...>`` of the routes added from now on is the number of a row."""
    app.url_map.converters["int"] = RowNumber


def whole(text: str) -> int | None:
    """A whole number in at most nine plain digits; None for anything else (``²`` is no digit here)."""
    return int(text) if _WHOLE.fullmatch(text) else None
