"""Questions to holders: who gets them, what they show, how they are answered once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import clock, intake, review, systems, tasks
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer
from dsr.services.tasks import Answer
from dsr.store.operations import Task
from office import ARCHIVE, DESK, PAPER, Office
from stage import NOW, OLGA, installation, post, text_of, work

LATER = NOW + timedelta(days=1)


@pytest.fixture
def office(tmp_path):
    with installation(tmp_path / "instance", [PAPER]):
        yield Office(tmp_path / "instance", "ana.garcia@correo.example")


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


def test_the_inventory_names_the_place_and_who_answers_for_it(office):
    (view,) = systems.views("acme", now=NOW)

    assert (view.config.kind, view.config.settings["owner"], view.trouble) == ("manual", "Administración", "")


def test_while_the_person_is_waited_for_the_answer_of_a_holder_waits_too(office):
    (reference,) = office.submit("erasure")
    review.pause(reference, "¿De qué tienda habla?", by=OLGA, now=NOW)
    office.say(DESK, Answer("nothing"))
    office.say(ARCHIVE, Answer("found", 2))
    paused = office.case(reference).status

    review.resume(reference, by=OLGA, now=LATER)
    clock.wake(now=LATER)
    work(LATER)

    assert paused == "waiting"
    assert office.lines(reference) == [("seal_then_delete", 2)]


def test_a_new_plan_does_not_ask_again_for_what_was_done(office):
    (reference,) = office.submit("erasure")
    office.say(ARCHIVE, Answer("found", 2))
    office.say(DESK, Answer("found", 1))
    office.approve(reference)
    office.say(ARCHIVE, Answer("done", note="Destruidos"))

    review.retry(reference, by=OLGA, now=NOW)
    work()
    tasks.complete(office.tasks(reference)[1].id, Answer("nothing"), "Era otra Ana", by=OLGA, now=NOW)
    work()
    office.approve(reference)
    clock.wake(now=NOW)
    work()

    assert [one.state for one in office.tasks(reference) if one.phase == "act"] == ["done"]
    assert office.case(reference).status == "answered"
