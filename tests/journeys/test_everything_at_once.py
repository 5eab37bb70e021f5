"""The whole road of every right over every kind of store at once.

PostgreSQL, MariaDB, Umami, Mailman, CSV, Excel, paper, a directory, an address book, a mailbox, an event store,
an ERP.
"""

import io
import json
import zipfile
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from addressbook import Shelf
from directory import Office
from dsr import store
from dsr.services import sealing
from dsr.services.intake import Wanted
from dsr.services.tasks import Answer, Handed
from dsr.store import files
from dsr.store.models import Work
from dsr.store.operations import Package
from erp import Erp
from mailing import Desk
from office import ARCHIVE
from office import DESK as COUNTER
from postbox import Post
from region import Region
from stage import NOW, begin_lift, installation
from town import ANA, EVA, NAME, NAMESAKE, SHARED, Stores, Town

pytestmark = [pytest.mark.live, pytest.mark.heavy]

LATER = NOW + timedelta(days=3)
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
HERS = {
    "crm.contacts": 1,
    "crm.notes": 2,
    "shop.customers": 1,
    "shop.invoices": 1,
    "umami.session": 2,
    "umami.website_event": 6,
    "umami.session_data": 2,
    "lists.users": 1,
    "lists.addresses": 1,
    "lists.memberships": 2,
    "socios.socios": 1,
    "visitas.visitas": 1,
    "directory.entries": 2,
    "directory.memberships": 2,
    "cards.cards": 1,
    "cards.groups": 1,
    "mail.messages": 2,
    "events.visits": 2,
    "events.clicks": 2,
    "erp.parties": 1,
    "erp.mechanisms": 2,
    "erp.addresses": 1,
    "erp.notes": 1,
    "paper.documents": 2,
}
PARTS = "visitas.parts"
MENTIONS = [
    ("crm", "notes", "mentioned"),
    *[("umami", "website_event", "mentioned")] * 3,
    ("directory", "entries", "mentioned"),
    ("cards", "cards", "mentioned"),
    ("mail", "messages", "mentioned"),
    ("erp", "notes", "mentioned"),
]
BY_LAW = "shop.invoices"
"""What is held because a law says so is not hers to take along (GDPR 20(1)(a))."""
IN_TEXTS = {"crm.notes": 1, "umami.website_event": 3, "directory": 1, "cards": 1, "mail": 1, "erp": 1}
"""Where somebody else wrote of her, as lines of the stores."""


@pytest.fixture
def region(slapd, radicale, dovecot, clickhouse, tryton):
    return Region(Office(slapd), Shelf(radicale), Post(dovecot), clickhouse, Erp(tryton))


@pytest.fixture
def town(tmp_path, make_database, make_mariadb_database, umami_database, mailman, region):
    databases = (make_database(), make_mariadb_database(), umami_database())
    stores = Stores(tmp_path, databases, Desk(mailman), region)
    stores.others()
    others = stores.content()
    stores.ana()
    with installation(tmp_path / "instance", stores.systems()):
        yield Town(tmp_path / "instance", stores, others)


def asked(town, *wanted):
    """Ana asks for one right; the archive has two documents, the counter nothing; proposals are rejected."""
    (reference,) = town.submit(*wanted)
    handed = [Handed("contrato.pdf", [PDF])] if wanted == ("access",) else []
    town.say(ARCHIVE, Answer("found", 2, "Armario 3"), *handed)
    town.say(COUNTER, Answer("nothing"))
    town.reject_all(reference)
    return reference


def done(town, reference, now=NOW):
    """Approved, carried out, and confirmed by the archive."""
    town.approve(reference, now)
    town.say(ARCHIVE, Answer("done", note="Hecho y comprobado"), now=now)
    return town.case(reference)


def states(case):
    with store.reading() as session:
        rows = session.scalars(select(Work).where(Work.case_id == case.id).order_by(Work.id)).all()
        latest = {row.system: (row.state, row.verified) for row in rows}
    return Counter(latest.values())


