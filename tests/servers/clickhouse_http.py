"""ClickHouse's own engine (chdb) behind the parts of its HTTP interface that the connector uses.

Run as a program of its own: `python clickhouse_http.py FOLDER PORT PASSWORD`. One request at a time.
"""

import http.server
import re
import sys
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from chdb import session

READING = re.compile(r"\s*(SELECT|CHECK|SHOW|WITH)\b", re.IGNORECASE)
CODE = re.compile(r"Code: (\d+)")
OWN = {"database", "query", "readonly", "wait_end_of_query", "max_execution_time"}


def literal(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


class Handler(http.server.BaseHTTPRequestHandler):
    wbufsize = -1
    engine: session.Session
    password: str

    in_force: ClassVar[dict[str, str]] = {}

    def do_POST(self) -> None:
        """One statement, with the settings and parameters of this request alone."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        given = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        sql = body.decode("utf-8", "surrogateescape")
        if "query" in given:
            sql = f"{given['query']}\n{sql}"
        if self.headers.get("X-ClickHouse-Key") != self.password:
            self.answer(403, b"Code: 516. DB::Exception", 516)
        elif given.get("readonly", "0") != "0" and not READING.match(sql):
            self.answer(500, b"Code: 164. DB::Exception: readonly", 164)
        else:
            self.answer(*self.carried_out(sql, {n: v for n, v in given.items() if n not in OWN}))

    def carried_out(self, sql: str, settings: dict[str, str]) -> tuple[int, bytes, int]:
        try:
            for name in self.in_force.keys() - settings.keys():
                if not name.startswith("param_"):
                    self.engine.query(f"SET {name} = DEFAULT")
                del self.in_force[name]
            for name, value in settings.items():
                if self.in_force.get(name) != value:
                    self.engine.query(f"SET {name} = {literal(value)}")
                    self.in_force[name] = value
            found = self.engine.query(sql, "TabSeparated").bytes()
        except RuntimeError as error:
            number = CODE.search(str(error))
            return 500, str(error).encode(), int(number.group(1)) if number else 1002
        return 200, found or b"", 0

    def answer(self, status: int, body: bytes, code: int = 0) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=UTF-8")
        self.send_header("Content-Length", str(len(body)))
        if code:
            self.send_header("X-ClickHouse-Exception-Code", str(code))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *parts: object) -> None:
        """Nothing is logged."""


if __name__ == "__main__":
    folder, port, Handler.password = sys.argv[1:4]
    Handler.engine = session.Session(folder)
    http.server.HTTPServer(("127.0.0.1", int(port)), Handler).serve_forever()
