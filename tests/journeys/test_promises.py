"""An answer that could not look everywhere promises to go on: the machine keeps that promise, or an officer ends it."""

import io
import re
import zipfile
from datetime import date, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from sqlalchemy import select, text

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import clock, following, letters, parking, promises, review, sealing
from dsr.store import files
from dsr.store.models import Plan, Work
from dsr.store.operations import AuditEntry, Letter, Package
from dsr.store.queries import desk, office, people
from stage import NOW, OLGA, PAULA, post, work

VERSIONS = Path(store.__file__).parent / "migrations" / "versions"
SOON = NOW + timedelta(hours=2)


@pytest.fixture
def away(place):
    """Takes the tracking store away, and brings it back."""
    hidden = place.tracking.with_suffix(".away")

    def take():
        place.tracking.rename(hidden)

    def bring(*, empty=False):
        hidden.rename(place.tracking)
        tables = (
            place.rows("tracking", "SELECT name FROM sqlite_master WHERE type = 'table'") if empty else ()
        )
        for (table,) in tables:
            place.change("tracking", f"DELETE FROM {table}")

    place.take, place.bring = take, bring
    return place


def answered(place, *rights):
    """Cases that were searched and answered while the tracking store was away."""
    place.take()
    references = place.submit(*rights).cases
    for reference in references:
        place.approve(reference)
        post(place.folder)
        work()
    return references


def told(place, reference):
    """The letters of a case as a person reads them, the oldest first: (kind, text)."""
    case = place.case(reference)
    with store.reading() as session:
        rows = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)).all()
        pages = [letters.text(row, case.submission).partition("<body>")[2] for row in rows]
        plain = [re.sub(r"<[^>]+>", " ", page) for page in pages]
        return [(row.kind, " ".join(said.split())) for row, said in zip(rows, plain, strict=True)]


def package(place, reference):
    """The names and rows of the tables in the newest package."""
    case = place.case(reference)
    with store.reading() as session:
        mine = select(Package).where(Package.case_id == case.id).order_by(Package.id.desc())
        row = session.scalars(mine).first()
        key = sealing.key_of(people.case(session, reference).submission)
    body = b"".join(files.packages().read(row.file, key))
    with zipfile.ZipFile(io.BytesIO(body)) as opened:
        return {name.split("/")[1] for name in opened.namelist() if name.endswith(".csv")}


def hers(place):
    """Ana's rows in the tracking store, read by another client."""
    email = place.demo.cast["ana"].email
    counts = [("visitors", "email"), ("messages", "recipient")]
    return sum(
        place.rows("tracking", f"SELECT count(*) FROM {table} WHERE {column} = ?", email)[0][0]
        for table, column in counts
    )


def packages(place, reference):
    case = place.case(reference)
    with store.reading() as session:
        return len(session.scalars(select(Package).where(Package.case_id == case.id)).all())


def wakes(now=SOON):
    clock.tick(now=now)
    work(now)


def test_a_copy_is_completed_when_the_missing_system_is_back(away):
    (reference,) = answered(away, "access")
    found = away.case(reference)
    first = (found.status, found.ending, found.promised_on)
    before = package(away, reference)
    away.bring()

    wakes()
    planned = away.case(reference).status
    away.approve(reference, now=SOON)

    case = away.case(reference)
    (_, one), (_, two) = [letter for letter in told(away, reference) if letter[0] == "access"]
    assert first == ("answered", "partly", date(2026, 4, 2))
    assert "Falta: tracking. Seguimos con ello y le escribiremos con el resultado, a más tardar el" in one
    assert planned == "review"
    assert (case.status, case.ending, case.promised_on, case.failed) == ("answered", "done", None, False)
    assert (
        "le escribimos que no habíamos podido buscar en todas partes. Faltaba: Seguimiento de correos y de la web."
        in two
    )
    assert "La búsqueda no está completa" not in two
    assert (before, package(away, reference)) == ({"crm"}, {"crm", "tracking"})


def test_an_erasure_is_completed_and_what_was_done_is_not_done_again(away):
    (reference,) = answered(away, "erasure")
    with store.reading() as session:
        case = people.case(session, reference)
        works = session.scalars(select(Work).where(Work.case_id == case.id)).all()
        before = {row.system: row.attempts for row in works}
    away.bring()

    wakes()
    away.approve(reference, now=SOON)

    case = away.case(reference)
    with store.reading() as session:
        works = session.scalars(select(Work).where(Work.case_id == case.id)).all()
        after = {row.system: (row.attempts, row.generation, row.state) for row in works}
    (_, one), (_, two) = told(away, reference)[-2:]
    assert before == {"crm": 1}
    assert after == {"crm": (1, case.generation, "done"), "tracking": (1, case.generation, "done")}
    assert (case.status, case.promised_on) == ("answered", None)
    assert "en CRM comercial" in two
    assert "en Seguimiento de correos" in two
    assert "en Seguimiento de correos" not in one
    assert hers(away) == 0


