"""Statements over HTTP. Values travel as parameters (``param_x`` for ``{x:String}``), never in the SQL text.

Source: ClickHouse documentation, "HTTP interface". Errors are told by their number alone: the server's
sentence may quote data.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from connectors._http import Http
from dsr.contract import ConnectorError

NAME = "ClickHouse"
EXCEPTION = "x-clickhouse-exception-code"
FAULTS = tuple(code for code in range(400, 600) if code not in (429, 502, 503, 504))
BUSY = frozenset({159, 160, 202, 209, 210, 241, 242, 252, 319, 341})
"""Timeouts, too many queries or parts, memory: a repeat may help (``ErrorCodes.cpp``)."""
UNKNOWN_TABLE, DENIED = 60, 497
FORMAT: Mapping[str, str] = {
    "output_format_json_quote_64bit_integers": "1",
    "output_format_json_quote_decimals": "1",
    "output_format_json_quote_denormals": "1",
    "output_format_json_validate_utf8": "0",
    "date_time_output_format": "iso",
    "date_time_input_format": "best_effort",
}
CHANGES: Mapping[str, str] = {
    "mutations_sync": "2",
    "lightweight_deletes_sync": "2",
    "insert_deduplicate": "0",
    "async_insert": "0",
}


class Failed(ConnectorError):
    """The server refused a statement; ``code`` is its number."""

    def __init__(self, code: int) -> None:
        super().__init__(f"{NAME} refused a statement (code {code})", permanent=code not in BUSY)
        self.code = code


class Bound:
    """The values of one statement."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}

    def text(self, value: str | None) -> str:
        """The placeholder of a text or null."""
        return self._put("Nullable(String)", r"\N" if value is None else escaped(value))

    def string(self, value: str) -> str:
        """The placeholder of a text that is never null."""
        return self._put("String", escaped(value))

    def strings(self, values: Iterable[str]) -> str:
        """The placeholder of several texts."""
        quoted = (one.replace("\\", "\\\\").replace("'", "\\'") for one in values)
        return self._put("Array(String)", "[" + ",".join(f"'{one}'" for one in quoted) + "]")

    def _put(self, kind: str, value: str) -> str:
        name = f"p{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


def escaped(value: str) -> str:
    """As parameters are read: like a field of a tab-separated file."""
    return value.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


class Api:
    """One database of one server."""

    def __init__(self, http: Http, database: str, seconds: float) -> None:
        self._http, self.database, self._seconds = http, database, seconds

    def rows(self, sql: str, bound: Bound | None = None, *, masked: bool = True) -> list[list[Any]]:
        """What a reading statement answers; it cannot change anything (``readonly``).

        ``masked`` False: with rows that are only marked as deleted."""
        body = self._read(f"{sql} FORMAT JSONCompactEachRowWithNames", bound, masked=masked)
        text = body.decode("utf-8", "surrogateescape")
        try:
            names, *found = [json.loads(line) for line in text.split("\n") if line] or [None]
        except ValueError:
            raise ConnectorError(f"an answer of {NAME} is not valid JSON", permanent=False) from None
        if not isinstance(names, list):
            raise _no_answer()
        return found

    def binary(self, sql: str, bound: Bound) -> bytes:
        """The values of columns of fixed length, one behind the other."""
        return _unnamed(self._read(f"{sql} FORMAT RowBinaryWithNames", bound, masked=True))

    def number(self, sql: str, bound: Bound | None = None, *, masked: bool = True) -> int:
        """The one number that a statement answers."""
        found = self.rows(sql, bound, masked=masked)
        if not found:
            raise _no_answer()
        return int(found[0][0])

    def _read(self, asked: str, bound: Bound | None, *, masked: bool) -> bytes:
        # 2 and not 1: with 1 the server would not take the other settings either.
        settings = {"readonly": "2", "apply_deleted_mask": str(int(masked))}
        return self._call(asked.encode(), bound, settings, {}, again=True)

    def run(self, sql: str, bound: Bound | None = None) -> None:
        """Carry out a statement; returns when every replica has done it."""
        self._call(sql.encode(), bound, CHANGES, {}, again=False)

    def insert(self, into: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Add rows: they are the body, the statement stands in the query string."""
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows)
        body = lines.encode("utf-8", "surrogateescape")
        self._call(body, None, CHANGES, {"query": f"INSERT INTO {into} FORMAT JSONEachRow"}, again=False)

    def _call(
        self,
        body: bytes,
        bound: Bound | None,
        settings: Mapping[str, str],
        more: Mapping[str, str],
        *,
        again: bool,
    ) -> bytes:
        values = {f"param_{name}": value for name, value in (bound.values if bound else {}).items()}
        limits = {"max_execution_time": f"{max(self._seconds, 1):.0f}", "wait_end_of_query": "1"}
        quiet = {"database": self.database, "log_queries": "0"}
        query = urlencode({**quiet, **limits, **FORMAT, **settings, **more, **values})
        reply = self._http.exchange("POST", f"?{query}", body, also=FAULTS, again=again)
        code = reply.headers.get(EXCEPTION, "")
        if code or reply.status >= 300:
            if reply.status in (401, 403) and code in ("", "516", "193", "192"):
                raise ConnectorError(f"{NAME} refuses the user and password", permanent=True)
            raise Failed(int(code) if code.isascii() and code.isdigit() else 0)
        return reply.body


def _no_answer() -> ConnectorError:
    """Names of columns stand before every answer, so that an empty one is none and never "no rows"."""
    return ConnectorError(f"{NAME} gives no answer; is something before it?", permanent=False)


def _unnamed(body: bytes) -> bytes:
    """What follows the names of the columns: their number, and each with its length (RowBinaryWithNames)."""
    if not body:
        raise _no_answer()
    at = 1
    for _ in range(body[0]):
        if at >= len(body):
            raise _no_answer()
        at += 1 + body[at]
    return body[at:]
