"""The oracle bites: what a vendor does not know fails, in requests and in answers of fakes."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from vendors import specs
from vendors.contracts import breaches, contract
from vendors.server import Asked, Exchange, Reply

ASKED = Asked("GET", "api/v2/persons/search", {}, {}, (), {}, None, "GET api/v2/persons/search")
PATCHED = Asked(
    "PATCH", "api/v2/persons/5", {"id": "5"}, {}, (), {}, {"name": "Ana"}, "PATCH api/v2/persons/{id}"
)
FOUND = {"success": True, "data": {"items": [{"item": {"id": 1, "emails": ["a@b.example"]}}]}}
GOOD = Exchange(
    replace(ASKED, query={"term": "x"}, all_query=(("term", "x"),)), Reply(200, FOUND), faulty=False
)
CHANGED = Exchange(PATCHED, Reply(200, {"success": True, "data": {"id": 5, "name": "Ana"}}), faulty=False)


def with_query(**names: str) -> Exchange:
    """The search with other query names."""
    return replace(GOOD, asked=replace(GOOD.asked, query=names, all_query=tuple(names.items())))


def with_answer(data: Any, status: int = 200) -> Exchange:
    """The search with another answer."""
    return replace(GOOD, reply=Reply(status, data))


BREACHES = {
    "unknown query": with_query(term="x", q="y"),
    "missing query": with_query(fields="email"),
    "query of another type": with_query(term="x", limit="many"),
    "word that is not allowed": with_query(term="x", fields="mail"),
    "unknown key in the answer": with_answer({**FOUND, "page": 1}),
    "missing key in the answer": with_answer({"success": True}),
    "another type in the answer": with_answer({"success": "yes", "data": {"items": []}}),
    "unknown status": with_answer(FOUND, 202),
    "unknown request": replace(GOOD, asked=replace(ASKED, route="GET api/v2/persons/find")),
    "unknown key in the body": replace(CHANGED, asked=replace(PATCHED, body={"nome": "Ana"})),
    "another type in the body": replace(CHANGED, asked=replace(PATCHED, body={"name": 5})),
    "a body where none is taken": replace(GOOD, asked=replace(GOOD.asked, body={"a": 1})),
}


def test_what_the_vendor_knows_is_right() -> None:
    told = contract("pipedrive")
    assert [*breaches(told, GOOD), *breaches(told, CHANGED)] == []


@pytest.mark.parametrize("breach", BREACHES)
def test_what_the_vendor_does_not_know_is_a_breach(breach: str) -> None:
    assert len(list(breaches(contract("pipedrive"), BREACHES[breach]))) == 1


def test_an_ordered_fault_is_not_the_fakes_answer_but_its_request_counts() -> None:
    told = contract("pipedrive")
    odd = replace(with_answer({"odd": 1}), faulty=True)
    assert list(breaches(told, odd)) == []
    assert list(breaches(told, replace(odd, asked=BREACHES["unknown query"].asked))) != []


def test_a_missing_description_fails_where_the_folder_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    monkeypatch.setenv(specs.VARIABLE, str(tmp_path))
    with pytest.raises(FileNotFoundError):
        specs.check("pipedrive", contract("pipedrive").specs, [GOOD], Counter())


BY_DESCRIPTION = (
    "unknown query", "missing query", "word that is not allowed", "unknown key in the answer",
    "another type in the answer", "unknown key in the body", "another type in the body",
)  # fmt: skip


if os.environ.get(specs.VARIABLE):

    @pytest.mark.parametrize("breach", BY_DESCRIPTION)
    def test_the_vendors_own_description_bites_too(breach: str) -> None:
        counts: Counter[tuple[str, str]] = Counter()
        specs.check("pipedrive", contract("pipedrive").specs, [GOOD, CHANGED], counts)
        assert sum(counts.values()) == 4
        with pytest.raises(AssertionError, match="pipedrive"):
            specs.check("pipedrive", contract("pipedrive").specs, [BREACHES[breach]], counts)
