"""What a batch loads: the right rows, in few statements however many cases it has."""

from collections.abc import Iterator

import pytest

import factories as make
from dsr import store
from dsr.domain import codec
from dsr.store import keys
from dsr.store.models import Case
from dsr.store.queries import work

pytestmark = pytest.mark.usefixtures("context")


@pytest.fixture(autouse=True)
def from_the_first_on() -> Iterator[None]:
    """Counted values begin anew with every test."""
    for factory in (make.SubmissionFactory, make.CaseFactory, make.StaffFactory):
        factory.reset_sequence(0)
    return


def batch_of(count: int) -> list[int]:
    """Cases of one batch, each with two identifiers and an event; a stranger's case in another batch."""
    with store.transaction():
        cases = make.CaseFactory.create_batch(count, batch_id="b1", status="collecting")
        for case in cases:
            make.IdentityFactory(submission=case.submission)
            make.IdentityFactory(submission=case.submission, kind="phone", value="+34600000000")
            make.EventFactory(case=case)
        make.CaseFactory(batch_id="b2", status="collecting")
        make.CaseFactory(batch_id="b1", status="review")
        return [case.id for case in cases]


def test_a_batch_loads_its_cases_with_their_identifiers_in_one_statement(
    statements: list[str],
) -> None:
    ids = batch_of(30)
    store.db.session.remove()
    statements.clear()

    with store.reading() as session:
        cases = work.cases_of(session, "b1", "collecting")

    kinds = [[one.kind for one in case.submission.identifiers] for case in cases]
    assert ([case.id for case in cases], kinds) == (ids, [["email", "phone"]] * 30)
    assert statements == ["SELECT"]


def test_what_was_sealed_opens_with_the_key_of_its_submission() -> None:
    batch_of(1)
    with store.reading() as session:
        [case] = work.cases_of(session, "b1", "collecting")

    key = keys.keyring().unwrap(case.submission.wrapped_key or b"")
    words = codec.loads(keys.unseal(key, case.submission.sealed or b"", b"submission"), dict)

    assert words == make.WORDS


def test_the_latest_plan_of_each_case_is_found_in_one_statement(statements: list[str]) -> None:
    with store.transaction():
        one, two, bare = make.CaseFactory.create_batch(3)
        for case, generation in ((one, 1), (one, 3), (one, 2), (two, 1)):
            make.PlanFactory(case=case, generation=generation)
        ids = [one.id, two.id, bare.id]
    statements.clear()

    with store.reading() as session:
        plans = work.latest_plans(session, ids)

    assert {case: plan.generation for case, plan in plans.items()} == {one.id: 3, two.id: 1}
    assert statements == ["SELECT"]


def rows_of_two_cases() -> tuple[Case, Case]:
    with store.transaction():
        mine, other = make.CaseFactory(generation=1), make.CaseFactory(generation=1)
        for case in (mine, other):
            for system in ("list", "crm"):
                make.SearchFactory(case=case, system=system)
                make.WorkFactory(case=case, system=system)
                make.DecisionFactory(case=case, system=system)
        make.SearchFactory(case=mine, system="crm", generation=2)
    return mine, other


def test_searches_works_and_decisions_are_those_of_the_cases_asked_for(statements: list[str]) -> None:
    mine, _ = rows_of_two_cases()
    statements.clear()

    with store.reading() as session:
        searches = [(s.case_id, s.generation, s.system) for s in work.searches(session, [mine.id])]
        works = [(w.case_id, w.system) for w in work.works(session, [mine.id])]
        decisions = [(d.case_id, d.system) for d in work.decisions(session, [mine.id])]

    assert searches == [(mine.id, 1, "crm"), (mine.id, 1, "list"), (mine.id, 2, "crm")]
    assert works == decisions == [(mine.id, "list"), (mine.id, "crm")]
    assert statements == ["SELECT"] * 3


def test_factories_give_the_same_rows_at_every_run() -> None:
    with store.transaction():
        case = make.CaseFactory()
        olga = make.StaffFactory()

    assert (case.reference, case.submission.reference) == ("2222-2224", "2222-2223")
    assert (olga.email, olga.roles_in("acme")) == ("olga@example.org", {"dpo"})
