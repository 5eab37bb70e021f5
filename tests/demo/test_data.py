"""The demo systems, read with the plain sqlite3 and csv clients."""

from __future__ import annotations

import csv
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml

from connectors._map import load
from dsr.demo import Demo, build, stage
from dsr.domain.identity import canonical
from dsr.services.recipients import slug_of

ANA = "ana.garcia@correo.example"
EVA = "eva.garcia@correo.example"
SHARED = "familia.soto@correo.example"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return build(tmp_path_factory.mktemp("demo"), people=300, big_events=5_000)


def rows(path: Path, sql: str, *values: object) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql, values).fetchall()


def dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as db:
        return "\n".join(db.iterdump())


def subscribers(demo: Demo) -> Iterator[dict[str, str]]:
    with demo.mailing.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def test_the_same_seed_gives_the_same_rows_and_the_same_lists(demo: Demo, tmp_path: Path) -> None:
    again = build(tmp_path, people=300, big_events=5_000)
    assert dump(again.crm) == dump(demo.crm)
    assert dump(again.tracking) == dump(demo.tracking)
    assert again.mailing.read_bytes() == demo.mailing.read_bytes()
    assert again.agenda.read_bytes() == demo.agenda.read_bytes()


def test_another_seed_gives_other_people_but_the_same_cast(demo: Demo, tmp_path: Path) -> None:
    other = build(tmp_path, people=300, seed=8, big_events=0)
    names = "SELECT name FROM contacts WHERE id {} 22 ORDER BY id"
    assert rows(other.crm, names.format("<=")) == rows(demo.crm, names.format("<="))
    assert rows(other.crm, names.format(">")) != rows(demo.crm, names.format(">"))


def test_the_number_of_people_is_exact(demo: Demo) -> None:
    assert rows(demo.crm, "SELECT count(*), count(DISTINCT customer_no) FROM contacts") == [(300, 300)]


def test_the_busy_person_has_exactly_the_events_asked_for(demo: Demo) -> None:
    email = demo.cast["busy"].email
    hung = "SELECT count(*) FROM {} e JOIN messages m ON m.id = e.message_id WHERE m.recipient = ?"
    counts = [rows(demo.tracking, hung.format(table), email)[0][0] for table in ("opens", "clicks")]
    views = rows(
        demo.tracking,
        "SELECT count(*) FROM page_views JOIN devices USING (device_id) JOIN visitors USING (visitor_id) "
        "WHERE email = ?",
        email,
    )
    assert [*counts, views[0][0]] == [3000, 750, 1250]


def test_two_thousand_people_cost_less_than_six_seconds_of_the_processor(tmp_path: Path) -> None:
    start = time.process_time()
    made = build(tmp_path)
    assert time.process_time() - start < 6
    assert rows(made.crm, "SELECT count(*) FROM contacts") == [(2000,)]
    assert made.crm.stat().st_size + made.tracking.stat().st_size < 40_000_000


def test_a_complete_folder_is_never_touched_again(tmp_path: Path) -> None:
    made = build(tmp_path, people=60, big_events=100)
    with closing(sqlite3.connect(made.tracking)) as db, db:
        db.execute("DELETE FROM messages WHERE recipient = ?", (ANA,))
    build(tmp_path, people=60, big_events=100)
    assert rows(made.tracking, "SELECT count(*) FROM messages WHERE recipient = ?", ANA) == [(0,)]


def test_a_half_built_folder_is_made_anew(tmp_path: Path) -> None:
    whole = build(tmp_path / "whole", people=60, big_events=100)
    broken = tmp_path / "broken"
    broken.mkdir()
    (broken / "crm.sqlite3").write_bytes(b"half a file")
    (broken / "crm.sqlite3-wal").write_bytes(b"left behind")
    made = build(broken, people=60, big_events=100)
    assert dump(made.crm) == dump(whole.crm)
    assert sorted(path.name for path in broken.iterdir()) == sorted(
        path.name for path in whole.folder.iterdir()
    )


