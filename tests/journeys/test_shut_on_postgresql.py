"""What is blocked in our own database on PostgreSQL: psql and whoever reads its files find nothing of it."""

import os
from pathlib import Path

import pytest
from sqlalchemy import make_url, select

from dsr import store
from dsr.services.intake import Wanted
from dsr.store import legal, vault
from dsr.store.models import VaultSeal
from routes import legible
from servers import postgres

PHONE, NAME, SENT = "Zurbano-8841", "Ana Ferrer-5512", "Quevedo-3307"
SECRETS = tuple(one.encode() for one in (PHONE, NAME, SENT))


@pytest.fixture
def ours(make_database):
    return {"database_url": make_database()}


def dump(url):
    """Every table of every schema that is not the server's own, as psql copies it out; bytes as they are."""
    listed = "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not like 'pg\\_%'"
    for table in postgres.psql(url, f"{listed} and schemaname <> 'information_schema'").split():
        for line in postgres.psql(url, f"copy {table} to stdout").splitlines():
            for cell in line.split("\t"):
                sealed = cell.startswith("\\\\x")
                yield from legible(bytes.fromhex(cell[3:]) if sealed else cell.encode())


def files(url):
    """The files of this database and the log of all writing, after everything was written there."""
    number = postgres.psql(url, "checkpoint; select oid from pg_database where datname = current_database()")
    folder = Path(postgres.psql(url, "show data_directory").strip())
    for part in (folder / "base" / number.split()[-1], folder / "pg_wal"):
        yield from (one.read_bytes() for one in part.iterdir() if one.is_file())


def found(parts, *wanted):
    return {secret for part in parts for secret in wanted if secret in part}


def test_neither_a_copy_of_every_table_nor_the_files_hold_what_was_erased_or_corrected(place, ours):
    url = ours["database_url"]
    place.change("crm", "update contacts set phone = ?, name = ? where id = 1", PHONE, NAME)
    place.change("crm", "update tickets set subject = ? where contact_id = 1", SENT)
    corrected = place.submit(Wanted("rectification", changes=(("user.name", "", "Ana Nueva"),))).cases[0]
    place.approve(corrected)
    erased = place.submit("erasure").cases[0]
    assert place.approve(erased).status == "answered"

    assert make_url(url).get_backend_name() == "postgresql"
    assert found(dump(url), *SECRETS, erased.encode()) == {erased.encode()}
    if "DSR_TEST_POSTGRES" not in os.environ:  # the files of a server that is not ours may lie elsewhere
        assert found(files(url), *SECRETS, erased.encode()) == {erased.encode()}
    private = legal.parse((place.folder / "legal.key").read_bytes())
    with store.reading() as session:
        seals = {one.id: one.purpose for one in session.scalars(select(VaultSeal))}
    opened = [
        str(row.values).encode()
        for one in seals
        for row in vault.open_for(one, controller="acme", roles=["legal"], private=private)
    ]
    assert (set(seals.values()), found(opened, *SECRETS)) == ({"blocked", "old_values"}, set(SECRETS))
