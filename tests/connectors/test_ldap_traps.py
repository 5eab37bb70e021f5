"""Traps of a real directory: patterns, last members, what stays in groups, names, bytes, namesakes."""

from __future__ import annotations

import base64
from dataclasses import replace

import pytest

from connectors.ldap import names
from directory import GROUPS, KEEPER, PEOPLE, STAFF, Case, Office, dn, person_ldif, uid
from dsr.contract import Action, Change, Found, Identifier, Match, State, Subject, Verb
from dsr.testing import ANA, EVA, crowd
from road import email
from servers.slapd import BASE, Slapd

pytestmark = pytest.mark.live
MINE = email(ANA.email)
PICTURE = bytes([0xFF, 0xD8, 0x00, 0x0A, 0xFE, 0x80]) * 40


@pytest.fixture
def office(slapd: Slapd) -> Office:
    office = Office(slapd)
    office.empty()
    office.people([ANA, EVA])
    return office


@pytest.fixture
def case(office: Office) -> Case:
    return Case(office)


HOSTILE = [
    "*", "a*", "*@correo.example", "(", ")", "(|(mail=*))", "ana)(mail=*", "\\", "\\2a", "a\0b", "a\nb", "\u202eana",
    "ana.garcia@correo.example\0", "ana.garcia@correo.example*", "x" * 10_000_000, "ñ" * 1000, "\ud7ff\U0010ffff",
]  # fmt: skip


def test_hostile_values_find_nobody(case: Case) -> None:
    subjects = [Subject(f"s{n}", (email(value),)) for n, value in enumerate(HOSTILE)]

    found = case.open().locate(subjects)

    assert (found.records, {one.found for one in found.searched}) == ((), {Found.NOTHING})


def test_a_stored_star_is_found_by_a_star_alone(office: Office, case: Case) -> None:
    office.people([replace(crowd(1)[0], key="star", email="*@correo.example")])

    assert {one.collection for one in case.locate(email("*@correo.example"))} == {"entries", "memberships"}
    assert {one.anchor[1][1] for one in case.locate(email("*@correo.example"))} == {f"uid=star.x,{PEOPLE}"}


def test_case_of_an_address_does_not_matter_and_is_shown_as_stored(office: Office, case: Case) -> None:
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nreplace: mail\nmail: Ana.GARCIA@correo.example")

    assert {one.seen[0] for one in case.locate(MINE)} == {("email", "Ana.GARCIA@correo.example")}


def test_other_identifiers_of_her_entry_are_revealed(case: Case) -> None:
    revealed = {(one.kind, one.value) for record in case.locate(MINE) for one in record.reveals}

    assert revealed == {("email", ANA.email), ("phone", ANA.phone), ("username", uid("ana"))}


def test_a_phone_with_spaces_is_found(office: Office, case: Case) -> None:
    office.modify(
        f"dn: {dn(ANA)}\nchangetype: modify\nreplace: telephoneNumber\ntelephoneNumber: +34 600 100 101"
    )

    found = case.locate(Identifier("phone", ANA.phone))

    assert {(one.match, one.anchor[1][1]) for one in found} == {(Match.EXACT, dn(ANA))}


def test_a_group_with_her_address_is_only_proposed(office: Office, case: Case) -> None:
    office.add(
        f"dn: cn=list,{GROUPS}\nobjectClass: groupOfNames\nobjectClass: extensibleObject\ncn: list\n"
        f"member: {KEEPER}\nmail: {ANA.email}"
    )

    proposed = {one.anchor[1][1] for one in case.locate(MINE) if one.match is Match.PROPOSED}

    assert proposed == {f"cn=list,{GROUPS}"}


def test_a_text_in_somebody_elses_entry_is_shown_withheld_and_stays(office: Office, case: Case) -> None:
    office.modify(
        f"dn: {dn(EVA)}\nchangetype: modify\nadd: description\ndescription: Sustituye a {ANA.email}."
    )
    before = office.content()

    (mention,) = [one for one in case.locate(MINE) if one.match is Match.MENTIONED]
    rows = case.open().read([mention]).rows
    step = case.plan(Action.ERASE, MINE, records=(mention,))
    outcome = case.act(step)

    assert (mention.collection, mention.path, mention.others) == ("entries", ("mentioned",), 1)
    assert [set(row.values) - set(row.withheld) for _, row in rows] == [set()]
    assert [(one.verb, one.count) for one in step.items] == [(Verb.KEEP, 1)]
    assert [one.kept for one in outcome.items] == [1]
    assert office.content() == before


