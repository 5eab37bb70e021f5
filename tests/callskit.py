"""What the conformance kit asks besides of connectors of live servers: as many calls as the documentation tells."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from dsr.cli.systems_reference import EVIDENCE
from dsr.testing import ANA
from dsr.testing.stage import Stage
from vendors.kit import calls_of_a_case


class CallsKit(Stage):
    """``wire``: the class and the method through which every call of this kind goes to the server."""

    wire: ClassVar[tuple[Any, str]]

    def test_the_calls_of_a_case_are_those_that_are_told(self, monkeypatch: pytest.MonkeyPatch) -> None:
        owner, name = self.wire
        sent, send = list[str](), getattr(owner, name)

        def counted(this: Any, *values: Any, **more: Any) -> Any:
            sent.append(name)
            return send(this, *values, **more)

        monkeypatch.setattr(owner, name, counted)
        case: Any = self
        case.vendor = SimpleNamespace(exchanges=sent)
        calls = calls_of_a_case(case, ANA)
        told = ", ".join(f"{one} {calls[one]}" for one in ("locate", "read", "erase", "verify"))
        assert EVIDENCE[self.factory().kind].calls == told, str(calls)
