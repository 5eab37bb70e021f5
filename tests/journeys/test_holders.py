"""A place that no program reaches: colleagues are asked, and what they say enters the case."""

import io
import json
import re
import shutil
import zipfile
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import clock, identity, intake, letters, review, sealing, tasks
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.services.tasks import Answer, Handed
from dsr.store import files
from dsr.store.models import Plan, Search, Work
from dsr.store.operations import Letter, Package, Task
from dsr.store.queries import people
from dsr.store.queries import work as queries
from stage import NOW, OLGA, PAULA, code_in, installation, post, text_of, work

ALL = tuple(right.value for right in Right)
ARCHIVE, DESK = "archivo@acme.example", "mostrador@acme.example"
PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\n"
LATER = NOW + timedelta(days=1)


@dataclass
class Office:
    """A company with a tracking store and a paper archive that two colleagues keep."""

    folder: Path
    ana: str

    def submit(self, *rights, **more):
        """Ana asks and proves her address; the references of her cases."""
        known = {
            "controller": "acme",
            "language": "es",
            "jurisdiction": "ES",
            "country": "ES",
            "rights": tuple(one if isinstance(one, Wanted) else Wanted(one) for one in rights),
            "identifiers": (("email", self.ana),),
            "name": "Ana García Núñez",
        }
        receipt = intake.submit(Filing(**(known | more)), by="person", now=NOW)
        sent = [mail for mail in post(self.folder) if mail["To"] == self.ana]
        identity.confirm_code(receipt.reference, code_in(sent[-1]), now=NOW)
        work()
        return receipt.cases

    def link(self, holder, now=NOW):
        """The token of the mail to a holder that still opens a question."""
        texts = [text_of(one) for one in post(self.folder, now) if one["To"] == holder]
        tokens = [re.search(r"/t/([\w-]+)", text)[1] for text in texts]
        (link,) = [one for one in tokens if tasks.question(one, language="es", now=now)]
        return link

    def say(self, holder, answer, *handed, now=NOW):
        """A holder answers by her newest link, and the work that follows is done."""
        assert tasks.answer(self.link(holder, now), answer, handed, now=now)
        work(now)

    def case(self, reference):
        with store.reading() as session:
            found = people.case(session, reference)
            assert found.submission.identifiers
            return found

    def lines(self, reference):
        """The plan of a case for the archive: (verb, count)."""
        with store.reading() as session:
            found = queries.latest_plans(session, [people.case(session, reference).id])
        (plan,) = found.values()
        return [(one["verb"], one["count"]) for one in plan.summary if one["system"] == "paper"]

    def searched(self, reference):
        """What the archive answered in the current search: (found, count)."""
        case = self.case(reference)
        with store.reading() as session:
            rows = session.scalars(select(Search).where(Search.case_id == case.id, Search.system == "paper"))
            return next((r.found, r.count) for r in rows if r.generation == case.generation)

    def approve(self, reference, now=NOW):
        """Olga and Paula approve what is shown; the work is done."""
        shown = self.plan_hash(reference)
        if review.approve(reference, shown, by=OLGA, now=now) == "second":
            review.second_approve(reference, shown, by=PAULA, now=now)
        work(now)
        return self.case(reference)

    def plan_hash(self, reference):
        case = self.case(reference)
        with store.reading() as session:
            return session.scalar(
                select(Plan.hash).where(Plan.case_id == case.id, Plan.generation == case.generation)
            )

    def letter(self, reference):
        """The newest letter of a case as a person reads it."""
        case = self.case(reference)
        with store.reading() as session:
            row = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)).all()[
                -1
            ]
            return " ".join(re.sub(r"<[^>]+>", " ", letters.text(row, case.submission)).split())

    def tasks(self, reference):
        case = self.case(reference)
        with store.reading() as session:
            return tasks.of_case(session, case.id, language="es")


