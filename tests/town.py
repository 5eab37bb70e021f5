"""A town of real stores: every kind at once, Ana in all of them, looked at with clients that are not ours."""

from __future__ import annotations

import zipfile
from contextlib import closing
from pathlib import Path

from openpyxl import Workbook, load_workbook

from dsr import store
from dsr.contract import Record
from dsr.domain import plan
from dsr.domain.organisation import SystemConfig
from dsr.domain.plan import Verdicts
from dsr.domain.rights import Right
from dsr.services import proposals, sealing
from dsr.store.queries import people
from dsr.store.queries import work as queries
from mailing import NEWS, OFFERS, Desk
from office import PAPER, Office
from region import Member, Region
from servers import mariadb, postgres
from stage import NOW, OLGA, work

ALL = tuple(right.value for right in Right)
ANA, EVA, NAMESAKE = "ana.garcia@correo.example", "eva.soto@correo.example", "ana.garcia2@otro.example"
SHARED = "familia@correo.example"
NAME = "Ana García Núñez"

CRM_TABLES = """
CREATE TABLE contacts (id integer PRIMARY KEY, email text NOT NULL, second_email text, name text NOT NULL,
  news boolean NOT NULL DEFAULT true, restricted boolean NOT NULL DEFAULT false);
CREATE TABLE notes (id integer PRIMARY KEY, contact_id integer NOT NULL REFERENCES contacts(id), body text);
"""
CRM_OTHERS = f"""
INSERT INTO contacts VALUES (2, '{EVA}', NULL, 'Eva Soto'), (3, '{NAMESAKE}', NULL, '{NAME}'),
  (4, '{SHARED}', NULL, 'Familia García');
INSERT INTO notes VALUES (20, 2, 'Eva pregunta por {ANA}.'), (30, 3, 'No confundir con otra Ana.');
"""
CRM_ANA = f"""
INSERT INTO contacts VALUES (1, 'Ana.Garcia@Correo.Example', '{SHARED}', '{NAME}');
INSERT INTO notes VALUES (10, 1, 'Prefiere {ANA}'), (11, 1, 'Llamar por la tarde');
"""
CRM = """
dataset:
  - fides_key: crm
    name: CRM
    collections:
      - name: contacts
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: second_email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: news}
          - {name: restricted}
      - name: notes
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: contact_id
            fides_meta: {references: [{dataset: crm, field: contacts.id, direction: to}]}
          - {name: body}
dsr:
  title: CRM
  collections:
    contacts:
      owner: subject
      basis: contract
      erase: delete
      origin: provided
      rectifiable: [name]
      restrict: set_aside
      stop: {marketing: {news: false}}
    notes: {owner: subject, basis: contract, erase: delete, origin: observed, restrict: set_aside,
            free_text: [body]}
"""

SHOP_TABLES = (
    "CREATE TABLE customers (id int PRIMARY KEY, email varchar(190), name varchar(100), news tinyint(1)"
    " NOT NULL DEFAULT 1, on_hold tinyint(1) NOT NULL DEFAULT 0) CHARACTER SET utf8mb4",
    "CREATE TABLE invoices (id int PRIMARY KEY, customer_id int NOT NULL, sent_to varchar(190),"
    " total decimal(10,2), issued_on date NOT NULL, FOREIGN KEY (customer_id) REFERENCES customers(id))",
)
SHOP_OTHERS = (
    f"INSERT INTO customers (id, email, name) VALUES (2, '{EVA}', 'Eva Soto'), (3, '{NAMESAKE}', '{NAME}')",
    f"INSERT INTO invoices VALUES (20, 2, '{EVA}', 10.50, '2025-05-05')",
)
SHOP_ANA = (
    f"INSERT INTO customers (id, email, name) VALUES (1, 'ANA.GARCIA@correo.example', '{NAME}')",
    f"INSERT INTO invoices VALUES (10, 1, '{ANA}', 99.90, '2025-06-01')",
)
SHOP = """
dataset:
  - fides_key: shop
    name: Tienda
    collections:
      - name: customers
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: news}
          - {name: on_hold}
      - name: invoices
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - name: customer_id
            fides_meta: {references: [{dataset: shop, field: customers.id, direction: to}]}
          - {name: sent_to, data_categories: [user.contact.email]}
          - {name: total}
          - {name: issued_on, fides_meta: {data_type: date}}
dsr:
  title: Tienda
  collections:
    customers:
      owner: subject
      basis: contract
      origin: provided
      erase: anonymise
      anonymise: {email: null, name: "-"}
      rectifiable: [name]
      restrict: {flag: on_hold, value: true}
      stop: {marketing: {news: false}}
    invoices:
      owner: subject
      basis: legal_obligation
      origin: observed
      erase: keep
      keep: {rule: commercial_books, date: issued_on}
      restrict: none
"""

