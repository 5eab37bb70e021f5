"""What docs/connectors.md shows works: the connector passes the kit as shown, the map loads."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from connectors import _map
from connectors.rest.loading import load

PAGE = (Path(__file__).parents[2] / "docs" / "connectors.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


SHOWN: dict[str, Any] = {"__name__": __name__}
exec("\n".join(blocks("python")), SHOWN)
TestPhonebook = SHOWN["TestPhonebook"]


def test_the_map_on_the_page_loads() -> None:
    found = _map.load(blocks("yaml")[0], "shop.yaml")

    assert [(one.name, one.owner, one.erase) for one in found.collections] == [
        ("customers", "subject", "anonymise"),
        ("orders", "subject", "keep"),
    ]


def test_the_vendor_on_the_page_loads() -> None:
    found = load(blocks("yaml")[1], "contacts.yaml")

    assert [(one.name, one.erase) for one in found.collections] == [
        ("contacts", "delete"),
        ("notes", "cascade"),
    ]