@pytest.fixture
def office(tmp_path, built):
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
    paper = SystemConfig(
        key="paper",
        kind="manual",
        title="Archivo en papel",
        controllers=("acme",),
        settings={
            "title": {"es": "Archivo en papel", "en": "Paper archive", "pt": "Arquivo em papel"},
            "owner": "Administración",
            "categories": ["user.name", "user.contact"],
            "checklist": {"all": ["Contratos"], "erasure": ["Fichas antiguas"]},
        },
        acting=ALL,
        holders=(ARCHIVE, DESK),
    )
    with installation(tmp_path / "instance", [tracking, paper]):
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
    assert (
        "Se bloquearon y se retiraron 2 de Documentos en Archivo en papel (nos lo confirma"
        in office.letter(reference)
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
    clock.tick(now=NOW + timedelta(days=8))
    with store.reading() as session:
        assert session.get_one(Work, row.id).verified == "stated"


def test_every_holder_is_asked_once_with_a_link_of_her_own(office):
    office.submit("access", "erasure")

    asked = [mail["To"] for mail in post(office.folder) if "/t/" in text_of(mail)]

    assert sorted(asked) == [ARCHIVE, DESK]
    assert office.link(ARCHIVE) != office.link(DESK)


def test_nobody_is_asked_before_identity_is_proved(office):
    filing = Filing("acme", "es", "ES", (Wanted("access"),), (("email", office.ana),), name="Ana")
    intake.submit(filing, by="person", now=NOW)

    assert [mail["To"] for mail in post(office.folder)] == [office.ana]


def test_the_link_shows_who_to_look_for_and_where(office):
    office.submit("erasure")

    asked = tasks.question(office.link(ARCHIVE), language="en", now=NOW)

    assert (asked.place, asked.person) == ("Paper archive", "Ana García Núñez")
    assert asked.identifiers == (("email", office.ana),)
    assert asked.checklist == ("Fichas antiguas", "Contratos")


def test_a_link_answers_once(office):
    (reference,) = office.submit("erasure")
    link = office.link(ARCHIVE)

    first = tasks.answer(link, Answer("nothing"), now=NOW)
    second = tasks.answer(link, Answer("found", 9), now=NOW)

    assert (first, second) == (True, False)
    assert tasks.question(link, language="es", now=NOW) is None
    assert [one.state for one in office.tasks(reference)] == ["nothing", "asked"]


def test_evas_guess_and_an_expired_link_open_nothing(office):
    office.submit("erasure")
    link = office.link(ARCHIVE)

    late = NOW + timedelta(days=60)
    guess = link[:-1] + ("A" if link[-1] != "A" else "B")

    assert tasks.question(guess, language="es", now=NOW) is None
    assert tasks.answer(guess, Answer("nothing"), now=NOW) is False
    assert tasks.question(link, language="es", now=late) is None
    assert tasks.answer(link, Answer("nothing"), now=late) is False


def test_only_the_hash_of_a_link_is_kept(office):
    office.submit("erasure")
    link = office.link(ARCHIVE)

    database = b"".join(path.read_bytes() for path in office.folder.glob("dsr.sqlite3*"))

    assert len(link) >= 22
    assert link.encode() not in database
    assert ARCHIVE.encode() not in database


def test_a_place_is_searched_when_every_holder_has_answered(office):
    (reference,) = office.submit("erasure")

    before = office.searched(reference)
    office.say(ARCHIVE, Answer("found", 2))
    half = office.searched(reference)
    office.say(DESK, Answer("found", 1))

    assert (before, half) == (("not_answered", 0), ("not_answered", 0))
    assert office.searched(reference) == ("found", 3)


def test_nothing_needs_no_new_plan(office):
    (reference,) = office.submit("erasure")
    shown = office.plan_hash(reference)

    office.say(ARCHIVE, Answer("nothing"))
    office.say(DESK, Answer("nothing"))

    assert office.searched(reference) == ("nothing", 0)
    assert office.plan_hash(reference) == shown


def test_while_a_holder_is_silent_no_letter_says_that_everything_was_searched(office):
    (reference,) = office.submit("erasure")
    office.say(DESK, Answer("nothing"))

    office.approve(reference)

    assert "Todavía no se ha podido buscar en todas partes. Falta: Archivo en papel." in office.letter(
        reference
    )


def test_what_is_found_after_the_answer_comes_before_an_officer(office):
    (reference,) = office.submit("erasure")
    office.say(DESK, Answer("nothing"))
    office.approve(reference)

    office.say(ARCHIVE, Answer("found", 1))

    case = office.case(reference)
    assert (case.status, case.failed) == ("answered", True)
    assert office.searched(reference) == ("not_answered", 0)


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


def test_who_asks_for_a_copy_gets_one(office):
    office.submit("access")

    with pytest.raises(Refusal) as refused:
        tasks.answer(office.link(ARCHIVE), Answer("found", 2), now=NOW)

    assert refused.value.code == "task.copy"
    assert list((office.folder / "uploads").glob("*")) == []


def test_a_refused_answer_does_not_spend_the_link(office):
    office.submit("erasure")
    link = office.link(ARCHIVE)

    with pytest.raises(Refusal) as refused:
        tasks.answer(link, Answer("found", 0), now=NOW)

    assert refused.value.code == "task.count"
    assert tasks.answer(link, Answer("found", 1), now=NOW)


def test_done_needs_evidence(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 1))
    office.say(DESK, Answer("nothing"))
    office.approve(reference)

    with pytest.raises(Refusal) as refused:
        tasks.answer(office.link(ARCHIVE), Answer("done"), now=NOW)

    assert refused.value.code == "task.evidence"