def test_a_folder_built_with_other_numbers_is_refused(demo: Demo) -> None:
    with pytest.raises(ValueError, match="use another folder or delete this one"):
        build(demo.folder, people=301, big_events=5_000)


@pytest.mark.parametrize(("people", "big_events"), [(39, 0), (100_000, 0), (60, -1)])
def test_numbers_out_of_range_are_refused_before_anything_is_written(
    tmp_path: Path, people: int, big_events: int
) -> None:
    with pytest.raises(ValueError, match="write"):
        build(tmp_path / "none", people=people, big_events=big_events)
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("email", [ANA, EVA])
def test_ana_and_eva_are_in_every_system(demo: Demo, email: str) -> None:
    assert rows(demo.crm, "SELECT count(*) FROM contacts WHERE email = ?", email) == [(1,)]
    assert rows(demo.tracking, "SELECT count(*) > 0 FROM messages WHERE recipient = ?", email) == [(1,)]
    assert [row["status"] for row in subscribers(demo) if row["email"] == email] == ["subscribed"]


def test_every_kind_of_row_in_the_crm_hangs_on_ana(demo: Demo) -> None:
    tables = ("deals", "orders", "invoices", "tickets", "notes")
    counts = {t: rows(demo.crm, f"SELECT count(*) FROM {t} WHERE contact_id = 1")[0][0] for t in tables}
    keyed = rows(demo.crm, "SELECT count(*) FROM attributes WHERE entity = 'contact' AND entity_id = 1")
    assert (counts["orders"], counts["invoices"], counts["tickets"], counts["notes"], keyed) == (
        5,
        5,
        2,
        2,
        [(3,)],
    )
    assert counts["deals"] > 0


def test_the_invoices_of_ana_lie_on_both_sides_of_six_years(demo: Demo) -> None:
    issued = rows(demo.crm, "SELECT issued_on FROM invoices WHERE contact_id = 1 ORDER BY 1")
    assert [day for (day,) in issued] == [
        "2017-05-17",
        "2019-11-15",
        "2022-06-20",
        "2024-02-08",
        "2026-09-03",
    ]


def test_three_opens_and_a_click_of_ana_fall_outside_her_consent(demo: Demo) -> None:
    outside = (
        "SELECT count(*) FROM {0} e JOIN messages m ON m.id = e.message_id WHERE m.recipient = ? "
        "AND NOT EXISTS (SELECT 1 FROM consents c WHERE c.email = m.recipient AND c.given_at <= e.{1} "
        "AND (c.withdrawn_at IS NULL OR e.{1} < c.withdrawn_at))"
    )
    assert rows(demo.tracking, outside.format("opens", "opened_at"), ANA) == [(3,)]
    assert rows(demo.tracking, outside.format("clicks", "clicked_at"), ANA) == [(1,)]


def test_ana_forwarded_one_message_to_a_third_person(demo: Demo) -> None:
    found = rows(
        demo.tracking,
        "SELECT forwarded_to FROM forwards f JOIN messages m ON m.id = f.message_id WHERE m.recipient = ?",
        ANA,
    )
    assert found == [("amistad@buzon.example",)]


def test_ana_has_a_second_visitor_that_knows_only_her_customer_number(demo: Demo) -> None:
    found = rows(demo.tracking, "SELECT email FROM visitors WHERE customer_no = 'C-000001' AND email IS NULL")
    assert found == [(None,)]


def test_ana_and_eva_share_address_landline_and_tablet_but_nothing_else(demo: Demo) -> None:
    homes = rows(
        demo.crm, "SELECT household_id, home_phone, phone FROM contacts WHERE email IN (?, ?)", ANA, EVA
    )
    assert homes == [(1, "+34910000012", "+34 600 00 00 01"), (1, "+34910000012", "+34 600 00 00 02")]
    tablet = (
        "SELECT email FROM devices JOIN visitors USING (visitor_id) WHERE device_id = 'dev-5ha2ed7ab1e70001'"
    )
    assert sorted(rows(demo.tracking, tablet)) == [(ANA,), (EVA,)]


