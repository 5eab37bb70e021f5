"""Everything that may go wrong on the way to ClickHouse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from dsr.contract import Connector, ConnectorError
from dsr.testing import ANA, EVA, Person
from eventstore import OnClickhouse
from vendors.behind import BehindRelay, LostAnswers, StrangersDropped
from vendors.faults import instead, order
from vendors.ground import (
    BUDGET,
    ENDLESS,
    LATE,
    LOST,
    NO_PAGES,
    OWN_DATABASE,
    OWN_SERVER,
    PATIENCE_403,
    REFUSED,
    SHIFTING,
    STALE,
    STATUS_ALONE,
    STRANGERS,
    UNTIL,
)
from vendors.matrix import FaultMatrix
from vendors.relay import Relay
from vendors.server import Asked, Reply

pytestmark = pytest.mark.heavy

TOLD = "it is an error, and a repeat does what is left: see test_a_lost_answer_is_made_good_by_a_repeat"
TEXT = {"Content-Type": "text/plain; charset=UTF-8"}
CHANGING = ("ALTER", "DELETE")


class Gate(Relay):
    """Before the server. Statements that stage keys in tables of ours are passed on: they change nothing of hers."""

    again: Callable[[Person], None]
    writes = frozenset({"change"})
    half = Reply(200, raw=b'["1", "ana', headers=TEXT)

    def called(self, asked: Asked) -> str:
        words = asked.body.split(None, 1)
        return "change" if words and words[0].decode("ascii", "replace").upper() in CHANGING else "other"

    def ignores(self, asked: Asked) -> Reply | None:
        return Reply(200, raw=b"", headers=TEXT) if self.quirks & {"ignored", "lying_delete"} else None

    def refusal(self) -> Reply:
        return Reply(200, raw=b"Code: 241. DB::Exception: memory", headers=TEXT)

    def strangers(self, asked: Asked, mine: Reply) -> Reply:
        """Whoever is asked for, Eva's rows are given as well."""
        given = [(k, v.replace(f"'{ANA.email}'", f"'{ANA.email}','{EVA.email}'")) for k, v in asked.all_query]
        return self.sent(replace(asked, all_query=given))

    def duplicate(self, person: Person) -> None:
        """She came once more."""
        self.again(person)


class TestClickhouseFaults(BehindRelay, OnClickhouse, StrangersDropped, LostAnswers, FaultMatrix):
    """Every fault, one after the other."""

    server, relay = "clickhouse", Gate
    vendor: Gate
    root = "visits"
    broken = ("login page with 404", "truncated answer", "empty answer")
    """The others are refused by the client that all connectors share (test_http.py); an erasure takes seconds here."""
    left_out: ClassVar[Mapping[str, str]] = {
        PATIENCE_403: STATUS_ALONE,
        BUDGET: OWN_SERVER,
        UNTIL: OWN_SERVER,
        LOST: TOLD,
        LATE: TOLD,
        REFUSED: "it refuses statements, not rows: an error of the system",
        STALE: OWN_DATABASE,
        ENDLESS: NO_PAGES,
        SHIFTING: NO_PAGES,
        STRANGERS: "they are dropped without being counted: see test_what_an_answer_holds_of_others_is_dropped",
    }

    def make(self, place: Any) -> tuple[Callable[[], Connector], Mapping[str, Any]]:
        self.vendor.again = lambda person: self.events.people([person])
        return super().make(place)

    def test_one_empty_answer_of_a_search_is_never_nothing_found(self) -> None:
        before = self.asked()
        with self.opened() as connector:
            whole = self.hers(connector, [ANA])
        questions = self.asked() - before
        for nth in range(questions):
            asked = iter(range(questions))
            order(self.vendor, instead(Reply(200, raw=b"")), when=lambda _, n=nth, a=asked: next(a, -1) == n)
            with self.opened() as connector, pytest.raises(ConnectorError):
                self.hers(connector, [ANA])
            self.vendor.faults.clear()
        assert (bool(whole[ANA.key]), questions > 1) == (True, True)