def kept(case):
    """Where outcomes say that something of hers stays: by system and collection, how many rows."""
    with store.reading() as session:
        rows = session.scalars(select(Work).where(Work.case_id == case.id)).all()
        found: Counter[str] = Counter()
        for row in rows:
            for one in row.outcome["items"]:
                found[f"{row.system}.{one['collection']}"] += one["kept"]
        return found


def package(case):
    """The archive of her copy."""
    with store.reading() as session:
        row = session.scalars(select(Package).where(Package.case_id == case.id)).one()
    return zipfile.ZipFile(
        io.BytesIO(b"".join(files.packages().read(row.file, sealing.key_of(case.submission))))
    )


def tables_of(archive):
    """The rows that it holds of each collection, as JSON."""
    return {
        ".".join(name.split("/")[1:]).removesuffix(".json"): json.loads(archive.read(name), parse_float=str)
        for name in archive.namelist()
        if name.startswith("systems/") and name.endswith(".json")
    }


def untouched(town):
    """Rows of everybody else that are not there any more, by store and table."""
    now = town.stores.content()
    gone = {name: sorted(set(rows) - set(now[name])) for name, rows in town.others.items() if name != PARTS}
    return {name: rows for name, rows in gone.items() if rows}


def test_she_is_found_everywhere_and_nobody_else_is(town):
    (reference,) = town.submit("access")
    town.say(ARCHIVE, Answer("found", 2, "Armario 3"), Handed("contrato.pdf", [PDF]))
    town.say(COUNTER, Answer("nothing"))

    assert town.found(reference) == HERS
    assert sorted(town.proposals(reference)) == sorted(MENTIONS)


def test_the_package_holds_her_rows_of_every_store_and_no_other_address(town):
    archive = package(town.approve(asked(town, "access")))

    tables = tables_of(archive)
    counts = {name: len(rows) for name, rows in tables.items() if name in HERS}
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert counts == {name: count for name, count in HERS.items() if name != "paper.documents"} | {
        "paper.documents": 1
    }
    assert [one for one in (EVA, NAMESAKE) if one.encode() in everything] == []
    assert tables["shop.invoices"][0]["total"] == "99.90"
    assert untouched(town) == {}


def test_what_she_may_take_along_is_what_she_gave_and_what_was_observed_of_her(town):
    (reference,) = town.submit("portability")
    town.say(ARCHIVE, Answer("found", 2, "Armario 3"), Handed("contrato.pdf", [PDF]))
    town.say(COUNTER, Answer("nothing"))
    town.reject_all(reference)

    archive = package(town.approve(reference))

    counts = {name: len(rows) for name, rows in tables_of(archive).items() if name in HERS}
    taken = {name: count for name, count in HERS.items() if name != BY_LAW}
    assert counts == taken | {"paper.documents": 1}
    everything = b"".join(archive.read(name) for name in archive.namelist())
    assert [one for one in (EVA, NAMESAKE) if one.encode() in everything] == []
    assert untouched(town) == {}


def test_a_name_is_corrected_in_every_copy(town):
    change = ("user.name", NAME, "Ana Garcés Núñez")
    case = done(town, asked(town, Wanted("rectification", changes=(change,))))

    names = {name: [row for row in rows if "Garcés" in row] for name, rows in town.stores.content().items()}
    assert case.status == "answered"
    assert {name: len(rows) for name, rows in names.items() if rows and name != PARTS} == {
        "crm.contacts": 1,
        "shop.customers": 1,
        "socios.socios": 1,
        "visitas.visitas": 1,
        "directory": 3,
        "cards": 2,
        "events.visits": 2,
        "erp": 2,
    }
    assert untouched(town) == {}


