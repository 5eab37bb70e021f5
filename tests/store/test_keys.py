"""The master key decides what can be read: without the right one nothing starts."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from flask import Flask

from dsr import store
from dsr.contract import PSEUDONYM_LENGTH, TOMBSTONE_LENGTH, is_pseudonym, is_tombstone
from dsr.domain.errors import Refusal
from dsr.store import keys

RING = keys.Keyring(bytes(range(32)))
KEY = bytes(32)


def test_what_was_sealed_opens_again_in_its_place() -> None:
    assert keys.unseal(KEY, keys.seal(KEY, b"Ana", b"here"), b"here") == b"Ana"


def test_sealing_twice_never_looks_alike() -> None:
    assert keys.seal(KEY, b"Ana", b"") != keys.seal(KEY, b"Ana", b"")


@pytest.mark.parametrize(
    ("key", "place", "flip"), [(b"\1" * 32, b"here", 0), (KEY, b"there", 0), (KEY, b"here", 1)]
)
def test_another_key_another_place_or_a_change_is_refused(key: bytes, place: bytes, flip: int) -> None:
    sealed = bytearray(keys.seal(KEY, b"Ana", b"here"))
    sealed[-1] ^= flip

    with pytest.raises(Refusal) as refused:
        keys.unseal(key, bytes(sealed), place)

    assert refused.value.code == "seal.broken"


@pytest.mark.parametrize("sealed", [b"", b"\x01short", b"\x02" + bytes(40)])
def test_something_that_is_no_seal_is_refused(sealed: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        keys.unseal(KEY, sealed, b"")

    assert refused.value.code == "seal.broken"


def test_places_do_not_run_into_each_other() -> None:
    assert keys.aad("case", "ab", "c") != keys.aad("case", "a", "bc")


def test_a_data_key_comes_back_from_its_wrapping() -> None:
    wrapped, key = RING.new()

    assert (RING.unwrap(wrapped), len(key), key in wrapped) == (key, 32, False)


def test_every_data_key_is_another() -> None:
    assert len({RING.new()[1] for _ in range(3)}) == 3


def test_lookups_meet_only_for_the_same_controller_kind_and_value() -> None:
    asked = [
        ("acme", "email", "a@b.c"),
        ("other", "email", "a@b.c"),
        ("acme", "phone", "a@b.c"),
        ("acme", "email", "a"),
    ]
    found = [RING.lookup(*each) for each in asked]

    assert (RING.lookup("acme", "email", "a@b.c"), len(set(found))) == (found[0], 4)


def test_lookups_do_not_confuse_where_kind_ends_and_value_begins() -> None:
    assert RING.lookup("acme", "ab", "c") != RING.lookup("acme", "a", "bc")


def test_codes_are_bound_to_what_they_open() -> None:
    assert RING.code_hash("acme", "1", "12345678") != RING.code_hash("acme", "2", "12345678")


def test_another_master_key_derives_nothing_alike() -> None:
    other = keys.Keyring(bytes(32))

    assert (other.fingerprint, other.token_hash("t")) != (RING.fingerprint, RING.token_hash("t"))


# --- start ------------------------------------------------------------------------------------------


@pytest.fixture
def start(make_app: Callable[[], Flask], now: datetime) -> Callable[..., keys.Keyring]:
    """A function that starts a process on the same instance and database, and returns its keyring."""

    def start(**config: str) -> keys.Keyring:
        app = make_app()
        app.config.update(config)
        with app.app_context():
            store.db.create_all()
        return keys.unlock(app, now=now)

    return start


@pytest.fixture
def master(tmp_path: Path) -> Path:
    return tmp_path / "instance" / "master.key"


def refused(start: Callable[..., keys.Keyring], **config: str) -> Refusal:
    with pytest.raises(Refusal) as caught:
        start(**config)
    return caught.value


def test_an_empty_database_gets_a_key_that_only_its_owner_may_read(
    start: Callable[..., keys.Keyring], master: Path
) -> None:
    start()

    assert master.stat().st_mode & 0o777 == 0o600


def test_the_next_start_has_the_same_keys(start: Callable[..., keys.Keyring]) -> None:
    wrapped, key = start().new()

    assert start().unwrap(wrapped) == key


def test_a_missing_key_stops_the_start_and_no_new_one_is_made(
    start: Callable[..., keys.Keyring], master: Path
) -> None:
    start()
    master.unlink()

    refusal = refused(start)

    assert (refusal.code, "DSR_MASTER_KEY_FILE" in refusal.message, master.exists()) == (
        "keys.missing",
        True,
        False,
    )


def test_a_different_key_stops_the_start(
    start: Callable[..., keys.Keyring], tmp_path: Path, master: Path
) -> None:
    start()
    other = tmp_path / "other.key"
    other.write_bytes(b"A" * 43 + b"=\n")
    other.chmod(0o600)

    refusal = refused(start, MASTER_KEY_FILE=str(other))

    assert (refusal.code, "DSR_MASTER_KEY_FILE" in refusal.message) == ("keys.different", True)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_key_that_others_may_read_stops_the_start(
    start: Callable[..., keys.Keyring], master: Path, mode: int
) -> None:
    start()
    master.chmod(mode)

    refusal = refused(start)

    assert (refusal.code, f"chmod 600 {master}" in refusal.message) == ("keys.exposed", True)


@pytest.mark.parametrize("content", [b"", b"short", b"not base64 !!", bytes(range(200, 232))])
def test_a_file_that_is_no_key_stops_the_start(
    start: Callable[..., keys.Keyring], master: Path, content: bytes
) -> None:
    start()
    master.write_bytes(content)

    assert refused(start).code == "keys.malformed"


def test_a_key_laid_down_beforehand_is_used(start: Callable[..., keys.Keyring], tmp_path: Path) -> None:
    mine = tmp_path / "mine.key"
    mine.write_bytes(b"A" * 43 + b"=\n")
    mine.chmod(0o600)

    assert start(MASTER_KEY_FILE=str(mine)).fingerprint == keys.Keyring(bytes(32)).fingerprint


def test_a_database_with_people_but_without_its_row_stops_the_start(
    start: Callable[..., keys.Keyring], make_app: Callable[[], Flask], now: datetime
) -> None:
    start()
    with make_app().app_context(), store.transaction() as tx:
        tx.audit("acme", "case.submitted", actor="person", at=now)
        tx.session.execute(store.operations.Instance.__table__.delete())

    assert refused(start).code == "keys.unrecorded"


def test_a_locked_keyring_cannot_be_used(make_app: Callable[[], Flask]) -> None:
    with make_app().app_context(), pytest.raises(RuntimeError, match="locked"):
        keys.keyring()


def test_a_copied_instance_is_not_recognised_until_it_is_adopted(
    make_app: Callable[[], Flask], now: datetime
) -> None:
    app = make_app()
    with app.app_context():
        store.db.create_all()
    keys.unlock(app, now=now, identity="host a")

    with app.app_context():
        before = store.instance.recognises("host b")
        store.instance.adopt("host b")
        assert (before, store.instance.recognises("host b"), store.instance.recognises("host a")) == (
            False,
            True,
            False,
        )


def test_a_pseudonym_is_stable_in_a_system_and_another_one_everywhere_else() -> None:
    mine = RING.pseudonym("acme", "shop", "Ana")
    others = {
        RING.pseudonym("acme", "shop", "Eva"),
        RING.pseudonym("acme", "crm", "Ana"),
        RING.pseudonym("beta", "shop", "Ana"),
        keys.Keyring(bytes(32)).pseudonym("acme", "shop", "Ana"),
    }

    assert (is_pseudonym(mine), len(mine)) == (True, PSEUDONYM_LENGTH)
    assert (RING.pseudonym("acme", "shop", "Ana"), len(others - {mine})) == (mine, 4)


def test_a_tombstone_is_one_for_all_systems_of_a_controller_and_another_one_everywhere_else() -> None:
    mine = RING.tombstone("acme", "t-1")
    others = {
        RING.tombstone("acme", "t-2"),
        RING.tombstone("beta", "t-1"),
        keys.Keyring(bytes(32)).tombstone("acme", "t-1"),
        RING.pseudonym("acme", "shop", "t-1").replace("ps-", "gone-"),
    }

    assert (is_tombstone(mine), len(mine)) == (True, TOMBSTONE_LENGTH)
    assert (RING.tombstone("acme", "t-1"), len(others - {mine})) == (mine, 4)


@pytest.mark.parametrize(
    "token", ["gone-fishing", "gone-", "Gone-abcdefghijklmnop", "gone-abcdefghijklmnopq", "", None, 7]
)
def test_a_token_that_only_looks_like_a_tombstone_is_none(token: object) -> None:
    assert not is_tombstone(token)