def test_texts_are_not_looked_through_where_the_settings_say_so(office: Office) -> None:
    office.modify(
        f"dn: {dn(EVA)}\nchangetype: modify\nadd: description\ndescription: Sustituye a {ANA.email}."
    )
    found = Case(office, mentions=[]).locate(MINE)
    assert {one.match for one in found} == {Match.EXACT}


def test_the_old_value_is_corrected_in_every_attribute(office: Office, case: Case) -> None:
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", "Ana Nueva", ANA.name),))
    outcome = case.act(step)
    names = {one: office.values(dn(ANA), one) for one in ("cn", "sn", "displayName")}
    assert (outcome.state, names) == (
        State.DONE,
        {"cn": ["Ana Nueva"], "sn": ["Ana Nueva"], "displayName": ["Ana Nueva"]},
    )


def test_the_last_member_of_a_group_is_a_conflict(office: Office, case: Case) -> None:
    office.add(f"dn: cn=alone,{GROUPS}\nobjectClass: groupOfNames\ncn: alone\nmember: {dn(ANA)}")

    step = case.plan(Action.ERASE, MINE)

    assert [one.kind for one in step.conflicts] == ["last_member"]


def test_becoming_the_last_member_after_the_plan_is_a_conflict(office: Office, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    office.modify(f"dn: {STAFF}\nchangetype: modify\nreplace: member\nmember: {dn(ANA)}")
    before = office.content()

    assert (case.act(step).state, office.content()) == (State.CONFLICT, before)


def test_a_placeholder_takes_the_last_place_and_leaves_it_again(office: Office) -> None:
    office.add(f"dn: cn=alone,{GROUPS}\nobjectClass: groupOfNames\ncn: alone\nmember: {dn(ANA)}")
    case = Case(office, placeholder=KEEPER)
    before = office.content()

    aside = case.act(case.plan(Action.RESTRICT, MINE))
    assert (aside.state, office.values(f"cn=alone,{GROUPS}", "member")) == (State.DONE, [KEEPER])
    lifted = case.act(case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals)))

    assert (lifted.state, office.content()) == (State.DONE, before)