def test_what_was_restricted_comes_back_exactly_as_it_was(town):
    before = town.stores.content()
    reference = asked(town, Wanted("restriction", ground="accuracy", reason="No es correcto"))
    restricted = done(town, reference).status
    meanwhile = town.stores.stands_in(ANA)

    begin_lift(reference, now=LATER)
    town.reject_all(reference, LATER)
    lifted = done(town, reference, LATER).status

    assert (restricted, lifted) == ("answered", "answered")
    assert meanwhile == {
        "crm.notes": 1,
        "shop.customers": 1,
        "shop.invoices": 1,
        "umami.website_event": 3,
        "lists.members": 2,
        "lists.users": 1,
        "directory": 1,
        "cards": 1,
        "mail": 1,
        "events.visits": 2,
        # Her party is out of use and whole in its place.
        "erp": 2,
    }
    after = town.stores.content()
    assert {name: rows for name, rows in after.items() if name != PARTS} == {
        name: rows for name, rows in before.items() if name != PARTS
    }


def test_marketing_stops_at_once_everywhere(town):
    (reference,) = town.submit(Wanted("objection", channels=("marketing",)))

    stopped = town.stores.content()
    assert town.case(reference).status == "review"
    assert [row for row in stopped["crm.contacts"] if row.startswith("(1,")][0].split(",")[-2] == "f"
    assert [row.split("\t")[3] for row in stopped["shop.customers"]] == ["0", "1", "1"]
    assert [row for row in stopped["lists.members"] if ANA in row] == []
    assert [row for row in stopped["socios.socios"] if row.startswith("1;")] == [
        f"1;ANA.garcia@correo.example;{NAME};no"
    ]
    assert untouched(town) == {}


def test_a_withdrawn_consent_stops_at_once_and_is_answered(town):
    (reference,) = town.submit(Wanted("withdrawal", channels=("marketing",)))
    stopped = town.stores.content()
    before = town.case(reference).status
    town.say(ARCHIVE, Answer("found", 2, "Armario 3"))
    town.say(COUNTER, Answer("nothing"))
    town.reject_all(reference)

    case = done(town, reference)

    assert (before, case.status, case.ending) == ("review", "answered", "done")
    assert [row for row in stopped["crm.contacts"] if row.startswith("(1,")][0].split(",")[-2] == "f"
    assert [row.split("\t")[3] for row in stopped["shop.customers"]] == ["0", "1", "1"]
    assert [row for row in stopped["lists.members"] if ANA in row] == []
    after = town.stores.content()
    assert {name: rows for name, rows in after.items() if name != PARTS} == {
        name: rows for name, rows in stopped.items() if name != PARTS
    }
    assert untouched(town) == {}


def test_after_an_erasure_the_address_stands_only_where_an_outcome_says_so(town):
    case = done(town, asked(town, "erasure"))

    assert (case.status, case.ending) == ("answered", "partly")
    assert states(case) == {("done", "clean"): 11, ("done", "stated"): 1}
    assert +kept(case) == {"shop.invoices": 1}
    assert town.stores.stands_in(ANA) == {"shop.invoices": 1} | IN_TEXTS
    assert town.stores.region.in_files_of_events(ANA) == set()
    assert town.stores.region.erp.standing(ANA) == ["ir_note.message"]
    assert town.stores.stands_in(SHARED) == {"crm.contacts": 1}
    assert untouched(town) == {}


def test_a_mention_that_the_officer_accepts_is_kept_by_an_outcome(town):
    (reference,) = town.submit("erasure")
    town.say(ARCHIVE, Answer("nothing"))
    town.say(COUNTER, Answer("nothing"))
    town.accept_all(reference)

    case = town.approve(reference)

    assert (case.status, case.ending) == ("answered", "partly")
    places = {
        "directory.entries": "directory",
        "cards.cards": "cards",
        "mail.messages": "mail",
        "erp.notes": "erp",
    }
    assert {places.get(name, name): n for name, n in (+kept(case)).items()} == town.stores.stands_in(ANA)
    assert untouched(town) == {}
