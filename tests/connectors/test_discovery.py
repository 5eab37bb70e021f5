"""Discovery documents as an oracle: what Google does not know fails, in requests and in answers of fakes."""

from __future__ import annotations

import json
import os
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from vendors import specs
from vendors.contracts import contract
from vendors.server import Asked, Exchange, Reply

FILES = ({"file": "things.json"},)
THING = {
    "type": "object",
    "properties": {"id": {"type": "string"}, "size": {"type": "string", "format": "int64"}},
}
DOCUMENT = {
    "discoveryVersion": "v1",
    "parameters": {"fields": {"type": "string", "location": "query"}},
    "schemas": {
        "Thing": {"id": "Thing", **THING, "properties": {**THING["properties"], "inner": {"$ref": "Thing"}}},  # type: ignore[dict-item]
    },
    "resources": {"things": {"methods": {"rename": {
        "httpMethod": "POST",
        "path": "v1/{+name}:rename",
        "flatPath": "v1/things/{thingsId}:rename",
        "parameters": {
            "name": {"type": "string", "location": "path", "required": True},
            "mask": {"type": "string", "location": "query", "description": "Required. What."},
            "sources": {"type": "string", "location": "query", "repeated": True, "enum": ["A", "B"]},
        },
        "request": {"$ref": "Thing"},
        "response": {"$ref": "Thing"},
    }}}},
}  # fmt: skip
PAIRS = (("mask", "id"), ("sources", "A"), ("sources", "B"), ("fields", "id"))
ASKED = Asked(
    "POST", "v1/things/t1:rename", {}, dict(PAIRS), PAIRS, {}, {"id": "x", "inner": {"size": "5"}}, "rename"
)
GOOD = Exchange(ASKED, Reply(200, {"id": "x", "inner": {"inner": {"id": "y"}}}), faulty=False)


def with_query(*pairs: tuple[str, str]) -> Exchange:
    """The request with another query."""
    return replace(GOOD, asked=replace(ASKED, query=dict(pairs), all_query=pairs))


BREACHES: dict[str, Exchange] = {
    "unknown query": with_query(*PAIRS, ("what", "x")),
    "missing query": with_query(("fields", "id")),
    "word that is not allowed": with_query(("mask", "id"), ("sources", "C")),
    "unknown key in the body": replace(GOOD, asked=replace(ASKED, body={"nome": "x"})),
    "unknown key deep in the body": replace(GOOD, asked=replace(ASKED, body={"inner": {"nome": "x"}})),
    "another type in the body": replace(GOOD, asked=replace(ASKED, body={"inner": {"size": 5}})),
    "unknown key in the answer": replace(GOOD, reply=Reply(200, {"inner": {"nome": "x"}})),
    "unknown request": replace(GOOD, asked=replace(ASKED, path="v1/things/t1:delete")),
}


@pytest.fixture
def document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "things.json").write_text(json.dumps(DOCUMENT))
    monkeypatch.setenv(specs.VARIABLE, str(tmp_path))


def test_what_the_document_knows_is_right(document: None) -> None:
    counts: Counter[tuple[str, str]] = Counter()

    specs.check("things", FILES, [GOOD], counts)

    assert sum(counts.values()) == 2


@pytest.mark.parametrize("breach", BREACHES)
def test_what_the_document_does_not_know_is_a_breach(document: None, breach: str) -> None:
    with pytest.raises(AssertionError, match="things"):
        specs.check("things", FILES, [BREACHES[breach]], Counter())


PEOPLE = Asked("GET", "v1/people/me/connections", {}, {}, (), {}, None, "GET v1/people/me/connections")
MASK = ("personFields", "names")
UNKNOWN: dict[str, tuple[tuple[tuple[str, str], ...], Any]] = {
    "query": ((MASK, ("q", "x")), {}),
    "source": ((MASK, ("sources", "READ_SOURCE_TYPE_NOBODY")), {}),
    "key": ((MASK,), {"connections": [{"resourceName": "people/c1", "nome": "x"}]}),
}

if os.environ.get(specs.VARIABLE):

    @pytest.mark.parametrize("breach", UNKNOWN)
    def test_googles_own_document_bites_too(breach: str) -> None:
        told = contract("google_contacts").specs
        pairs, data = UNKNOWN[breach]
        right = Exchange(replace(PEOPLE, query=dict([MASK]), all_query=(MASK,)), Reply(200, {}), faulty=False)
        wrong = Exchange(replace(PEOPLE, query=dict(pairs), all_query=pairs), Reply(200, data), faulty=False)
        specs.check("google_contacts", told, [right], Counter())
        with pytest.raises(AssertionError, match="google_contacts"):
            specs.check("google_contacts", told, [wrong], Counter())

    @pytest.mark.parametrize("request_", [{"deleteDimensions": {}}, {"appendCells": {"sheet": 1}}])
    def test_a_change_that_google_does_not_know_is_noticed(request_: Any) -> None:
        path = "v4/spreadsheets/abc:batchUpdate"
        asked = Asked(
            "POST", path, {}, {}, (), {}, {"requests": [request_]}, "POST v4/spreadsheets/{id}:batchUpdate"
        )
        with pytest.raises(AssertionError, match="google_sheets"):
            specs.check(
                "google_sheets",
                contract("google_sheets").specs,
                [Exchange(asked, Reply(200, {}), False)],
                Counter(),
            )