def test_one_note_on_another_card_names_the_address_of_ana(demo: Demo) -> None:
    found = rows(demo.crm, "SELECT contact_id FROM notes WHERE contact_id <> 1 AND body LIKE ?", f"%{ANA}%")
    assert found == [(23,)]


def test_an_address_with_a_tag_is_another_line_of_the_list(demo: Demo) -> None:
    listed = sorted(row["email"] for row in subscribers(demo) if row["email"].startswith("ana.garcia"))
    assert listed == ["ana.garcia+promo@correo.example", ANA]


def test_the_family_shares_one_address_and_one_mailbox(demo: Demo) -> None:
    found = rows(demo.crm, "SELECT id, household_id FROM contacts WHERE email = ? ORDER BY id", SHARED)
    assert found == [(3, 2), (4, 2), (5, 2)]


def test_generated_families_share_addresses_too(demo: Demo) -> None:
    shared = "SELECT 1 FROM contacts WHERE id > 22 GROUP BY {} HAVING count(*) > 2"
    assert len(rows(demo.crm, shared.format("household_id"))) >= 10
    assert len(rows(demo.crm, shared.format("household_id, email") + " AND email LIKE 'familia.%'")) >= 5


def test_one_phone_is_written_in_four_ways(demo: Demo) -> None:
    found = rows(demo.crm, "SELECT phone FROM contacts WHERE id BETWEEN 12 AND 15 ORDER BY id")
    assert [phone for (phone,) in found] == ["+34 600 00 00 12", "600000012", "0034600000012", "600-00-00-12"]


def test_the_child_is_reached_only_by_the_address_of_the_guardian(demo: Demo) -> None:
    child, guardian = demo.cast["child"], demo.cast["guardian"]
    found = rows(demo.crm, "SELECT email, phone, guardian_id FROM contacts WHERE id = ?", child.number)
    assert found == [(guardian.email, None, guardian.number)]


def test_a_second_address_of_the_crm_is_the_only_one_tracked(demo: Demo) -> None:
    member = demo.cast["second_address"]
    sent = "SELECT count(*) > 0 FROM messages WHERE recipient = ?"
    assert rows(demo.tracking, sent, member.email) == [(0,)]
    assert rows(demo.tracking, sent, member.others[0]) == [(1,)]
    assert rows(demo.crm, "SELECT email_2 FROM contacts WHERE id = ?", member.number) == [member.others]


def test_one_person_is_known_by_phone_alone(demo: Demo) -> None:
    found = rows(
        demo.crm, "SELECT email, email_2, phone FROM contacts WHERE id = ?", demo.cast["phone_only"].number
    )
    assert found == [(None, None, "+573000000011")]


def test_one_address_is_spelled_in_three_cases(demo: Demo) -> None:
    card = rows(demo.crm, "SELECT email FROM contacts WHERE id = 16")[0][0]
    tracked = rows(demo.tracking, "SELECT DISTINCT recipient FROM messages WHERE recipient LIKE 'concha%'")[
        0
    ][0]
    listed = next(row["email"] for row in subscribers(demo) if row["email"].lower().startswith("concha"))
    assert [card, tracked, listed] == [
        "CONCHA.INIGUEZ@Correo.Example",
        "concha.iniguez@correo.example",
        "Concha.Iniguez@correo.example",
    ]


def test_a_namesake_and_two_look_alikes_are_other_people(demo: Demo) -> None:
    assert rows(demo.crm, "SELECT id FROM contacts WHERE name = 'Ana García Ruiz' ORDER BY id") == [
        (1,),
        (8,),
    ]
    alike = rows(demo.crm, "SELECT id FROM contacts WHERE email LIKE '_na_garcia@correo.example' ORDER BY id")
    assert alike == [(1,), (20,), (21,)]


def test_every_identifier_of_the_cast_can_be_typed_into_a_form(demo: Demo) -> None:
    typed = [("email", email) for m in demo.cast.values() for email in (m.email, *m.others) if email]
    typed += [("phone", m.phone) for m in demo.cast.values() if m.phone]
    typed += [("customer_number", m.customer_no) for m in demo.cast.values()]
    assert len([canonical(kind, value) for kind, value in typed]) == len(typed)