def test_where_nothing_more_is_found_a_letter_says_so_and_the_copy_stays_as_it_is(away):
    (reference,) = answered(away, "access")
    away.bring(empty=True)

    wakes()
    away.approve(reference, now=SOON)

    case = away.case(reference)
    kind, letter = told(away, reference)[-1]
    assert (case.status, case.ending, case.promise_of) == ("answered", "done", None)
    assert kind == "completed"
    assert "Ahora ya hemos buscado allí. Esta carta completa aquella." in letter
    assert "Seguimiento de correos y de la web: No hay datos suyos" in letter
    assert "Con esto se ha buscado en todas partes." in letter
    assert packages(away, reference) == 1


def test_an_erasure_where_nothing_more_is_found_says_so(away):
    (reference,) = answered(away, "erasure")
    away.bring(empty=True)

    wakes()
    away.approve(reference, now=SOON)

    case = away.case(reference)
    assert (case.status, case.promise_of, told(away, reference)[-1][0]) == ("answered", None, "completed")


def test_a_second_look_needs_the_officer_as_the_first_answer_did(away):
    (reference,) = answered(away, "erasure")
    away.bring()

    wakes()

    assert away.case(reference).status == "review"
    assert hers(away) > 0
    assert review.approve(reference, away.plan_hash(reference), by=OLGA, now=SOON) == "second"


def test_while_the_system_is_away_the_promise_stays_and_nothing_is_closed(away):
    (reference,) = answered(away, "access")
    for day in range(1, 40):
        clock.tick(now=NOW + timedelta(days=day))
        work(NOW + timedelta(days=day))
    clock.close_answered(now=NOW + timedelta(days=40))

    case = away.case(reference)
    letters_of = [kind for kind, _ in told(away, reference)]
    with store.reading() as session:
        plans = session.scalars(select(Plan).where(Plan.case_id == case.id)).all()
        line = desk.review_queue(session, desk.Wanted(("acme",), promised=True))[0]
        reminded = session.scalars(
            select(AuditEntry).where(AuditEntry.kind == "clock.reminded", AuditEntry.reference == reference)
        ).all()
        waits = office.parked(session, "acme")
    assert (case.status, case.promised_on, case.closed_at) == ("answered", date(2026, 4, 2), None)
    assert (letters_of, len(plans)) == (["access"], case.generation)
    assert (line.reference, line.promised_on) == (reference, date(2026, 4, 2))
    assert len(reminded) == 12
    assert waits == {"tracking": 1}


def test_an_officer_looks_again_with_a_button(away):
    (reference,) = answered(away, "access")
    away.bring()

    promises.go_on(reference, by=OLGA, now=NOW)
    work(NOW)

    assert away.case(reference).status == "review"
    with store.reading() as session:
        (said,) = session.scalars(select(AuditEntry).where(AuditEntry.kind == "case.went_on")).all()
    assert (said.actor, said.reference) == ("staff:1", reference)


def test_a_button_that_finds_nothing_changed_leads_back_to_the_answer(away):
    (reference,) = answered(away, "access")
    before = (away.case(reference).generation,) * 2

    promises.go_on(reference, by=OLGA, now=NOW)
    work(NOW)

    case = away.case(reference)
    assert (case.status, case.promise_of, case.generation) == ("answered", *before)
    assert [kind for kind, _ in told(away, reference)] == ["access"]


def test_an_officer_settles_what_will_never_be_searched_and_the_person_is_told(away):
    (reference,) = answered(away, "access")

    promises.settle(reference, "Ese sistema se dio de baja en febrero", by=OLGA, now=SOON)
    clock.tick(now=SOON + timedelta(days=13))
    early = away.case(reference).status
    clock.tick(now=SOON + timedelta(days=15))

    case = away.case(reference)
    kind, letter = told(away, reference)[-1]
    assert (kind, case.failed, case.promise_of, case.promised_on) == ("completed", False, None, None)
    assert "No vamos a poder buscar allí: Ese sistema se dio de baja en febrero." in letter
    assert "Agencia Española de Protección de Datos" in letter
    assert (early, case.status) == ("answered", "closed")


@pytest.mark.parametrize("act", [promises.go_on, lambda one, **how: promises.settle(one, "x", **how)])
def test_without_a_promise_there_is_nothing_to_go_on_with(place, act):
    (reference,) = place.submit("access").cases
    place.approve(reference)

    with pytest.raises(Refusal) as refused:
        act(reference, by=OLGA, now=NOW)

    assert refused.value.code == "promise.none"


def test_what_was_answered_in_part_is_neither_withdrawn_nor_cancelled(away):
    (reference,) = answered(away, "access")
    away.bring()
    wakes()

    codes = []
    for call in (
        lambda: review.withdraw(reference, actor="person", roles=["person"], now=SOON),
        lambda: review.cancel(reference, "x", by=OLGA, now=SOON),
    ):
        with pytest.raises(Refusal) as refused:
            call()
        codes.append(refused.value.code)

    assert codes == ["promise.open"] * 2
    assert away.case(reference).status == "review"