def test_an_entry_deleted_by_somebody_else_still_leaves_the_groups(office: Office, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    office.server.client("ldapdelete", "-r", dn(ANA))
    assert office.hers(ANA) == {"entries": 0, "memberships": 3}

    outcome = case.act(step)

    assert (outcome.state, office.hers(ANA)) == (State.DONE, {"entries": 0, "memberships": 0})
    assert case.verify(step, outcome) == ()


def test_a_new_entry_of_the_same_name_keeps_its_groups(office: Office, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    office.server.client("ldapdelete", "-r", dn(ANA))
    office.add(person_ldif(replace(ANA, email="otra@correo.example")))
    before = office.content()

    assert case.act(step).state is State.ALREADY
    assert office.content() == before


def test_a_manager_is_taken_out_of_the_entries_that_name_her(office: Office, case: Case) -> None:
    office.modify(f"dn: {dn(EVA)}\nchangetype: modify\nadd: manager\nmanager: UID=ANA.X, OU=People,{BASE}")

    outcome = case.act(case.plan(Action.ERASE, MINE))

    assert (outcome.state, office.values(dn(EVA), "manager")) == (State.DONE, [])


def test_somebody_elses_entry_below_hers_is_a_conflict(office: Office, case: Case) -> None:
    office.add(
        f"dn: uid=child,{dn(ANA)}\nobjectClass: inetOrgPerson\nuid: child\ncn: C\nsn: C\nmail: otra@correo.example"
    )

    assert [one.kind for one in case.plan(Action.ERASE, MINE).conflicts] == ["shared"]


def test_an_entry_below_that_came_after_the_plan_goes_too(office: Office, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    office.add(f"dn: cn=phone,cn=laptop,{dn(ANA)}\nobjectClass: device\ncn: phone")

    outcome = case.act(step)

    assert (outcome.state, sum(one.changed for one in outcome.items)) == (State.DONE, 6)
    assert office.hers(ANA) == {"entries": 0, "memberships": 0}


def test_somebody_elses_entry_that_came_below_hers_stays(office: Office, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    office.add(
        f"dn: uid=child,{dn(ANA)}\nobjectClass: inetOrgPerson\nuid: child\ncn: C\nsn: C\nmail: otra@correo.example"
    )
    before = office.content()

    assert (case.act(step).state, office.content()) == (State.CONFLICT, before)


def test_a_renamed_entry_is_a_conflict(office: Office, case: Case) -> None:
    step = case.plan(Action.ERASE, MINE)
    office.modify(f"dn: {dn(ANA)}\nchangetype: modrdn\nnewrdn: uid=otra.x\ndeleteoldrdn: 0")
    before = office.content()

    assert (case.act(step).state, office.content()) == (State.CONFLICT, before)


NASTY = "uid=a\\2Cb\\2B\\22\\5C\\C3\\B1 c\\#"


def test_names_with_commas_and_quotes_are_erased_and_come_back(office: Office, case: Case) -> None:
    name = f"{NASTY},{PEOPLE}"
    office.add(
        f"dn: {name}\nobjectClass: inetOrgPerson\ncn: Rara\nsn: Rara\nmail: rara@correo.example\n"
        f"jpegPhoto:: {base64.b64encode(PICTURE).decode()}\nuserPassword: secreto\ndescription;lang-es: Hola"
    )
    office.modify(f"dn: {STAFF}\nchangetype: modify\nadd: member\nmember: {name}")
    before = office.content()

    aside = case.act(case.plan(Action.RESTRICT, email("rara@correo.example")))
    gone = office.content()
    lifted = case.act(
        case.plan(Action.LIFT, email("rara@correo.example"), seals=tuple(one.id for one in aside.seals))
    )

    assert (aside.state, "rara@correo.example" in gone, lifted.state) == (State.DONE, False, State.DONE)
    assert office.content() == before


def test_a_password_is_never_handed_out_nor_sealed_for_an_authority(office: Office, case: Case) -> None:
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nadd: userPassword\nuserPassword: secreto")
    connector = case.open()
    rows = [row for _, row in connector.read(case.locate(MINE)).rows]

    outcome = case.act(case.plan(Action.ERASE, MINE, block=True))
    sealed = [row for one in outcome.seals for row in case.keeper.rows(one.id)]

    assert len(sealed) == len(rows) == 5
    assert [name for row in (*rows, *sealed) for name in row.values if "assword" in name] == []


def test_a_restored_entry_knows_its_password(office: Office, case: Case) -> None:
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nadd: userPassword\nuserPassword: secreto")
    before = office.content()

    aside = case.act(case.plan(Action.RESTRICT, MINE))
    case.act(case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals)))

    assert office.content() == before


def test_nothing_is_put_where_somebody_else_is_now(office: Office, case: Case) -> None:
    aside = case.act(case.plan(Action.RESTRICT, MINE))
    office.add(person_ldif(replace(ANA, email="otra@correo.example")))
    before = office.content()

    lifted = case.act(case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in aside.seals)))

    assert (lifted.state, office.content()) == (State.CONFLICT, before)


def test_a_mark_is_set_and_taken_off_again(office: Office) -> None:
    case = Case(office, restrict="mark", mark={"attribute": "employeeType", "value": "restricted"})
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nadd: employeeType\nemployeeType: staff")
    before = office.content()

    step = case.plan(Action.RESTRICT, MINE)
    marked = case.act(step)
    assert (marked.state, office.values(dn(ANA), "employeeType")) == (State.DONE, ["restricted"])
    assert (case.act(step).state, case.verify(step, marked)) == (State.ALREADY, ())
    lift = case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in marked.seals))
    lifted = case.act(lift)

    assert (lifted.state, office.content(), case.verify(lift, lifted)) == (State.DONE, before, ())


def test_a_mark_that_somebody_changed_since_stays(office: Office) -> None:
    case = Case(office, restrict="mark", mark={"attribute": "employeeType", "value": "restricted"})
    marked = case.act(case.plan(Action.RESTRICT, MINE))
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nreplace: employeeType\nemployeeType: left")
    before = office.content()

    lifted = case.act(case.plan(Action.LIFT, MINE, seals=tuple(one.id for one in marked.seals)))

    assert (lifted.state, office.content()) == (State.ALREADY, before)


