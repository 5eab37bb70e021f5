"""Makes the calls of a vendor: fills them, sends them, believes only what the file says can be believed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from connectors._http import REFUSED, Answer, Http, Lost
from connectors._signing import Signer
from dsr.contract import ConnectorError

from . import patience
from .checks import Rule
from .filling import entries, fill, fill_path, pick, put
from .model import Call, Vendor

NOTHING_NEW = 3
PASSES = 4
Scope = Mapping[str, Any]
Entry = Mapping[str, Any]


class Cut(ConnectorError):
    """An answer that holds no more entries than it has; whoever asked for several may ask for each alone."""


@dataclass
class Meter:
    """Counts every request where the whole system is counted, and where the part of it that it goes to is.

    ``calling`` is the context's. ``part`` and ``most``: what is being called now."""

    calling: Callable[..., None]
    part: str = ""
    most: int = 0

    def __call__(self) -> None:
        """One request is about to be made. ConnectorError(retry_at): not within this minute."""
        if self.part:
            self.calling(self.part, self.most)
        self.calling()


@dataclass
class Api:
    """The vendor during one call of the connector. ``given``: settings, as placeholders see them; ``today`` is the day
    of the context in ISO form."""

    vendor: Vendor
    http: Http
    signer: Signer
    given: Mapping[str, Any]
    meter: Meter
    today: str
    made: dict[str, int] = field(default_factory=dict)
    """How often each call was made: for tests and for the budget, without any content."""
    _columns: dict[str, list[str]] = field(default_factory=dict)

    def read(self, name: str, scope: Scope, first: Any = None) -> list[Entry]:
        """All entries of a reading call, page after page. ``first``: its first answer, if it came with others
        (``ahead``). ConnectorError when an answer cannot be relied on."""
        call = self.vendor.calls[name]
        if call.page is None:
            answer = self._asked(call, scope, {}, first=first)
            found = [] if answer is None else entries(answer, call.items)
            if call.most and len(found) >= call.most:
                told = f"{self.vendor.name} has more entries than it gives at once; a person must look there"
                raise Cut(told, permanent=True)
            return found
        return self._agreed(call, scope, first)

    def target(self, name: str, scope: Scope) -> str:
        """What a reading call asks for, where it can be asked together with others; '' for any other."""
        call = self.vendor.calls[name]
        if self.vendor.together is None or call.method != "GET" or call.headers or call.budget:
            return ""
        full = self._scope(scope)
        return _with_query(fill_path(call.path, full), fill(call.query, full))

    def ahead(self, requests: Sequence[tuple[str, Scope]]) -> dict[str, Any]:
        """The first answers to several reading calls by what they ask for. What is not answered well among others is
        left out: it is asked again by itself, and then its error counts."""
        told = self.vendor.together
        targets = list(dict.fromkeys(filter(None, (self.target(*one) for one in requests))))
        found: dict[str, Any] = {}
        if told is None or len(targets) < 2:
            return found
        below, many = urlsplit(self.http.base).path, self.vendor.calls[told.call].many
        for start in range(0, len(targets), many):
            some = {f"r{n}": one for n, one in enumerate(targets[start : start + many])}
            asked = [{"id": id, "url": f"{below}{one}"} for id, one in some.items()]
            for entry in self.read(told.call, {"requests": asked}):
                id, status = pick(entry, told.key)[:1], pick(entry, told.status)
                if status == [200] and str(id[0] if id else "") in some:
                    found[some[str(id[0])]] = entry.get(told.answer)
        return found

    def change(self, name: str, scope: Scope) -> Answer:
        """One changing call, sent once. Lost: it may have been made; look before doing it again."""
        call = self.vendor.calls[name]
        try:
            answer = self._send(call, scope, {}, also=REFUSED, again=False)
        except ConnectorError as error:
            if error.permanent or error.retry_at is not None:
                raise
            raise Lost(error) from None
        if call.busy is not None and holds(call.busy, answer.data, self._scope(scope)):
            raise Lost(self._odd("somebody else is at work on the same rows; try again later"))
        return answer

    def columns(self, name: str, collection: str) -> list[str]:
        """Names of all fields a vendor has of a kind of row, its customers' own ones too; asked for once."""
        if collection not in self._columns:
            told = self.read(name, {"collection": collection})
            found = [one for entry in told for one in pick(entry, "name") if isinstance(one, str)]
            self._columns[collection] = sorted(dict.fromkeys(found))
        return self._columns[collection]

    def _agreed(self, call: Call, scope: Scope, first: Any) -> list[Entry]:
        """A listing of several pages shifts when rows come or go meanwhile, behind many a cursor too: it is
        read until two passes agree."""
        before, pages = self._pass(call, scope, first)
        for _ in range(PASSES if pages > 1 else 0):
            again, _pages = self._pass(call, scope)
            if again == before:
                return again
            before = again
        if pages > 1:
            raise self._odd("a listing changes while it is read; try again later")
        return before

    def _pass(self, call: Call, scope: Scope, first: Any = None) -> tuple[list[Entry], int]:
        """The entries, each once, and how many pages they came in."""
        count = 0

        def counted() -> Iterator[list[Entry]]:
            nonlocal count
            for page in self._pages(call, scope, first):
                count += 1
                yield page

        return list(_unlike(counted())), count

    def _pages(self, call: Call, scope: Scope, first: Any) -> Iterator[list[Entry]]:
        page = call.page
        assert page is not None
        place: Any = page.first if page.kind in ("offset", "page") else None
        seen: set[str] = set()
        for _ in range(self.vendor.pages):
            extra = {page.size_in: page.size} if page.size_in else {}
            if place is not None and page.kind != "link":
                extra[page.put] = place
            link = place if page.kind == "link" else None
            answer = self._asked(call, scope, extra, link=link, first=None if seen or link else first)
            if answer is None:
                return
            found = entries(answer, call.items)
            yield found
            place = self._next(call, answer, found, place)
            if place is None:
                return
            if str(place) in seen:
                raise self._odd("a listing goes round in a circle")
            seen.add(str(place))
        raise self._odd(f"a listing does not end after {self.vendor.pages} pages")

    def _next(self, call: Call, answer: Any, found: Sequence[Entry], place: Any) -> Any:
        """Where the next page is; None for none."""
        page = call.page
        assert page is not None
        if page.kind in ("cursor", "link"):
            told = [one for one in pick(answer, page.next) if isinstance(one, str | int) and one != ""]
            return told[0] if told and not isinstance(told[0], bool) else None
        more = any(pick(answer, page.more)) if page.more else len(found) >= page.size
        return place + (page.size if page.kind == "offset" else 1) if more and found else None

    def _asked(
        self, call: Call, scope: Scope, extra: Mapping[str, Any], link: str | None = None, first: Any = None
    ) -> Any:
        """The JSON of a reading call, None where nothing is there. ``first``: the answer, if it is there already."""
        if first is not None:
            answer = Answer(200, first)
        else:
            answer = self._send(call, scope, extra, also=call.missing, again=True, link=link)
        if answer.status in call.missing:
            if not answer.is_json:
                raise self._odd("something in between answers instead of the vendor; check the url")
            if call.absent is not None and not holds(call.absent, answer.data, self._scope(scope)):
                raise self._odd("an answer does not say what is wrong with the request")
            return None
        for rule in call.ok:
            if not holds(rule, answer.data, self._scope(scope)):
                raise self._odd("an answer does not say that it succeeded")
        if answer.data is None and answer.status != 204:
            raise self._odd("an answer is empty")
        return answer.data

    def _send(
        self,
        call: Call,
        scope: Scope,
        extra: Mapping[str, Any],
        *,
        also: Sequence[int],
        again: bool,
        link: str | None = None,
    ) -> Answer:
        full = self._scope(scope)
        query, body = fill(call.query, full), fill(call.body, full)
        for path, value in extra.items():
            where, _, name = path.partition(".")
            if where == "query":
                query[name] = value
            else:
                body = body if isinstance(body, dict) else {}
                put(body, name, value)
        path = self._linked(link) if link else fill_path(call.path, full)
        form = fill(call.form, full) if call.form is not None else None
        if call.text:
            body = str(fill(call.text, full)).replace("\n", "\r\n").encode()
        headers = {name: str(value) for name, value in fill(call.headers, full).items()}
        if told := self.signer.body():
            body = {**(body if isinstance(body, dict) else {}), **told}
        self.made[call.name] = self.made.get(call.name, 0) + 1
        self.meter.part, self.meter.most = call.budget, self._most(call.budget)

        def send(signed: Mapping[str, str]) -> Answer:
            target = _with_query(path, {**({} if link else query), **signed})
            return self.http.send(
                call.method, target, form, body=body, headers=headers, also=(*also, 401), again=again
            )

        return self.signer.sent(self.http, self.vendor.name, send)

    def _linked(self, link: str) -> str:
        """The path of the next page; it must be on the same server."""
        target = urlsplit(urljoin(self.http.base, link))
        if not target.geturl().startswith(self.http.base):
            raise self._odd("a listing goes on at another place")
        return target.geturl().removeprefix(self.http.base)

    def _scope(self, scope: Scope) -> dict[str, Any]:
        return {**scope, "setting": self.given, "today": self.today}

    def _most(self, budget: str) -> int:
        """Calls a minute of a part of the API."""
        return int(self.given.get(f"{budget}_per_minute") or self.vendor.budgets.get(budget, 0))

    def _odd(self, sentence: str) -> ConnectorError:
        return ConnectorError(f"{self.vendor.name}: {sentence}", permanent=False)