VISIT = """
WITH s AS (INSERT INTO session (session_id, website_id, browser) VALUES (gen_random_uuid(), gen_random_uuid(),
  'firefox') RETURNING session_id, website_id),
e AS (INSERT INTO website_event (event_id, website_id, session_id, url_path, url_query, event_type, created_at)
  SELECT gen_random_uuid(), website_id, session_id, '/p' || n, %s, 1, now() FROM s, generate_series(1, 3) n)
INSERT INTO session_data (session_data_id, website_id, session_id, session_key, string_value, data_type)
  SELECT gen_random_uuid(), website_id, session_id, 'email', %s, 1 FROM s
"""
UMAMI = """
dataset:
  - fides_key: umami
    name: Umami
    collections:
      - name: session
        fields:
          - {name: session_id, fides_meta: {primary_key: true}}
          - {name: browser}
      - name: website_event
        fields:
          - {name: event_id, fides_meta: {primary_key: true}}
          - name: session_id
            fides_meta: {references: [{dataset: umami, field: session.session_id, direction: to}]}
          - {name: url_path}
          - {name: url_query}
      - name: session_data
        fields:
          - {name: session_data_id, fides_meta: {primary_key: true}}
          - name: session_id
            fides_meta: {references: [{dataset: umami, field: session.session_id, direction: to}]}
          - {name: session_key}
          - {name: string_value, fides_meta: {identity: email, where: {session_key: email}}}
dsr:
  title: Umami
  collections:
    session: {owner: subject, basis: consent, origin: observed, erase: delete, restrict: set_aside}
    website_event: {owner: subject, basis: consent, origin: observed, erase: delete, restrict: set_aside,
                    free_text: [url_query]}
    session_data: {owner: subject, basis: consent, origin: observed, erase: delete, restrict: set_aside}
"""
SHEET = """
dataset:
  - fides_key: %(name)s
    collections:
      - name: %(name)s
        fields:
          - {name: id, fides_meta: {primary_key: true}}
          - {name: email, data_categories: [user.contact.email], fides_meta: {identity: email}}
          - {name: name, data_categories: [user.name]}
          - {name: news}
dsr:
  title: %(name)s
  collections:
    %(name)s: {owner: subject, basis: consent, origin: provided, erase: delete, restrict: set_aside,
               rectifiable: [name], stop: {marketing: {news: false}}}
"""
LINES = f"id;email;name;news\r\n2;{EVA};Eva Soto;yes\r\n3;{NAMESAKE};{NAME};yes\r\n"


