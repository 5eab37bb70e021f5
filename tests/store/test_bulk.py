"""Many rows in one statement, on both databases, as the columns want them."""

from datetime import date, datetime

import pytest
from sqlalchemy import select

from dsr import store
from dsr.store import bulk
from dsr.store.models import Batch
from dsr.store.operations import Suppression, SystemState, Token

pytestmark = pytest.mark.usefixtures("context")


def token(n: int, now: datetime) -> dict[str, object]:
    return {
        "controller": "acme", "name": f"token {n}", "hash": bytes([n // 256, n % 256]), "scopes": ["read", n],
        "made_at": now, "expires_at": None, "revoked_at": now if n % 2 else None,
    }  # fmt: skip


def read_back() -> list[tuple[int, str, bytes, list[object], datetime, datetime | None]]:
    with store.reading() as session:
        rows = session.execute(
            select(Token.id, Token.name, Token.hash, Token.scopes, Token.made_at, Token.revoked_at).order_by(
                Token.id
            )
        )
        return [tuple(row) for row in rows]


def test_rows_are_inserted_in_one_statement_with_every_type_and_default(
    now: datetime, statements: list[str]
) -> None:
    rows = [
        {"id": str(n), "controller": "acme", "phase": "collect", "state": "new", "made_at": now}
        for n in range(50)
    ]

    statements.clear()
    with store.transaction() as tx:
        bulk.insert(tx.session, Batch, rows)
    seen = list(statements)

    with store.reading() as session:
        kept = session.execute(select(Batch.id, Batch.size, Batch.why, Batch.made_at)).all()
    assert (seen, sorted(kept)) == (["INSERT"], sorted((str(n), 1, "", now) for n in range(50)))


def test_new_ids_come_in_the_order_of_the_rows(now: datetime, statements: list[str]) -> None:
    statements.clear()
    with store.transaction() as tx:
        ids = bulk.insert_returning(tx.session, Token, [token(n, now) for n in range(300)])
    seen = list(statements)

    assert seen == ["INSERT"]
    assert [(id_, name) for id_, name, *_ in read_back()] == [
        (id_, f"token {n}") for n, id_ in enumerate(ids)
    ]


def test_texts_and_bytes_that_an_array_would_read_otherwise_come_back_as_they_are(now: datetime) -> None:
    names = ["NULL", "", '{"a",b}', "back\\slash", "two\nlines", "ñ, 'quoted'"]
    hashes = [b"", b"\x00\\x00", b"{}", b'"', b"NULL", bytes(range(256))]
    rows = [token(n, now) | {"name": name, "hash": hashes[n]} for n, name in enumerate(names)]

    with store.transaction() as tx:
        bulk.insert(tx.session, Token, rows)

    assert [(name, digest) for _, name, digest, *_ in read_back()] == list(zip(names, hashes, strict=True))


def test_no_rows_cost_nothing(statements: list[str]) -> None:
    statements.clear()
    with store.transaction() as tx:
        done = (
            bulk.insert_returning(tx.session, Token, []),
            bulk.update(tx.session, Token, []),
            bulk.insert(tx.session, Token, []),
        )
    seen = list(statements)

    assert (done, seen) == (([], 0, None), [])


def test_rows_are_updated_by_id_in_one_statement_each_with_its_own_values(
    now: datetime, statements: list[str]
) -> None:
    with store.transaction() as tx:
        ids = bulk.insert_returning(tx.session, Token, [token(n, now) for n in range(5)])
    later = now.replace(year=2025)
    changes = [
        {"id": id_, "name": f"it's {n} % \\ {{}}", "hash": b"\x00\xff" + bytes([n]), "scopes": {"n": n},
         "revoked_at": when}
        for n, (id_, when) in enumerate(zip(ids[1:4], [later, None, later], strict=True))
    ]  # fmt: skip

    statements.clear()
    with store.transaction() as tx:
        count = bulk.update(tx.session, Token, changes)
    seen = list(statements)

    expected = [
        (one["id"], one["name"], one["hash"], one["scopes"], now, one["revoked_at"]) for one in changes
    ]
    assert (count, seen, read_back()[1:4]) == (3, ["UPDATE"], expected)
    assert [row[1] for row in (read_back()[0], read_back()[4])] == ["token 0", "token 4"]


def test_nothing_but_null_can_be_set(now: datetime) -> None:
    with store.transaction() as tx:
        ids = bulk.insert_returning(tx.session, Token, [token(n, now) for n in range(3)])
        bulk.update(tx.session, Token, [{"id": id_, "revoked_at": None} for id_ in ids])

    assert [row[-1] for row in read_back()] == [None, None, None]


def test_dates_numbers_and_truth_keep_their_types(app: object, now: datetime) -> None:
    row = {
        "id": "b", "controller": "acme", "phase": "collect", "state": "new", "made_at": now, "size": 7,
        "wake_at": now,
    }  # fmt: skip
    with store.transaction() as tx:
        bulk.insert(tx.session, Batch, [row])
        bulk.update(
            tx.session, Batch, [{"id": "b", "size": 9, "wake_at": None, "ended_at": now, "state": "done"}]
        )

    with store.reading() as session:
        kept = session.execute(select(Batch.size, Batch.wake_at, Batch.ended_at, Batch.state)).one()
    assert tuple(kept) == (9, None, now, "done")


def test_an_update_says_how_many_rows_were_there(now: datetime) -> None:
    with store.transaction() as tx:
        [there] = bulk.insert_returning(tx.session, Token, [token(1, now)])
        assert (
            bulk.update(tx.session, Token, [{"id": there, "name": "x"}, {"id": there + 9, "name": "y"}]) == 1
        )


def test_rows_of_different_shapes_are_refused(now: datetime) -> None:
    with pytest.raises(ValueError, match="same columns"), store.transaction() as tx:
        bulk.insert(tx.session, Token, [token(1, now), token(2, now) | {"extra": 1}])


def test_insert_or_update_finds_the_words_of_each_database(now: datetime) -> None:
    first = {"controller": "acme", "system": "crm", "acting": [], "findings": [], "held": False}
    for held in (False, True):
        with store.transaction() as tx:
            insert = bulk.dialect_insert(tx.session)(SystemState).values(**first | {"held": held})
            tx.session.execute(
                insert.on_conflict_do_update(index_elements=["controller", "system"], set_={"held": held})
            )

    with store.reading() as session:
        assert session.execute(select(SystemState.held)).all() == [(True,)]


def test_a_date_column_is_updated_as_a_date(now: datetime) -> None:
    row = {
        "controller": "acme", "lookup_hash": b"h", "channel": "mail", "reference": "7F3K-92QD",
        "since_on": date(2024, 1, 1),
    }  # fmt: skip
    with store.transaction() as tx:
        ids = bulk.insert_returning(tx.session, Suppression, [row])
        bulk.update(tx.session, Suppression, [{"id": ids[0], "since_on": date(2024, 2, 29)}])

    with store.reading() as session:
        assert session.execute(select(Suppression.since_on)).all() == [(date(2024, 2, 29),)]