def holds(rule: Rule, data: Any, scope: Scope) -> bool:
    """Whether a rule holds for an answer or an entry."""
    found = pick(data, rule.path)
    if rule.empty or rule.there:
        return any(found) is rule.there
    wanted = [fill(one, scope) for one in rule.equals]
    if rule.every:
        return all(any(_same(one, each) for one in found) for each in wanted)
    return bool(found) and all(any(_same(one, each) for each in wanted) for one in found)


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return one.casefold() == other.casefold()
    return type(one) is type(other) and bool(one == other)


def _unlike(pages: Iterator[list[Entry]]) -> Iterator[Entry]:
    """The entries, each once. Pages that bring nothing new again and again are no listing."""
    seen: set[str] = set()
    idle = 0
    for page in pages:
        new = [one for one in page if repr(one) not in seen]
        seen |= {repr(one) for one in new}
        yield from new
        idle = 0 if new else idle + 1
        if idle >= NOTHING_NEW:
            raise ConnectorError("a listing repeats itself", permanent=False)


def _with_query(path: str, query: Mapping[str, Any]) -> str:
    texts = urlencode(_texts(query), doseq=True)
    return f"{path}{'&' if '?' in path else '?'}{texts}" if texts else path


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    """Values as a query has them: true and false in JSON's words."""
    return {
        name: [_text(one) for one in value] if isinstance(value, list | tuple) else _text(value)
        for name, value in query.items()
        if value is not None and value != ""
    }


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def means(vendor: Vendor) -> Callable[[int, Any], int] | None:
    """What the vendor's errors mean by the words in them, for the HTTP client."""
    errors = vendor.errors
    if errors is None:
        return None

    def status(told: int, data: Any) -> int:
        words = [one for one in pick(data, errors.path) if isinstance(one, str)]
        return errors.status.get(words[0], told) if words else told

    return status


def waits(vendor: Vendor, now: datetime) -> Callable[[int, Mapping[str, str], Any], datetime | None]:
    """The vendor's own ways to ask for patience, for the HTTP client."""
    return lambda status, headers, data: patience.until(vendor.throttle, status, headers, data, now)
