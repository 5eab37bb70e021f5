"""A stateful Tryton by JSON-RPC; a live test holds its answers to those of the real server."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from connectors.tryton.kinds import KINDS
from dsr.testing import Disturbance, Person

from .server import Asked, Fake, Handler, Reply, Row

PARTY, MECHANISM, ADDRESS, IDENTIFIER = (
    "party.party",
    "party.contact_mechanism",
    "party.address",
    "party.identifier",
)
RESOURCES = ("ir.note", "ir.attachment")
MODULES = ("ir", "res", "company", "party", "account", "account_invoice", "sale")
OBJECTORS = "No advertising"
POSTED = "account.move.line"
WRITES = frozenset(f"model.{one.model}.{method}" for one in KINDS.values() for method in ("write", "delete"))
WIZARD = "wizard.party.erase"
CASCADE = ("street", "postal_code", "city", "country", "subdivision")


class UserError(Exception):
    """Tryton refuses and quotes the record while doing so."""


class TrytonFake(Fake):
    """The models that the connector reads, Tryton's own erasure with what it forgets, versions, sessions."""

    kind = "tryton"
    secrets: ClassVar[Mapping[str, str]] = {"password": "sesame"}
    writes = WRITES | {f"{WIZARD}.execute"}

    def __init__(self) -> None:
        super().__init__()
        self.versions: dict[tuple[str, str], int] = {}
        self.sessions = 0
        self.forbidden: set[str] = set()
        self.denied: set[tuple[str, str]] = set()
        for number, name in enumerate(MODULES, 1):
            self.table("ir.module")[str(number)] = {"name": name, "state": "activated"}
        self.put("party.category", name=OBJECTORS)
        own = self.put(PARTY, name="Acme SL", code="1", active=True, categories=[])
        self.put("company.company", party=own)

    @property
    def settings(self) -> dict[str, Any]:
        """Settings of a connector that talks to this fake."""
        return {**super().settings, "database": "office", "user": "dsr", "objection_category": OBJECTORS}

    def put(self, model: str, **values: Any) -> int:
        """A new record; its number."""
        number = int(self.new(model, dict(values)))
        self.versions[model, str(number)] = 1
        return number

    def seed(self, person: Person) -> None:
        """A party with an address, a number, a postal address and a note."""
        party = self.put(PARTY, name=person.name, code=str(self._number), active=True, categories=[])
        for held, value in (("email", person.email), ("mobile", person.phone)):
            self.put(MECHANISM, party=party, type=held, value=value, value_compact=value, active=True)
        self.put(
            ADDRESS,
            party=party,
            party_name=person.name,
            street=f"Calle {person.key}",
            city="Lugo",
            active=True,
        )
        self.put("ir.note", resource=f"{PARTY},{party}", message=f"Llamar a {person.name}")

    def party(self, person: Person) -> int:
        """The number of her party."""
        return next(int(n) for n, one in self.table(PARTY).items() if one["name"] == person.name)

    def raw(self, person: Person) -> dict[str, int]:
        """Rows in which something of hers stands."""

        def count(model: str, words: Sequence[str]) -> int:
            rows = self.table(model).values()
            return sum(any(w in (str(v) if v else "") for v in one.values() for w in words) for one in rows)

        return {
            "parties": count(PARTY, [person.name]),
            "mechanisms": count(MECHANISM, [person.email, person.phone]),
            "addresses": count(ADDRESS, [person.name]),
            "notes": count("ir.note", [person.name]),
        }

    def disturb(self, kind: Disturbance, person: Person, eva: Person) -> None:
        """A second note, a note that is gone, an address that is Eva's now."""
        notes = [n for n, one in self.table("ir.note").items() if person.name in one["message"]]
        if kind is Disturbance.ADD:
            self.put("ir.note", resource=f"{PARTY},{self.party(person)}", message=f"Otra de {person.name}")
        elif kind is Disturbance.REMOVE:
            self.table("ir.note").pop(notes[0])
        else:
            for number, one in self.table(MECHANISM).items():
                if one["value"] == person.email:
                    self.write(MECHANISM, [int(number)], {"value": eva.email}, {})

    def duplicate(self, person: Person) -> None:
        """The same person entered twice."""
        self.seed(person)

    def throttle(self) -> Reply:
        """What Tryton answers when somebody signs in too often."""
        return Reply(
            429, raw=b"<!doctype html><h1>Too Many Requests</h1>", headers={"Content-Type": "text/html"}
        )

    def budget(self) -> Reply:
        """A proxy before Tryton."""
        return Reply(429, raw=b"", headers={"Retry-After": "7200"})

    def refusal(self) -> Reply:
        """Tryton's rules or rights forbid it."""
        return Reply(
            200, {"id": 1, "error": ["UserError", ['You are not allowed to access "Ana".', "", None]]}
        )

    # JSON-RPC.

    def _routed(self, asked: Asked) -> tuple[Asked, Handler | None]:
        if not isinstance(asked.body, dict) or asked.path != "office/":
            return asked, None
        return replace(asked, route=str(asked.body.get("method"))), type(self).rpc

    def signed(self, asked: Asked) -> bool:
        """A login with the right password, or a session that was opened."""
        if asked.route == "common.db.login":
            return asked.body["params"][1] == {"password": "sesame"}
        return bool(asked.headers.get("authorization", "").startswith("Session ")) and self.sessions > 0

    def rpc(self, asked: Asked) -> Reply:
        """One call."""
        params = asked.body["params"]
        try:
            if asked.route in self.forbidden:
                raise UserError
            return Reply(200, {"id": asked.body["id"], "result": self.result(asked.route, params)})
        except UserError:
            return self.refusal()
        except InterruptedError:
            said = ["ConcurrencyException", "Records were modified in the meanwhile"]
            return Reply(200, {"id": asked.body["id"], "error": said})

    def result(self, method: str, params: Sequence[Any]) -> Any:
        """What a method gives."""
        if method == "common.db.login":
            self.sessions += 1
            return [2, f"session{self.sessions}", None]
        if method == "common.db.logout":
            return None
        if method.startswith(WIZARD):
            return self.wizard(method.rpartition(".")[2], params)
        if method == "model.ir.model.access.get_access":
            rights = {"read": True, "write": True, "create": True, "delete": True}
            may = {one: dict.fromkeys(rights, not one.startswith("res.")) for one in params[0]}
            return {
                m: {r: yes and (m, r) not in self.denied for r, yes in one.items()} for m, one in may.items()
            }
        if method == "model.ir.model.list_history":
            return []
        model, _, what = method.removeprefix("model.").rpartition(".")
        stamps = params[-1].get("_timestamp", {})
        if what == "write":
            return self.write(model, params[0], params[1], stamps)
        if what == "delete":
            return self.delete(model, params[0], stamps)
        return self.search_read(model, *params)

    def search_read(
        self,
        model: str,
        domain: list[Any],
        offset: int,
        limit: int | None,
        order: Any,
        fields: list[str],
        context: Any,
    ) -> list[Row]:
        """Records of a domain by number, with these fields."""
        found = sorted(self.hits(model, lambda row: True), key=lambda one: int(one[0]))
        if "strangers" not in self.quirks:
            found = [(n, row) for n, row in found if fits(domain, {**row, "id": int(n)})]
        return [self.shown(model, n, row, fields) for n, row in found[offset : offset + (limit or 10**9)]]

    def shown(self, model: str, number: str, row: Row, fields: Sequence[str]) -> Row:
        """A record as Tryton writes it."""
        given: Row = {"id": int(number)}
        for name in fields:
            if name == "_timestamp":
                given[name] = f"{self.versions.get((model, number), 1)}.5"
            elif name.endswith(".rec_name"):
                given[f"{name.partition('.')[0]}."] = None
            elif name == "has_report_cache":
                given[name] = bool(row.get("invoice_report_cache"))
            elif name != "id":
                given[name] = row.get(name)
        return given

    def check(self, model: str, numbers: Sequence[int], stamps: Mapping[str, str]) -> None:
        """Versions that a write names must be those of now."""
        for number in numbers:
            wanted = stamps.get(f"{model},{number}")
            if wanted and wanted != f"{self.versions.get((model, str(number)), 1)}.5":
                raise InterruptedError

    def write(self, model: str, numbers: Sequence[int], values: Row, stamps: Mapping[str, str]) -> None:
        """Set values; contacts keep their compact form beside, papers that were posted their bookings."""
        self.check(model, numbers, stamps)
        if model == POSTED:
            raise UserError
        for number in numbers:
            row = self.table(model)[str(number)]
            plain = {name: one for name, one in values.items() if not isinstance(one, list)}
            if model == MECHANISM and plain.get("value"):
                plain["value_compact"] = plain["value"]
            if not self.change(row, plain):
                continue
            self.versions[model, str(number)] = self.versions.get((model, str(number)), 1) + 1
            for how, several in values.get("categories", []):
                row["categories"] = [one for one in row["categories"] if one not in several]
                row["categories"] += several if how == "add" else []
            for _, several in values.get("contact_mechanisms", []):
                self.delete(MECHANISM, several, stamps)

    def delete(self, model: str, numbers: Sequence[int], stamps: Mapping[str, str]) -> None:
        """Delete."""
        self.check(model, numbers, stamps)
        for number in numbers:
            self.remove(model, str(number))

    def wizard(self, what: str, params: Sequence[Any]) -> Any:
        """Tryton's own erasure: what it demands, what it empties, what it forgets."""
        if what == "create":
            return [1, "ask", "end"]
        if what == "execute" and not self.quirks & {"lying_delete", "ignored"}:
            self.erase(int(params[1]["ask"]["party"]), params[-1].get("_timestamp", {}))
        return {} if what == "execute" else None

    def erase(self, party: int, stamps: Mapping[str, str]) -> None:
        """Blank a party; an active one, or one with an invoice that is not over, is refused."""
        row = self.table(PARTY)[str(party)]
        papers = [one for one in self.table("account.invoice").values() if one["party"] == party]
        if row["active"] or any(one["state"] not in ("paid", "cancelled") for one in papers):
            raise UserError
        self.check(PARTY, [party], stamps)
        refs = [f"{PARTY},{party}"]
        blanks: dict[str, Row] = {
            MECHANISM: {"value": None, "name": None, "comment": None, "active": False},
            ADDRESS: {**dict.fromkeys(CASCADE), "active": False},
            IDENTIFIER: {"type": None, "code": "****"},
        }
        for model, values in blanks.items():
            for number, one in self.table(model).items():
                if one["party"] == party:
                    self.check(model, [int(number)], stamps)
                    self.removed.setdefault(model, {})[number] = dict(one)
                    one.update(values)
                    refs.append(f"{model},{number}")
        self.removed.setdefault(PARTY, {})[str(party)] = dict(row)
        row["name"] = None
        for number, merged in self.table(PARTY).items():
            if merged.get("replaced_by") == party and merged["name"]:
                self.erase(int(number), stamps)
        for model in RESOURCES:
            for number in [n for n, one in self.table(model).items() if one["resource"] in refs]:
                self.remove(model, number)


def fits(domain: list[Any], row: Row) -> bool:
    """Whether a record is of a domain."""
    if len(domain) == 3 and isinstance(domain[0], str) and domain[0] not in ("OR", "AND"):
        return compared(row.get(domain[0]), domain[1], domain[2])
    several = [one for one in domain if isinstance(one, list)]
    tried = (fits(one, row) for one in several)
    return any(tried) if domain[:1] == ["OR"] else all(tried)


def compared(held: Any, operator: str, value: Any) -> bool:
    """One clause; the only pattern is the one with a wildcard at both ends."""
    if operator == "in":
        return held in value
    if operator == "like":
        return str(value).strip("%") in str(held or "")
    return bool(held > value) if operator == ">" else bool(held == value)