def test_the_person_sees_where_we_still_look_and_by_when(away):
    (reference,) = answered(away, "access")
    submission = away.case(reference).submission.reference

    before = following.see(submission, "acme", proved=True, now=NOW).cases[0]
    away.bring()
    wakes()
    meanwhile = following.see(submission, "acme", proved=True, now=SOON).cases[0]
    away.approve(reference, now=SOON)
    after = following.see(submission, "acme", proved=True, now=SOON).cases[0]

    assert (before.promised_on, before.missing) == (date(2026, 4, 2), ("tracking",))
    shown = (meanwhile.promised_on, meanwhile.missing, meanwhile.can_withdraw)
    assert shown == (date(2026, 4, 2), ("tracking",), False)
    assert [stage.state for stage in meanwhile.stages] == ["done"] * 5
    assert (after.promised_on, after.missing, after.ending) == (None, (), "done")
    assert [one.holds for one in (*before.packages, *after.packages)] == ["first", "earlier", "all"]


def test_an_erasure_goes_on_only_after_its_copy_did(away):
    copy, erasure = answered(away, "access", "erasure")
    away.bring()
    wakes()

    held = away.approve(erasure, now=SOON)
    waits = (held.status, held.waits_for is not None, hers(away) > 0)
    away.approve(copy, now=SOON)
    post(away.folder, SOON)
    work(SOON)

    seen = (
        following.see(away.case(copy).submission.reference, "acme", proved=True, now=SOON).cases[0].packages
    )
    assert (waits, away.case(erasure).status, hers(away)) == (("approved", True, True), "answered", 0)
    assert package(away, copy) == {"tracking"}
    assert [(one.holds, one.state) for one in seen] == [("first", "open"), ("rest", "open")]


def test_a_worker_that_dies_between_the_second_look_and_the_letter_writes_one_letter(away, monkeypatch):
    (reference,) = answered(away, "erasure")
    away.bring()
    wakes()
    shown = away.plan_hash(reference)
    review.approve(reference, shown, by=OLGA, now=SOON)
    review.second_approve(reference, shown, by=PAULA, now=SOON)

    def dies(*_args, **_kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as gone, pytest.raises(KeyboardInterrupt):
        gone.setattr("dsr.services.delivery.conclude", dies)
        work(SOON)
    between = (away.case(reference).status, len(told(away, reference)))
    work(SOON)

    case = away.case(reference)
    assert between == ("acting", 1)
    assert (case.status, case.promise_of, [kind for kind, _ in told(away, reference)]) == (
        "answered",
        None,
        ["erased", "erased"],
    )


def test_a_system_that_answers_again_for_anybody_wakes_the_promise(away):
    (reference,) = answered(away, "access")
    away.bring()

    parking.remember(parking.known("acme"), {"tracking": None}, now=NOW + timedelta(minutes=5))
    wakes(NOW + timedelta(minutes=5))

    assert away.case(reference).status == "review"


def test_what_failed_since_it_was_told_is_not_done_again(away):
    (reference,) = answered(away, "erasure")
    number = away.case(reference).id
    with store.transaction() as tx:
        (told_work,) = tx.session.scalars(select(Work).where(Work.case_id == number))
        told_work.state, told_work.verified = "failed", "left"
    away.bring()

    wakes()
    away.approve(reference, now=SOON)

    with store.reading() as session:
        rows = session.scalars(select(Work).where(Work.case_id == number)).all()
        found = {row.system: (row.attempts, row.state) for row in rows}
    assert found == {"crm": (1, "failed"), "tracking": (1, "done")}
    assert away.case(reference).status == "answered"


def test_answers_of_an_earlier_version_come_under_the_same_rule(away):
    (reference,) = answered(away, "access")
    found = spec_from_file_location("promises_0019", VERSIONS / "0019_promises.py")
    migration = module_from_spec(found)
    found.loader.exec_module(migration)
    with store.db.engine.begin() as connection:
        connection.execute(text('UPDATE "case" SET promise_of = NULL, promised_on = NULL, wake_at = NULL'))
        migration._promises(connection)
    before = away.case(reference)
    promise, generation = (before.promise_of, before.promised_on), before.generation
    away.bring()

    wakes()

    assert promise == (generation, date(2026, 4, 2))
    assert away.case(reference).status == "review"


def test_an_erasure_waits_for_a_copy_that_nobody_went_on_with_yet(away):
    _, erasure = answered(away, "access", "erasure")
    away.bring()
    promises.go_on(erasure, by=OLGA, now=SOON)
    work(SOON)

    held = away.approve(erasure, now=SOON)

    assert (held.status, held.waits_for is not None, hers(away) > 0) == ("approved", True, True)