def test_who_found_something_is_asked_to_act_and_nobody_else(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2, "Armario 3"))
    office.say(DESK, Answer("nothing"))
    office.approve(reference)

    to_do = tasks.question(office.link(ARCHIVE), language="es", now=NOW)

    assert [(one.holder, one.action) for one in office.tasks(reference) if one.phase == "act"] == [
        (ARCHIVE, "erase")
    ]
    assert (to_do.doing, to_do.count, to_do.where) == ("seal_then_delete", 2, "Armario 3")


def test_a_holder_who_cannot_says_so_to_an_officer(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2))
    office.say(DESK, Answer("nothing"))
    office.approve(reference)

    office.say(ARCHIVE, Answer("cannot", note="Hay un pleito abierto"))

    case = office.case(reference)
    assert (case.status, case.failed) == ("attention", True)


def test_an_officer_enters_what_she_was_told_on_the_telephone(office):
    (reference,) = office.submit("erasure")
    first, second = office.tasks(reference)

    tasks.complete(first.id, Answer("found", 3), "Llamada a las 9:30", by=OLGA, now=NOW)
    tasks.complete(second.id, Answer("nothing"), "Llamada a las 9:40", by=OLGA, now=NOW)
    work()

    answered = office.tasks(reference)[0]
    assert (answered.state, answered.count, answered.note, answered.by) == (
        "found",
        3,
        "Llamada a las 9:30",
        OLGA.actor,
    )
    assert office.lines(reference) == [("seal_then_delete", 3)]


def test_an_answer_can_be_corrected_at_the_desk(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2))
    office.say(DESK, Answer("nothing"))

    tasks.complete(office.tasks(reference)[0].id, Answer("nothing"), "Era otra Ana", by=OLGA, now=NOW)
    work()

    assert office.searched(reference) == ("nothing", 0)
    assert office.lines(reference) == []


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

    review.lift(reference, "Comprobado", by=OLGA, now=LATER)
    work(LATER)
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


def test_a_silent_holder_is_reminded_before_the_date_and_once_after(office):
    office.submit("erasure")
    first = office.link(ARCHIVE)

    sent = [tasks.remind(now=NOW + timedelta(days=day)) for day in range(10)]

    assert sent == [0, 0, 0, 0, 0, 2, 0, 0, 2, 0]
    assert tasks.question(first, language="es", now=LATER) is None
    assert office.link(ARCHIVE, NOW + timedelta(days=9)) != first


def test_the_questions_of_a_case_are_not_shown_to_another_company(office):
    (reference,) = office.submit("erasure")
    eva = Officer(number=9, roles=("dpo",), controllers=("other",))

    with pytest.raises(Refusal) as refused:
        tasks.complete(office.tasks(reference)[0].id, Answer("nothing"), "sé que no", by=eva, now=NOW)

    assert refused.value.code == "task.unknown"


def test_nothing_personal_stands_in_the_rows_of_a_task(office):
    office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2, "Armario de Ana García"))

    with store.reading() as session:
        rows = session.scalars(select(Task)).all()
        seen = " ".join(str(vars(row)) for row in rows)

    assert [word for word in ("Armario", "Ana", ARCHIVE) if word in seen] == []
