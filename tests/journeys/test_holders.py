"""A place that no program reaches: colleagues are asked, and what they say enters the case."""

import io
import json
import shutil
import zipfile
from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SystemConfig
from dsr.services import clock, returning, review, sealing, tasks
from dsr.services.intake import Wanted
from dsr.services.tasks import Answer, Handed
from dsr.store import files
from dsr.store.models import Work
from dsr.store.operations import Package
from dsr.store.queries import people
from office import ALL, ARCHIVE, DESK, PAPER, Office
from stage import NOW, OLGA, begin_lift, installation, work

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
LATER = NOW + timedelta(days=1)


@pytest.fixture
def office(tmp_path, built):
    """The tracking store of the demo beside the paper archive."""
    shutil.copytree(built.folder, tmp_path / "data")
    tracking = SystemConfig(
        key="tracking",
        kind="sql",
        title="Seguimiento",
        controllers=("acme",),
        settings={
            "url": f"sqlite:///{tmp_path}/data/tracking.sqlite3",
            "map": built.maps["tracking"].read_text("utf-8"),
            "map_name": "tracking.yaml",
        },
        acting=ALL,
    )
    with installation(tmp_path / "instance", [tracking, PAPER]):
        yield Office(tmp_path / "instance", built.cast["ana"].email)


def test_an_erasure_in_a_paper_archive_down_the_whole_road(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2, "Armario 3"))
    office.say(DESK, Answer("nothing"))

    planned = office.lines(reference)
    waiting = office.approve(reference)
    asked = (waiting.status, waiting.failed)
    office.say(ARCHIVE, Answer("done", note="Retirados y bajo llave"))

    case = office.case(reference)
    assert planned == [("seal_then_delete", 2)]
    assert asked == ("attention", False)
    assert (case.status, case.ending) == ("answered", "done")
    told = office.letter(reference).partition("Se bloquearon y se retiraron 2 ")[2]
    assert told.partition(", el lunes")[0] == (
        "registros de « Documentos » en Archivo en papel "
        "(nos lo confirma quien lo guarda; ningún programa puede comprobarlo)"
    )


def test_what_rests_on_a_persons_word_is_never_called_read_back(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2, "Armario 3"))
    office.say(DESK, Answer("nothing"))
    case = office.approve(reference)
    office.say(ARCHIVE, Answer("done", note="Destruidos"))

    with store.reading() as session:
        row = session.scalars(select(Work).where(Work.case_id == case.id, Work.system == "paper")).one()
        assert (row.state, row.verified, row.outcome["receipt"]) == ("done", "stated", "stated")
        number = row.id
    clock.tick(now=NOW + timedelta(days=8))
    returning.sweep("acme", "paper", now=NOW + timedelta(days=9))
    with store.reading() as session:
        row = session.get_one(Work, number)
        assert (row.verified, row.check_after) == ("stated", None), "nor does it wait to be read"


def test_while_a_holder_is_silent_no_letter_says_that_everything_was_searched(office):
    (reference,) = office.submit("erasure")
    office.say(DESK, Answer("nothing"))

    office.approve(reference)

    assert "Todavía no se ha podido buscar en todas partes. Falta: Archivo en papel." in office.letter(
        reference
    )


def test_what_is_found_after_the_answer_comes_before_an_officer(office):
    (reference,) = office.submit("erasure")
    office.approve(reference)
    office.say(DESK, Answer("nothing"))
    office.say(ARCHIVE, Answer("found", 1))
    told = (office.case(reference).status, office.searched(reference))

    clock.tick(now=NOW)
    work()

    assert told == ("answered", ("not_answered", 0))
    assert (office.case(reference).status, office.searched(reference)) == ("review", ("found", 1))


def test_what_a_holder_finds_while_the_person_is_asked_is_in_the_plan_that_can_be_approved(office):
    (reference,) = office.submit("erasure")
    office.say(DESK, Answer("nothing"))
    older = office.plan_hash(reference)
    review.pause(reference, "¿De qué tienda habla?", by=OLGA, now=NOW)
    office.say(ARCHIVE, Answer("found", 2, "Armario 3"))

    review.resume(reference, by=OLGA, now=LATER)

    with pytest.raises(Refusal) as refused:
        review.approve(reference, older, by=OLGA, now=LATER)
    work(LATER)
    assert refused.value.code == "workflow.illegal"
    assert (office.case(reference).status, office.lines(reference)) == (
        "review",
        [("seal_then_delete", 2)],
    )


