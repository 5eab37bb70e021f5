"""The calls of one Tryton server by JSON-RPC: session, errors, listings that end, values as Python has them.

Source: Tryton's documentation, "trytond: protocols" and "ModelStorage" (docs.tryton.org). An error is an array
whose second part quotes records, so nothing of it is ever passed on.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from connectors._entries import Moved, Refused
from connectors._http import Http
from dsr.contract import ConnectorError

NAME = "the Tryton server"
PAGE = 1000
MOST_ROWS = 5_000_000
SIGNED_OUT, FORBIDDEN = 401, 403
EVERYTHING = {"active_test": False, "language": "en"}
"""Also what was deactivated; messages are not shown, so their language does not matter."""

Domain = list[Any]
Values = dict[str, Any]


class Api:
    """Every method raises ConnectorError where the server is in trouble, writes raise Moved, and Refused
    where Tryton's own rules or rights forbid it (its message quotes records and is dropped)."""

    def __init__(self, http: Http, database: str, user: str, password: str) -> None:
        self._http, self._path = http, f"{quote(database, safe='')}/"
        self._user, self._password = user, password
        self._session = False
        self.calls = 0

    def rows(self, model: str, domain: Domain, fields: Sequence[str]) -> Iterator[Values]:
        """All records of a domain in the order of their numbers; what is added meanwhile disturbs nothing."""
        last = 0
        for _ in range(0, MOST_ROWS, PAGE):
            wanted = [domain, ["id", ">", last]]
            page = self._read(model, "search_read", wanted, 0, PAGE, [["id", "ASC"]], list(fields))
            for one in page:
                if one["id"] <= last:
                    raise ConnectorError(f"a listing of {NAME} does not go on", permanent=False)
                last = one["id"]
                yield one
            if len(page) < PAGE:
                return
        raise ConnectorError(f"a listing of {NAME} does not end", permanent=False)

    def one(self, model: str, number: int, fields: Sequence[str]) -> Values | None:
        """One record; None when it is gone."""
        found = self._read(model, "search_read", [["id", "=", number]], 0, 1, None, list(fields))
        return next((one for one in found if one["id"] == number), None)

    def _read(self, model: str, method: str, *params: Any) -> list[Values]:
        try:
            found = self.call(f"model.{model}.{method}", *params, EVERYTHING, again=True)
        except Refused:
            told = f"{NAME} does not let this user read {model}"
            raise ConnectorError(told, permanent=True) from None
        if not isinstance(found, list) or not all(_is_row(one) for one in found):
            raise unexpected()
        return found

    def write(self, model: str, numbers: Sequence[int], values: Values, stamps: Mapping[str, str]) -> None:
        """Write; Moved where a record has another version than ``stamps`` say ('model,number': version)."""
        self.call(f"model.{model}.write", list(numbers), values, EVERYTHING | {"_timestamp": dict(stamps)})

    def delete(self, model: str, numbers: Sequence[int], stamps: Mapping[str, str]) -> None:
        """Delete; Moved as above."""
        self.call(f"model.{model}.delete", list(numbers), EVERYTHING | {"_timestamp": dict(stamps)})

    def wizard(self, name: str) -> int:
        """Begin a wizard; Refused where this user may not."""
        begun = self.call(f"wizard.{name}.create", EVERYTHING)
        if not isinstance(begun, list) or not begun or not isinstance(begun[0], int):
            raise unexpected()
        return begun[0]

    def call(self, method: str, *params: Any, again: bool = False) -> Any:
        """One call and its result. A session that ran out is opened once more: the call had done nothing."""
        if not self._session:
            self._open()
        answer = self._sent(method, params, again)
        if answer.status == SIGNED_OUT:
            self._open()
            answer = self._sent(method, params, again)
        if answer.status == SIGNED_OUT:
            raise ConnectorError(f"{NAME} ends the session at once", permanent=False)
        return self._result(answer.data)

    def _sent(self, method: str, params: Sequence[Any], again: bool) -> Any:
        self.calls += 1
        body = {"id": self.calls, "method": method, "params": list(params)}
        return self._http.send("POST", self._path, body=body, also=(SIGNED_OUT,), again=again)

    def _open(self) -> None:
        """Sign in; the session stands in a header of its own kind."""
        self._http.authorise({"Authorization": ""})
        answer = self._sent("common.db.login", [self._user, {"password": self._password}, "en"], True)
        if answer.status == SIGNED_OUT:
            raise ConnectorError(f"{NAME} refuses the user and password", permanent=True)
        found = self._result(answer.data)
        if not isinstance(found, list) or len(found) < 2 or not isinstance(found[1], str):
            raise unexpected()
        token = base64.b64encode(f"{self._user}:{found[0]}:{found[1]}".encode()).decode()
        self._http.authorise({"Authorization": f"Session {token}"})
        self._session = True

    def _result(self, data: Any) -> Any:
        if not isinstance(data, dict) or "result" not in data and "error" not in data:
            raise unexpected()
        error = data.get("error")
        if error is None:
            return python(data.get("result"))
        kind = error[0] if isinstance(error, list) and error else ""
        if kind == "ConcurrencyException":
            raise Moved
        if kind in ("UserError", "UserWarning"):
            raise Refused
        if kind == "LoginException":
            told = f"{NAME} asks this user for a second factor; give it one that signs in by password alone"
            raise ConnectorError(told, permanent=True)
        raise ConnectorError(f"{NAME} had a fault of its own", permanent=False)

    def close(self) -> None:
        """Sign out, so that no session is left open; nothing depends on it."""
        if self._session:
            self._session = False
            try:
                self._sent("common.db.logout", [], False)
            except ConnectorError:
                # The session ends by itself; what was to be said about the server has been said.
                return


def unexpected() -> ConnectorError:
    """For answers of another form."""
    return ConnectorError(f"{NAME} answers in an unexpected form; is it Tryton?", permanent=False)


def _is_row(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(one.get("id"), int) and not isinstance(one["id"], bool)


def python(data: Any) -> Any:
    """Tryton's JSON as Python values: ``{"__class__": "date", ...}`` and its kin are unfolded."""
    if isinstance(data, list):
        return [python(one) for one in data]
    if not isinstance(data, dict):
        return data
    made = MADE.get(data.get("__class__", ""))
    if made is None:
        return {name: python(one) for name, one in data.items()}
    try:
        return made(data)
    except (KeyError, TypeError, ValueError, InvalidOperation):
        raise unexpected() from None


def _time(data: Mapping[str, Any]) -> time:
    return time(data["hour"], data["minute"], data["second"], data["microsecond"])


def _date(data: Mapping[str, Any]) -> date:
    return date(data["year"], data["month"], data["day"])


MADE: Mapping[Any, Any] = {
    "Decimal": lambda data: Decimal(data["decimal"]),
    "date": _date,
    "datetime": lambda data: datetime.combine(_date(data), _time(data)),
    "time": _time,
    "timedelta": lambda data: timedelta(seconds=data["seconds"]),
    "bytes": lambda data: base64.b64decode(data["base64"]),
}
