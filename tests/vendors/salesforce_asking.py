"""What the fake Salesforce is asked by query (SOQL) and by search (SOSL), over its tables and its bin."""

from __future__ import annotations

from typing import Any

from . import soql, sosl
from .salesforce_schema import MANY_KINDS, PREFIX, SCHEMA, SEARCHABLE, VERSION
from .server import Asked, Fake, Reply, Row, route


class Asking(Fake):
    """``schema``: the fields of each object. ``bin``: what was deleted and lies in the recycle bin, by id."""

    page_size = 100

    def __init__(self) -> None:
        super().__init__()
        self.bin: dict[str, tuple[str, Row]] = {}
        self.queries: list[str] = []
        self.schema = {name: fields.split() for name, fields in SCHEMA.items()}

    @route("GET", "query")
    def query(self, asked: Asked) -> Reply:
        return self.answered(asked.query["q"], 0, deleted=False)

    @route("GET", "queryAll")
    def query_all(self, asked: Asked) -> Reply:
        return self.answered(asked.query["q"], 0, deleted=True)

    @route("GET", "query/{locator}")
    def more(self, asked: Asked) -> Reply:
        number, start = asked.parts["locator"].removeprefix("01g").split("-")
        text, deleted = (
            self.queries[int(number)].split(" ", 1)[1],
            self.queries[int(number)].startswith("all"),
        )
        return self.answered(text, int(start), deleted=deleted, number=int(number))

    def answered(self, text: str, start: int, *, deleted: bool, number: int | None = None) -> Reply:
        """One page of a query; what it hides (the bin, archived activities) ``queryAll`` shows."""
        try:
            query = soql.parse(text)
        except soql.Malformed:
            return failed(400, "MALFORMED_QUERY", "unexpected token")
        if query.object not in self.schema:
            return failed(400, "INVALID_TYPE", "no such object")
        if not all(self.knows(query.object, name) for name in query.names):
            return failed(400, "INVALID_FIELD", "no such column")
        rows = [self.shown(query, id, row) for id, row in self.found(query, deleted)][: query.limit]
        some, following = self.page(rows, start, self.page_size)
        told: Row = {"totalSize": len(rows), "done": following is None, "records": some}
        if following is not None:
            if number is None:
                self.queries.append(f"{'all' if deleted else 'only'} {text}")
                number = len(self.queries) - 1
            told["nextRecordsUrl"] = f"{VERSION}/query/01g{number}-{following}"
        if "shift" in self.quirks and following is not None:
            self.quirks.discard("shift")
            del self.table(query.object)[some[0]["Id"]]
        return Reply(200, told, {"Sforce-Limit-Info": "api-usage=18/15000"})

    def found(self, query: soql.Query, deleted: bool) -> list[tuple[str, Row]]:
        """Rows of a query. What is asked for by id is what is there, without any quirk of searches."""
        exact = "Id" in query.names[len(query.selected) :]
        live = list(self.table(query.object).items()) if exact else self.hits(query.object, lambda row: True)
        rows = [(id, {**row, "IsDeleted": False}) for id, row in live if deleted or not row.get("IsArchived")]
        if deleted:
            gone = [(id, row) for id, (object, row) in self.bin.items() if object == query.object]
            rows += [(id, {**row, "IsDeleted": True}) for id, row in gone]
        every = "strangers" in self.quirks and not exact
        return [(id, row) for id, row in rows if every or query.fits(self.reading(id, row))]

    def reading(self, id: str, row: Row) -> soql.Get:
        def get(name: str) -> Any:
            first, _, rest = name.partition(".")
            if first in MANY_KINDS:
                return self.kind_of(row[MANY_KINDS[first]])
            if rest:
                return self.table(first).get(row[f"{first}Id"], {}).get(rest)
            return id if name == "Id" else row.get(name)

        return get

    def shown(self, query: soql.Query, id: str, row: Row) -> Row:
        names = query.selected or tuple(self.schema[query.object])
        get, found = self.reading(id, row), self.attributes(query.object, id)
        for name in names:
            first, _, rest = name.partition(".")
            found[first] = {"attributes": {"type": "Name"}, rest: get(name)} if rest else get(name)
        return found

    def kind_of(self, id: str) -> str:
        """The object whose ids begin like this one."""
        return next((name for name, before in PREFIX.items() if id.startswith(before)), "User")

    def knows(self, object: str, name: str) -> bool:
        first, _, rest = name.partition(".")
        if first in MANY_KINDS:
            return MANY_KINDS[first] in self.schema[object] and rest == "Type"
        return rest in self.schema.get(first, ()) if rest else name in self.schema[object]

    def attributes(self, object: str, id: str) -> Row:
        return {"attributes": {"type": object, "url": f"{VERSION}/sobjects/{object}/{id}"}}

    @route("GET", "search")
    def search(self, asked: Asked) -> Reply:
        """SOSL: rows of the named objects in which one of the phrases stands, whatever stands around it."""
        try:
            query = sosl.parse(asked.query["q"])
        except sosl.Malformed:
            return failed(400, "MALFORMED_SEARCH", "No search term found")
        if not set(query.objects) <= SEARCHABLE & set(self.schema):
            return failed(400, "INVALID_TYPE", "entity type cannot be searched")
        rows = [
            (object, id)
            for object in query.objects
            for id, _ in self.hits(object, lambda row: query.fits(row))
        ]
        return Reply(
            200, {"searchRecords": [{**self.attributes(object, id), "Id": id} for object, id in rows]}
        )


def failed(status: int, code: str, words: str) -> Reply:
    """The error of a whole request."""
    return Reply(status, [{"errorCode": code, "message": words}])
