"""The vault: rows are safe before they go, come back as they were, and go only when they may."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, inspect, select, text

from dsr import store
from dsr.contract import Keeper, Purpose, Row, Seal
from dsr.domain.errors import Refusal
from dsr.store import legal, vault, vault_writing
from dsr.store.models import VaultChunk, VaultSeal
from dsr.store.queries import vault as queries
from routes import legible

pytestmark = pytest.mark.usefixtures("context")

ROWS = [
    Row(
        "contacts", (1,), {"email": "ana@example.org", "balance": Decimal("1.50"), "since": date(2020, 1, 2)}
    ),
    Row("deals", (7, "x"), {"note": None, "blob": b"\x00"}, withheld=("note",)),
]


@pytest.fixture
def private(app: Flask) -> legal.Private:
    """The legal key, as the legal role holds it."""
    return legal.read(Path(app.instance_path) / "legal.key")


def many(count: int, start: int = 0) -> Iterator[Row]:
    return (Row("opens", (n,), {"at": n}) for n in range(start, start + count))


@pytest.fixture
def keeper(now: datetime) -> vault.Vault:
    return vault.Vault("acme", "7F3K-92QD", "crm", now, date(2027, 5, 6), ["legal", "dpo"])


def lifting(seal: Seal, now: datetime, **other: str) -> vault.Vault:
    place = {"controller": "acme", "reference": "7F3K-92QD", "system": "crm"} | other
    return vault.Vault(**place, now=now, destroy_on=None, roles=["legal"], lifting=[seal.id])


def stored() -> tuple[int, int]:
    with store.reading() as session:
        seals = session.scalar(select(func.count()).select_from(VaultSeal)) or 0
        return seals, session.scalar(select(func.count()).select_from(VaultChunk)) or 0


def code(refused: pytest.ExceptionInfo[Refusal]) -> str:
    return refused.value.code


def test_the_vault_is_a_keeper(keeper: vault.Vault) -> None:
    keeping: Keeper = keeper

    assert keeping.seal("k", Purpose.BLOCKED, []).rows == 0


@pytest.mark.parametrize("count", [0, 1, 999, 1000, 1001, 2000, 5500])
def test_rows_come_back_as_they_were_in_their_order(keeper: vault.Vault, now: datetime, count: int) -> None:
    seal = keeper.seal("k", Purpose.SET_ASIDE, many(count))

    assert (seal.rows, list(lifting(seal, now).rows(seal.id))) == (count, list(many(count)))


def test_values_keep_their_types(keeper: vault.Vault, now: datetime, private: legal.Private) -> None:
    seal = keeper.seal("k", Purpose.BLOCKED, iter(ROWS))

    assert list(vault.open_for(seal.id, controller="acme", roles=["legal"], private=private)) == ROWS


def test_nothing_of_the_rows_can_be_read_in_any_table(keeper: vault.Vault, app: Flask) -> None:
    keeper.seal("k", Purpose.BLOCKED, [*ROWS, *many(1500)])

    with store.db.engine.connect() as raw:
        tables = inspect(raw).get_table_names()
        cells = [
            cell for one in tables for row in raw.execute(text(f'SELECT * FROM "{one}"')) for cell in row
        ]
    whole = [bytes(one) if isinstance(one, bytes | memoryview) else str(one).encode() for one in cells]
    content = b"\n".join(part for one in whole for part in legible(one))
    assert ("vault_chunk" in tables, b"7F3K-92QD" in content, b"ana@example.org" in content) == (
        True,
        True,
        False,
    )


@pytest.mark.parametrize("count", [3, 2500])
def test_the_same_rows_for_the_same_intent_give_the_same_seal(keeper: vault.Vault, count: int) -> None:
    first = keeper.seal("k", Purpose.BLOCKED, many(count))
    before = stored()

    assert (keeper.seal("k", Purpose.BLOCKED, many(count)), stored()) == (first, before)


@pytest.mark.parametrize(
    ("key", "purpose", "start"), [("k2", "blocked", 0), ("k", "set_aside", 0), ("k", "blocked", 1)]
)
def test_another_intent_purpose_or_other_rows_give_another_seal(
    keeper: vault.Vault, key: str, purpose: str, start: int
) -> None:
    first = keeper.seal("k", Purpose.BLOCKED, many(3))

    assert keeper.seal(key, Purpose(purpose), many(3, start)).id != first.id


def broken(count: int) -> Iterator[Row]:
    yield from many(count)
    raise ConnectionError("the store went away")


@pytest.mark.parametrize("count", [5, 1000, 3300])
def test_rows_that_break_off_leave_nothing_and_the_repeat_is_whole(
    keeper: vault.Vault, now: datetime, count: int
) -> None:
    with pytest.raises(ConnectionError):
        keeper.seal("k", Purpose.SET_ASIDE, broken(count))
    left = stored()

    seal = keeper.seal("k", Purpose.SET_ASIDE, many(4000))

    assert (left, len(list(lifting(seal, now).rows(seal.id)))) == ((0, 0), 4000)


def killed(keeper: vault.Vault, count: int) -> None:
    """What a killed process leaves: chunks written, nothing finished, nothing undone."""
    writing = vault_writing.Writing(keeper, "k", Purpose.SET_ASIDE, vault_writing.Lock())
    for chunk in vault_writing.chunks_of(many(count)):
        writing.add(chunk)


def test_a_kill_between_chunks_repeats_harmlessly_and_is_swept(keeper: vault.Vault, now: datetime) -> None:
    killed(keeper, 3000)
    seal = keeper.seal("k", Purpose.SET_ASIDE, many(3000))

    with store.transaction() as tx:
        swept = vault.sweep(tx.session, before=now + timedelta(days=1))

    assert (swept, stored()) == (1, (1, 2))
    assert list(lifting(seal, now).rows(seal.id)) == list(many(3000))


def test_the_sweep_leaves_what_is_being_written_now(keeper: vault.Vault, now: datetime) -> None:
    killed(keeper, 3000)

    with store.transaction() as tx:
        assert vault.sweep(tx.session, before=now) == 0


def test_a_half_written_seal_cannot_be_opened(
    keeper: vault.Vault, now: datetime, private: legal.Private
) -> None:
    killed(keeper, 3000)
    with store.reading() as session:
        [half] = session.scalars(select(VaultSeal.id)).all()

    with pytest.raises(Refusal) as refused:
        vault.open_for(half, controller="acme", roles=["legal"], private=private)

    assert code(refused) == "vault.unknown"


def test_a_connector_reads_only_while_lifting(keeper: vault.Vault) -> None:
    seal = keeper.seal("k", Purpose.SET_ASIDE, ROWS)

    with pytest.raises(Refusal) as refused:
        keeper.rows(seal.id)

    assert code(refused) == "vault.closed"


@pytest.mark.parametrize("other", [{"controller": "eva"}, {"reference": "XXXX-XXXX"}, {"system": "list"}])
def test_a_seal_of_another_case_system_or_controller_is_unknown(
    keeper: vault.Vault, now: datetime, other: dict[str, str]
) -> None:
    seal = keeper.seal("k", Purpose.SET_ASIDE, ROWS)

    with pytest.raises(Refusal) as refused:
        lifting(seal, now, **other).rows(seal.id)

    assert code(refused) == "vault.unknown"


def test_only_the_roles_of_a_seal_may_open_it(keeper: vault.Vault, private: legal.Private) -> None:
    seal = keeper.seal("k", Purpose.BLOCKED, ROWS)

    with pytest.raises(Refusal) as refused:
        vault.open_for(seal.id, controller="acme", roles=["agent", "admin"], private=private)

    assert code(refused) == "vault.role"


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("DELETE FROM vault_chunk WHERE n = 2", "vault.incomplete"),
        ("UPDATE vault_chunk SET n = 9 WHERE n = 1", "seal.broken"),
    ],
)
def test_a_chunk_that_is_gone_or_moved_is_noticed(
    keeper: vault.Vault, command: str, expected: str, private: legal.Private
) -> None:
    seal = keeper.seal("k", Purpose.BLOCKED, many(3000))
    with store.db.engine.begin() as connection:
        connection.execute(text(command))

    with pytest.raises(Refusal) as refused:
        list(vault.open_for(seal.id, controller="acme", roles=["dpo"], private=private))

    assert code(refused) == expected


# --- the end ----------------------------------------------------------------------------------------


def destroy(seal: Seal, now: datetime, controller: str = "acme") -> int:
    with store.transaction() as tx:
        return vault.destroy(tx.session, [seal.id], controller=controller, now=now)


def give_back(seal: Seal, now: datetime) -> None:
    with store.transaction() as tx:
        vault.give_back(tx.session, [seal.id], controller="acme", now=now)


LAST = datetime.fromisoformat("2027-05-06T11:59:59+00:00")
FIRST = datetime.fromisoformat("2027-05-06T12:00:00+00:00")
"""The date 2027-05-06 begins last at UTC-12, that is at noon UTC."""


@pytest.mark.parametrize("purpose", [Purpose.BLOCKED, Purpose.OLD_VALUES])
def test_blocked_rows_stay_until_their_date_has_come_everywhere(
    keeper: vault.Vault, purpose: Purpose
) -> None:
    seal = keeper.seal("k", purpose, many(1500))

    with pytest.raises(Refusal) as refused:
        destroy(seal, LAST)

    assert (code(refused), stored(), destroy(seal, FIRST), stored()) == ("vault.kept", (1, 1), 1, (1, 0))


def test_rows_set_aside_stay_until_they_were_given_back(keeper: vault.Vault, now: datetime) -> None:
    seal = keeper.seal("k", Purpose.SET_ASIDE, ROWS)
    with pytest.raises(Refusal) as refused:
        destroy(seal, FIRST.replace(year=2099))

    give_back(seal, now)

    assert (code(refused), destroy(seal, now)) == ("vault.kept", 1)


def test_destroyed_rows_have_neither_key_nor_content(keeper: vault.Vault, private: legal.Private) -> None:
    seal = keeper.seal("k", Purpose.BLOCKED, ROWS)
    destroy(seal, FIRST)
    with store.reading() as session:
        row = session.scalars(select(VaultSeal)).one()

    with pytest.raises(Refusal) as refused:
        vault.open_for(seal.id, controller="acme", roles=["legal"], private=private)

    assert (row.wrapped_key, row.sealed, row.destroyed_at, code(refused)) == (
        None,
        None,
        FIRST,
        "vault.destroyed",
    )


def test_destroying_twice_does_nothing_more(keeper: vault.Vault) -> None:
    seal = keeper.seal("k", Purpose.BLOCKED, ROWS)

    assert (destroy(seal, FIRST), destroy(seal, FIRST)) == (1, 0)


def test_another_controller_can_neither_destroy_nor_give_back(keeper: vault.Vault, now: datetime) -> None:
    seal = keeper.seal("k", Purpose.BLOCKED, ROWS)

    with pytest.raises(Refusal) as refused:
        destroy(seal, FIRST, controller="eva")
    with pytest.raises(Refusal) as also, store.transaction() as tx:
        vault.give_back(tx.session, [seal.id], controller="eva", now=now)

    assert (code(refused), code(also)) == ("vault.unknown", "vault.unknown")


def test_one_seal_that_must_stay_keeps_them_all(keeper: vault.Vault, private: legal.Private) -> None:
    may = keeper.seal("k", Purpose.BLOCKED, ROWS)
    must = keeper.seal("k", Purpose.SET_ASIDE, ROWS)

    with pytest.raises(Refusal), store.transaction() as tx:
        vault.destroy(tx.session, [may.id, must.id], controller="acme", now=FIRST)

    assert list(vault.open_for(may.id, controller="acme", roles=["legal"], private=private)) == ROWS


def test_what_is_due_is_what_may_be_destroyed(keeper: vault.Vault, now: datetime) -> None:
    keeper.seal("k", Purpose.SET_ASIDE, ROWS)
    returned = keeper.seal("k2", Purpose.SET_ASIDE, ROWS)
    blocked = keeper.seal("k", Purpose.BLOCKED, ROWS)
    give_back(returned, now)

    with store.reading() as session:
        early = {one[1] for one in vault.due(session, controller="acme", now=LAST)}
        late = {one[1] for one in vault.due(session, controller="acme", now=FIRST)}

    assert (early, late) == ({returned.id}, {returned.id, blocked.id})


def test_a_seal_that_is_over_is_not_handed_out_again(keeper: vault.Vault) -> None:
    """The connector would delete rows that nobody keeps any more."""
    seal = keeper.seal("k", Purpose.BLOCKED, ROWS)
    destroy(seal, FIRST)

    with pytest.raises(Refusal) as refused:
        keeper.seal("k", Purpose.BLOCKED, ROWS)

    assert code(refused) == "vault.destroyed"


def test_many_sets_are_sealed_by_one_statement_and_again_give_the_same_seals(
    keeper: vault.Vault, statements: list[str], private: legal.Private
) -> None:
    sets = [(f"key-{n}", Purpose.BLOCKED, list(many(2, start=n))) for n in range(3)]

    seals = keeper.seal_all(sets)
    written = statements.count("INSERT")
    again = keeper.seal_all(sets)

    assert written == 1
    assert again == seals
    opened = [
        list(vault.open_for(one.id, controller="acme", roles=["legal"], private=private)) for one in seals
    ]
    assert opened == [rows for _, _, rows in sets]


def test_a_large_set_among_small_ones_is_sealed_too(keeper: vault.Vault) -> None:
    seals = keeper.seal_all([("a", Purpose.BLOCKED, many(1)), ("b", Purpose.BLOCKED, many(1500))])

    assert [one.rows for one in seals] == [1, 1500]
    assert stored() == (2, 1)


def test_nothing_is_left_when_one_of_many_sets_fails(keeper: vault.Vault) -> None:
    def broken() -> Iterator[Row]:
        yield from many(1200)
        raise OSError

    with pytest.raises(OSError):
        keeper.seal_all([("a", Purpose.BLOCKED, many(1)), ("b", Purpose.BLOCKED, broken())])

    assert stored() == (0, 0)


def test_a_repeat_that_sealed_other_rows_under_the_same_key_is_told_apart(keeper: vault.Vault) -> None:
    keeper.seal("erase", Purpose.BLOCKED, many(3))
    keeper.seal("erase", Purpose.BLOCKED, many(3))
    keeper.seal("correct", Purpose.OLD_VALUES, many(3))
    with store.reading() as session:
        (before,) = queries.blocked_sets(session, "acme", 10)

    keeper.seal("erase", Purpose.BLOCKED, many(2, start=1))

    with store.reading() as session:
        (after,) = queries.blocked_sets(session, "acme", 10)
    assert [(one.seals, one.rows, one.again) for one in (before, after)] == [(2, 6, 0), (3, 8, 1)]