def test_a_plan_that_is_about_to_be_made_again_cannot_be_approved(office):
    (reference,) = office.submit("erasure")
    office.say(DESK, Answer("nothing"))
    with store.transaction() as tx:
        people.case(tx.session, reference).wake_at = NOW

    with pytest.raises(Refusal) as refused:
        review.approve(reference, office.plan_hash(reference), by=OLGA, now=LATER)

    assert refused.value.code == "plan.stale"


def test_a_copy_that_was_handed_in_lies_in_the_package(office):
    (reference,) = office.submit("access")
    office.say(ARCHIVE, Answer("found", 2, "Armario 3"), Handed("ana garcía.pdf", [PDF]))
    office.say(DESK, Answer("nothing"))

    case = office.approve(reference)

    with store.reading() as session:
        row = session.scalars(select(Package).where(Package.case_id == case.id)).one()
    content = b"".join(files.packages().read(row.file, sealing.key_of(case.submission)))
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.read("attachments/1.pdf") == PDF
    assert json.loads(archive.read("systems/paper/documents.json")) == [
        {"documents": 2, "files": "attachments/1.pdf"}
    ]
    assert (case.status, case.ending) == ("answered", "done")


def test_a_correction_travels_to_the_holder_and_into_the_letter(office):
    change = ("user.name", "Ana García Núñez", "Ana Garcés Núñez")
    (reference,) = office.submit(Wanted("rectification", changes=(change,)))
    office.say(ARCHIVE, Answer("found", 1))
    office.say(DESK, Answer("nothing"))
    office.approve(reference)

    to_do = tasks.question(office.link(ARCHIVE), language="es", now=NOW)
    office.say(ARCHIVE, Answer("done", note="Corregido"))

    assert to_do.changes == (("nombre", "Ana García Núñez", "Ana Garcés Núñez"),)
    assert office.case(reference).status == "answered"
    assert "Archivo en papel (nos lo confirma" in office.letter(reference)


def test_a_restriction_is_lifted_by_the_holder_who_set_it(office):
    (reference,) = office.submit(Wanted("restriction", ground="accuracy", reason="No es correcto"))
    office.say(ARCHIVE, Answer("found", 1))
    office.say(DESK, Answer("nothing"))
    office.approve(reference)
    office.say(ARCHIVE, Answer("done", note="Apartado"))

    begin_lift(reference, now=LATER)
    office.approve(reference, LATER)
    office.say(ARCHIVE, Answer("done", note="Devuelto"), now=LATER)

    acts = [(one.action, one.state) for one in office.tasks(reference) if one.phase == "act"]
    assert acts == [("restrict", "done"), ("lift", "done")]
    assert office.case(reference).status == "answered"


def test_an_objection_stops_at_once_and_is_answered_when_the_holders_have(office):
    (reference,) = office.submit(Wanted("objection", channels=("marketing",)))

    stopped = office.case(reference).status
    office.say(ARCHIVE, Answer("found", 1))
    office.say(DESK, Answer("nothing"))
    asked = office.case(reference).status
    office.say(ARCHIVE, Answer("done", note="Fuera de la lista"))

    assert (stopped, asked) == ("review", "attention")
    assert office.case(reference).status == "answered"


def test_who_answers_after_the_letter_is_heard_and_the_letter_is_completed(office):
    (reference,) = office.submit("erasure")
    first = office.approve(reference)
    promised = (first.status, first.ending, first.promised_on is not None)
    office.say(ARCHIVE, Answer("found", 2, "Armario 3"), now=LATER)
    office.say(DESK, Answer("nothing"), now=LATER)

    clock.tick(now=LATER)
    work(LATER)
    planned = office.lines(reference)
    office.approve(reference, LATER)
    office.say(ARCHIVE, Answer("done", note="Retirados"), now=LATER)

    case = office.case(reference)
    assert promised == ("answered", "partly", True)
    assert planned == [("seal_then_delete", 2)]
    assert (case.status, case.promise_of) == ("answered", None)
    text = office.letter(reference)
    assert "le escribimos que no habíamos podido buscar en todas partes. Faltaba: Archivo en papel." in text
    assert "Se bloquearon y se retiraron 2 registros de « Documentos » en Archivo en papel" in text


def test_while_nobody_answers_the_promise_stands_and_nobody_is_asked_twice(office):
    (reference,) = office.submit("erasure")
    office.approve(reference)
    asked = len(office.tasks(reference))

    for day in range(1, 20):
        clock.tick(now=NOW + timedelta(days=day))
        work(NOW + timedelta(days=day))

    case = office.case(reference)
    assert (case.status, case.promise_of, len(office.tasks(reference))) == ("answered", 1, asked)