@pytest.mark.parametrize(
    ("change", "values"),
    [
        (
            Change("user.contact.phone_number", "+34600999000", "+34600200200"),
            ["+34600100101", "+34600999000"],
        ),
        (Change("user.contact.phone_number", None, "+34600200200"), ["+34600100101"]),
    ],
)
def test_one_value_among_several_is_corrected(
    office: Office, case: Case, change: Change, values: list[str]
) -> None:
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nadd: telephoneNumber\ntelephoneNumber: +34600200200")

    step = case.plan(Action.RECTIFY, MINE, changes=(change,))
    first, again = case.act(step), case.act(step)

    assert (first.state, again.state) == (State.DONE, State.ALREADY)
    assert office.values(dn(ANA), "telephoneNumber") == values


def test_her_own_address_can_be_corrected(office: Office, case: Case) -> None:
    step = case.plan(
        Action.RECTIFY, MINE, changes=(Change("user.contact.email", "ana.nueva@correo.example"),)
    )
    first, again = case.act(step), case.act(step)

    assert (first.state, again.state, case.verify(step, first)) == (State.DONE, State.ALREADY, ())
    assert office.values(dn(ANA), "mail") == ["ana.nueva@correo.example"]


def test_a_value_changed_after_the_plan_is_a_conflict(office: Office, case: Case) -> None:
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", "Ana Corregida"),))
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nreplace: displayName\ndisplayName: Anita")

    assert (case.act(step).state, office.values(dn(ANA), "displayName")) == (State.CONFLICT, ["Anita"])


def test_what_makes_the_name_of_an_entry_is_not_corrected(office: Office, case: Case) -> None:
    office.add(
        f"dn: cn=Rara,{PEOPLE}\nobjectClass: inetOrgPerson\ncn: Rara\nsn: R\nmail: rara@correo.example"
    )
    change = Change("user.name", "Otra", "Rara")

    step = case.plan(Action.RECTIFY, email("rara@correo.example"), changes=(change,))

    assert ([one.kind for one in step.conflicts], step.items) == (["key"], ())


@pytest.mark.parametrize("value", ["", " ", "a\0b", "x" * 5000, 7])
def test_a_value_that_cannot_be_held_is_a_conflict(case: Case, value: object) -> None:
    step = case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", value),))

    assert [one.kind for one in step.conflicts] in (["type"], ["length"])


def test_a_value_with_odd_letters_is_written_as_it_is(office: Office, case: Case) -> None:
    odd = "Ana \u202e(*)\\ ñ"

    outcome = case.act(case.plan(Action.RECTIFY, MINE, changes=(Change("user.name", odd),)))

    assert outcome.state is State.DONE
    assert f"displayName:: {base64.b64encode(odd.encode()).decode()}" in office.content()


def test_a_claim_with_her_namesake_is_kept_apart(case: Case) -> None:
    subject = Subject("ana", (MINE,), (email(EVA.email),))

    found = case.open().locate([subject]).records

    assert {(one.anchor[1][1], one.match) for one in found} == {
        (dn(ANA), Match.EXACT), (dn(EVA), Match.PROPOSED),
    }  # fmt: skip


def test_an_entry_of_two_people_of_a_batch_is_shared_and_stays(office: Office, case: Case) -> None:
    office.modify(f"dn: {dn(ANA)}\nchangetype: modify\nadd: mail\nmail: {EVA.email}")
    people = [Subject("ana", (MINE,)), Subject("eva", (email(EVA.email),))]
    found = case.open().locate(people).records
    shared = tuple(one for one in found if one.anchor[1][1] == dn(ANA))

    step = case.plan(Action.ERASE, MINE, records=tuple(one for one in shared if one.subject == "ana"))

    assert {one.match for one in shared} == {Match.SHARED}
    assert {item.verb for item in step.items} == {Verb.KEEP}


def test_more_people_than_the_server_gives_at_once_are_paged(office: Office) -> None:
    office.people([replace(one, phone="+34600777777") for one in crowd(620)])

    found = Case(office).locate(Identifier("phone", "+34600777777"))

    assert sum(one.count for one in found if one.collection == "entries") == 1240


def test_names_are_compared_without_case_and_escapes() -> None:
    assert names.folded("CN=a\\2cB+uid=X , DC=Example") == names.folded("uid=x+cn=A\\,b,dc=example")
    assert names.is_below("cn=a\\,b,ou=x,dc=y", "OU=X, DC=Y")
    assert not names.is_below("cn=ou=x\\,dc=y", "dc=y,dc=z")
    assert names.equal("mail", "*)(a=\0") == "(mail=\\2a\\29\\28a\\3d\\00)"
