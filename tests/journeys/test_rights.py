"""Every right down the whole road; the stores are read with another client afterwards."""

import io
import json
import zipfile

from sqlalchemy import select

from dsr import store
from dsr.services import letters, sealing
from dsr.services.intake import Wanted
from dsr.store import files
from dsr.store.models import VaultSeal, Work
from dsr.store.operations import Letter, Package
from stage import begin_lift, post, work

ANA = "ana.garcia@correo.example"


def letter(case):
    """The newest letter of a case, as sent."""
    with store.reading() as session:
        row = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)).all()[-1]
        return row.kind, letters.text(row, case.submission)


def package(case):
    with store.reading() as session:
        row = session.scalars(select(Package).where(Package.case_id == case.id)).one()
    content = b"".join(files.packages().read(row.file, sealing.key_of(case.submission)))
    return zipfile.ZipFile(io.BytesIO(content))


def works(case):
    with store.reading() as session:
        rows = session.scalars(select(Work).where(Work.case_id == case.id).order_by(Work.id))
        return {row.system: (row.state, row.verified) for row in rows}


def test_access_gives_everything_found_in_a_package(place):
    reference = place.submit("access").cases[0]

    case = place.approve(reference)

    archive = package(case)
    contacts = json.loads(archive.read("systems/crm/contacts.json"))
    assert (case.status, case.ending) == ("answered", "done")
    assert [row["email"] for row in contacts] == [ANA]
    assert len(json.loads(archive.read("systems/tracking/opens.json"))) == 11
    assert {"index.html", "letter.html", "manifest.json"} <= set(archive.namelist())


def test_the_access_letter_tells_who_follows_her_mails_and_what_had_no_consent(place):
    reference = place.submit("access").cases[0]

    kind, text = letter(place.approve(reference))

    assert kind == "access"
    assert "Seguimiento" in text
    assert "4" in text


def test_nobody_else_is_in_the_package(place):
    reference = place.submit("access").cases[0]

    archive = package(place.approve(reference))

    for name in archive.namelist():
        assert b"eva.garcia@correo.example" not in archive.read(name), name


def test_the_address_she_forwarded_to_is_withheld_from_her_copy(place):
    reference = place.submit("access").cases[0]

    forwards = json.loads(package(place.approve(reference)).read("systems/tracking/forwards.json"))

    assert [row["_withheld"] for row in forwards] == [["forwarded_to"]] * len(forwards)
    assert [row for row in forwards if "forwarded_to" in row] == []
    assert forwards


def test_an_answer_is_announced_by_a_mail_without_personal_data(place):
    reference = place.submit("access").cases[0]
    place.approve(reference)

    last = post(place.folder)[-1]

    assert last["To"] == ANA
    assert "acceso" not in last["Subject"].lower()


def test_erasure_removes_her_rows_keeps_invoices_and_blocks_what_went(place):
    before = place.rows("crm", "select count(*) from notes where contact_id = 1")[0][0]
    reference = place.submit("erasure").cases[0]

    case = place.approve(reference)

    assert (case.status, case.ending) == ("answered", "partly")
    assert place.rows("crm", "select count(*) from notes where contact_id = 1") == [(0,)]
    assert place.rows("crm", "select count(*) from contacts where email = ?", ANA) == [(0,)]
    assert place.rows("tracking", "select count(*) from visitors where email = ?", ANA) == [(0,)]
    assert place.rows("crm", "select count(*) from invoices where contact_id = 1") == [(3,)]
    assert set(works(case).values()) == {("done", "clean")}
    with store.reading() as session:
        seals = session.scalars(select(VaultSeal)).all()
    assert {seal.purpose for seal in seals} == {"blocked"}
    assert before and sum(seal.rows for seal in seals) > before


def test_eva_is_untouched_by_the_erasure_of_ana(place):
    eva = "select * from contacts where id = 2"
    before = place.rows("crm", eva), place.rows("crm", "select * from notes where contact_id = 2")
    reference = place.submit("erasure").cases[0]

    place.approve(reference)

    assert (place.rows("crm", eva), place.rows("crm", "select * from notes where contact_id = 2")) == before