def test_no_address_belongs_to_anybody_real(demo: Demo) -> None:
    held = rows(demo.crm, "SELECT email FROM contacts WHERE email IS NOT NULL")
    held += rows(demo.tracking, "SELECT recipient FROM messages UNION SELECT forwarded_to FROM forwards")
    domains = {email.rpartition("@")[2].lower() for (email,) in held}
    assert [d for d in domains if not d.endswith((".example", "example.com", "example.org"))] == []


def test_rows_of_a_deal_and_of_a_contact_with_the_same_number_are_of_different_people(demo: Demo) -> None:
    assert rows(demo.crm, "SELECT count(*) FROM deals WHERE id = 1 AND contact_id = 1") == [(0,)]


def test_the_agenda_of_the_salesperson_is_a_place_with_ana_and_a_formula(demo: Demo) -> None:
    with demo.agenda.open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    assert lines[1][:3] == ["Ana García Ruiz", "+34 600 00 00 01", ANA]
    assert (len(lines), lines[-1][4]) == (43, "=CONTARA(A2:A42)")


@pytest.mark.parametrize("system", ["crm", "tracking"])
def test_the_map_names_every_table_and_column_of_its_store(demo: Demo, system: str) -> None:
    told = {c["name"]: [f["name"] for f in c["fields"]] for c in collections(demo, system)}
    store = {"crm": demo.crm, "tracking": demo.tracking}[system]
    real = {
        table: [column for (column,) in rows(store, "SELECT name FROM pragma_table_info(?)", table)]
        for (table,) in rows(store, "SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    assert told == real


def test_the_map_of_the_list_names_its_columns(demo: Demo) -> None:
    told = [field["name"] for field in collections(demo, "mailing")[0]["fields"]]
    assert told == list(next(subscribers(demo)))


@pytest.mark.parametrize("system", ["crm", "tracking", "mailing"])
def test_every_word_for_people_in_a_map_comes_in_three_languages(demo: Demo, system: str) -> None:
    ours = yaml.safe_load(demo.maps[system].read_text(encoding="utf-8"))["dsr"]
    assert [text for text in texts(ours) if set(text) != {"es", "en", "pt"}] == []


@pytest.mark.parametrize("system", ["crm", "tracking", "mailing"])
def test_the_maps_leave_no_question_about_rows_of_the_person(demo: Demo, system: str) -> None:
    path = demo.maps[system]
    hers = [c for c in load(path.read_text(encoding="utf-8"), path.name).collections if c.owner == "subject"]
    unsaid = [c.name for c in hers if not c.basis or not c.erase or c.restrict == "unknown"]
    assert unsaid + [f.name for c in hers for f in c.fields if f.origin == "unknown"] == []


def collections(demo: Demo, system: str) -> list[dict[str, Any]]:
    loaded = yaml.safe_load(demo.maps[system].read_text(encoding="utf-8"))
    return list(loaded["dataset"][0]["collections"])


def texts(node: Any) -> Iterator[dict[str, Any]]:
    """Every mapping that has a language for a key."""
    if isinstance(node, dict) and {"es", "en", "pt"} & set(node):
        yield node
    children: Callable[[], Any] = node.values if isinstance(node, dict) else lambda: node
    if isinstance(node, dict | list):
        for child in children():
            yield from texts(child)


def test_a_recipient_that_two_tables_name_differently_is_told_once(demo: Demo, tmp_path: Path) -> None:
    (tmp_path / "controllers.toml").write_text(stage.CONTROLLERS_TOML)
    (controller,) = stage.settings(tmp_path).controllers
    told = yaml.safe_load(demo.maps["crm"].read_text(encoding="utf-8"))["dsr"]["collections"].values()
    couriers = [
        name for one in told for name in one.get("recipients", ()) if name["en"].startswith("Courier")
    ]

    assert len({name["es"] for name in couriers}) == 2
    assert len({slug_of(name, controller) for name in couriers}) == 1