class Stores:
    """The raw side. ``databases``: ``crm`` and ``umami`` of PostgreSQL, ``shop`` of MariaDB."""

    def __init__(self, folder: Path, databases: tuple[str, str, str], desk: Desk, region: Region) -> None:
        self.crm, self.shop, self.umami = databases
        self.desk, self.region = desk, region
        self.csv, self.xlsx = folder / "socios.csv", folder / "visitas.xlsx"

    def others(self) -> None:
        """Everybody but Ana."""
        with closing(postgres.connect(self.crm)) as client:
            client.execute(CRM_TABLES)
            client.execute(CRM_OTHERS)
        for statement in (*SHOP_TABLES, *SHOP_OTHERS):
            mariadb.client(self.shop, statement)
        with closing(postgres.connect(self.umami)) as client:
            client.execute(VISIT, ("?utm_source=news", EVA))
            client.execute(VISIT, (f"?ref=friend&email={ANA.replace('@', '%40')}", EVA))
        self.desk.empty()
        for email, name in ((EVA, "Eva Soto"), (NAMESAKE, NAME)):
            self.desk.subscribe(email, NEWS, name)
        self.csv.write_bytes(LINES.encode("cp1252"))
        book = Workbook()
        book.active.title = "visitas"
        for row in (("id", "email", "name", "news"), (2, EVA, "Eva Soto", True), (3, NAMESAKE, NAME, True)):
            book.active.append(row)
        book.save(self.xlsx)
        eva = Member("eva", EVA, "Eva Soto")
        self.region.settle(eva, Member("other", NAMESAKE, NAME), mention=(eva, ANA))

    def ana(self) -> None:
        """Ana comes, written differently everywhere."""
        with closing(postgres.connect(self.crm)) as client:
            client.execute(CRM_ANA)
        for statement in SHOP_ANA:
            mariadb.client(self.shop, statement)
        with closing(postgres.connect(self.umami)) as client:
            client.execute(VISIT, ("?plan=gold", ANA))
            client.execute(VISIT, (f"?email={ANA}", "Ana.Garcia@correo.example"))
        for list_id in (NEWS, OFFERS):
            self.desk.subscribe(ANA, list_id, NAME)
        self.csv.write_bytes(
            self.csv.read_bytes() + f"1;ANA.garcia@correo.example;{NAME};yes\r\n".encode("cp1252")
        )
        book = load_workbook(self.xlsx)
        book.active.append((1, ANA, NAME, True))
        book.save(self.xlsx)
        self.region.join(
            Member("ana", ANA, NAME), ANA, "Ana.Garcia@Correo.Example", "ANA.GARCIA@correo.example"
        )

    def content(self) -> dict[str, list[str]]:
        """Every row of every store as text, by store and table; read by psql, mariadb, httpx and from files."""
        found = {f"crm.{name}": self._rows(self.crm, name) for name in ("contacts", "notes")}
        found |= {
            f"umami.{name}": self._rows(self.umami, name)
            for name in ("session", "website_event", "session_data")
        }
        for name in ("customers", "invoices"):
            found[f"shop.{name}"] = mariadb.client(self.shop, f"SELECT * FROM {name}").splitlines()
        members = self.desk.entries("members")
        found["lists.members"] = [f"{m['list_id']} {m['email']} {self._status(m)}" for m in members]
        found["lists.users"] = [a["email"] for a in self.desk.entries("addresses")]
        found["socios.socios"] = self.csv.read_bytes().decode("cp1252").splitlines()
        cells = load_workbook(self.xlsx).active.iter_rows(values_only=True)
        found["visitas.visitas"] = [str(row) for row in cells if any(value is not None for value in row)]
        with zipfile.ZipFile(self.xlsx) as parts:
            found["visitas.parts"] = [
                parts.read(name).decode("utf-8", "replace") for name in parts.namelist()
            ]
        found |= self.region.content()
        return {name: sorted(rows) for name, rows in found.items()}

    def stands_in(self, address: str) -> dict[str, int]:
        """Rows of each store in which an address stands, however it is written."""
        forms = (address.lower(), address.lower().replace("@", "%40"))
        counts = {
            name: sum(any(form in row.lower() for form in forms) for row in rows)
            for name, rows in self.content().items()
        }
        return {name: count for name, count in counts.items() if count}

    def _rows(self, url: str, table: str) -> list[str]:
        return postgres.psql(url, f"SELECT t::text FROM {table} t").splitlines()

    def _status(self, member: dict[str, object]) -> str:
        kept = self.desk.call("GET", f"members/{member['member_id']}/preferences")
        return str({name: value for name, value in kept.items() if name not in ("self_link", "http_etag")})

    def systems(self) -> list[SystemConfig]:
        """All of them, and the archive on paper."""
        told = {
            "crm": ("sql", {"url": self.crm, "map": CRM, "map_name": "crm.yaml"}),
            "shop": ("sql", {"url": self.shop, "map": SHOP, "map_name": "shop.yaml"}),
            "umami": ("sql", {"url": self.umami, "map": UMAMI, "map_name": "umami.yaml"}),
            "lists": ("mailman", self.desk.settings(password=self.desk.server.password)),
            **{key: (kind, {**s, "password": p}) for key, (kind, s, p) in self.region.told().items()},
            "socios": ("tabular", self._sheet(self.csv, "socios")),
            "visitas": ("tabular", self._sheet(self.xlsx, "visitas")),
        }
        made = [
            SystemConfig(key=key, kind=kind, title=key, controllers=("acme",), settings=settings, acting=ALL)
            for key, (kind, settings) in told.items()
        ]
        return [*made, PAPER]

    def _sheet(self, path: Path, name: str) -> dict[str, str]:
        return {"path": str(path), "map": SHEET % {"name": name}, "map_name": f"{name}.yaml"}


class Town(Office):
    """The company, its officers and Ana, over real stores."""

    def __init__(self, folder: Path, stores: Stores, others: dict[str, list[str]]) -> None:
        super().__init__(folder, ANA)
        self.stores, self.others = stores, others

    def proposals(self, reference: str) -> list[tuple[str, str, str]]:
        """What only proposes and nobody decided on: (system, collection, match)."""
        return [(system, one.collection, one.match.value) for system, one in self._open(reference)]

    def found(self, reference: str) -> dict[str, int]:
        """Rows that count as hers, by collection."""
        counts: dict[str, int] = {}
        for system, one in self._records(reference):
            if one.match == "exact":
                counts[f"{system}.{one.collection}"] = counts.get(f"{system}.{one.collection}", 0) + one.count
        return counts

    def reject_all(self, reference: str, now=NOW) -> None:
        """Olga says of every open proposal that it is somebody else's."""
        self._decide(reference, False, now)

    def accept_all(self, reference: str, now=NOW) -> None:
        """Olga says of every open proposal that it is about Ana."""
        self._decide(reference, True, now)

    def _decide(self, reference: str, accept: bool, now) -> None:
        found = frozenset((system, one.id) for system, one in self._open(reference))
        if found:
            proposals.decide(reference, proposals.Chosen(found), accept, "visto", by=OLGA, now=now)
            work(now)

    def _open(self, reference: str) -> list[tuple[str, Record]]:
        return [
            (system, one)
            for system, one in self._records(reference)
            if plan.open_proposals(system, [one], Verdicts())
        ]

    def _records(self, reference: str) -> list[tuple[str, Record]]:
        with store.reading() as session:
            case = people.case(session, reference)
            key = sealing.key_of(case.submission)
            rows = [r for r in queries.searches(session, [case.id]) if r.generation == case.generation]
        found = [(r.system, sealing.unseal(key, r.sealed, tuple[Record, ...], "search")) for r in rows]
        return [(system, one) for system, records in found for one in records]