def test_the_erasure_letter_says_what_is_kept_why_and_until_when(place):
    reference = place.submit("erasure").cases[0]

    kind, text = letter(place.approve(reference))

    assert kind == "erased"
    assert "Código de Comercio" in text
    assert "2032" in text


def test_rectification_changes_every_copy_and_shows_from_and_to(place):
    wanted = Wanted("rectification", changes=(("user.contact.phone_number", "", "+34 600 111 222"),))
    reference = place.submit(wanted).cases[0]

    case = place.approve(reference)

    assert place.rows("crm", "select phone from contacts where id = 1") == [("+34 600 111 222",)]
    assert "+34 600 111 222" in letter(case)[1]
    assert case.ending == "done"


def test_restriction_sets_rows_aside_and_lifting_gives_back_exactly_what_was_there(place):

    whole = "select * from opens order by 1", "select * from clicks order by 1"
    before = [place.rows("tracking", sql) for sql in whole]
    reference = place.submit(Wanted("restriction", ground="accuracy", reason="es falso")).cases[0]
    told = letter(place.approve(reference))
    assert "usted discute que los datos sean exactos" in told[1]
    assert [place.rows("tracking", sql) for sql in whole] != before

    begin_lift(reference)
    case = place.approve(reference)

    assert [place.rows("tracking", sql) for sql in whole] == before
    assert case.status == "answered"


def test_an_objection_to_tracking_is_carried_out_at_once(place):
    reference = place.submit(Wanted("objection", channels=("tracking",))).cases[0]

    case = place.case(reference)

    assert case.status == "answered"
    assert place.rows("tracking", "select tracking_ok from visitors where email = ?", ANA) == [(0,)]
    assert letter(case)[0] == "objection"


def test_an_objection_on_grounds_waits_for_an_officer(place):
    reference = place.submit(Wanted("objection", channels=("grounds",), reason="mi situación")).cases[0]

    assert place.case(reference).status == "review"


def test_withdrawal_of_consent_stops_marketing_at_once(place):
    reference = place.submit(Wanted("withdrawal", channels=("marketing",))).cases[0]

    assert place.case(reference).status == "answered"
    assert letter(place.case(reference))[0] == "withdrawal"


def test_portability_gives_only_provided_and_observed_data_with_a_schema(place):
    reference = place.submit("portability").cases[0]

    archive = package(place.approve(reference))

    contacts = json.loads(archive.read("systems/crm/contacts.json"))[0]
    assert "score" not in contacts
    assert any(name.endswith(".schema.json") for name in archive.namelist())


def test_erasure_waits_until_the_copy_was_made_available(place):
    receipt = place.submit("access", "erasure")
    copy, erasure = receipt.cases
    place.approve(erasure)
    assert place.case(erasure).status == "approved"

    place.approve(copy)
    post(place.folder)
    work()

    assert place.case(erasure).status == "answered"


def test_a_row_that_moved_to_eva_is_a_conflict_and_changes_nothing(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    place.change("crm", "update contacts set email = 'eva.garcia@correo.example' where id = 1")
    notes = place.rows("crm", "select count(*) from notes where contact_id = 1")

    before = place.case(reference).generation
    case = place.approve(reference)

    assert place.rows("crm", "select count(*) from notes where contact_id = 1") == notes
    assert (case.status, case.generation) == ("review", before + 1)


def test_a_system_that_is_gone_is_said_and_the_rest_goes_on(place):
    place.tracking.rename(place.tracking.with_suffix(".away"))
    reference = place.submit("access").cases[0]

    case = place.case(reference)

    assert (case.status, case.failed) == ("review", True)


def test_what_is_proposed_beside_an_objection_waits_for_an_officer(place):
    landline = (("email", ANA), ("phone", "+34 910 000 012"))
    wanted = Wanted("objection", channels=("tracking",))
    reference = place.submit(wanted, identifiers=landline).cases[0]

    assert place.rows("tracking", "select tracking_ok from visitors where email = ?", ANA) == [(0,)]
    assert place.case(reference).status == "review"

    assert place.approve(reference).status == "answered"
