"""Nothing is called done that was not read back, and nothing is done that was not approved."""

from sqlalchemy import select

from dsr import store
from dsr.contract import Step
from dsr.domain import codec
from dsr.services import review, sealing
from dsr.store import keys
from dsr.store.models import Plan, Work
from dsr.store.queries import people
from dsr.store.queries import work as queries
from stage import NOW, OLGA, PAULA, work

NOTES = "select count(*) from notes where contact_id = 1"
COMES_BACK = """
    create trigger comes_back after delete on notes when old.contact_id = 1
    begin insert into notes values (old.id, old.contact_id, old.author, old.body, old.created_at); end
"""


def test_a_row_that_the_store_brings_back_is_not_called_erased(place):
    reference = place.submit("erasure").cases[0]
    place.change("crm", COMES_BACK)
    notes = place.rows("crm", NOTES)

    case = place.approve(reference)

    with store.reading() as session:
        states = {one.system: (one.state, one.verified) for one in session.scalars(select(Work))}
    assert place.rows("crm", NOTES) == notes
    assert states["crm"] == ("failed", "left")
    assert (case.status, case.ending, case.answered_at) == ("attention", None, None)


def test_another_plan_than_the_approved_text_is_not_carried_out(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    approved = place.plan_hash(reference)
    review.approve(reference, approved, by=OLGA, now=NOW)
    review.second_approve(reference, approved, by=PAULA, now=NOW)
    before = place.rows("crm", NOTES)
    with store.transaction() as tx:
        row = _plan_of(tx.session, reference)
        key = sealing.key_of(people.case(tx.session, reference).submission)
        steps = codec.loads(keys.unseal(key, row.sealed, b"plan"), dict[str, Step])
        row.sealed = keys.seal(key, codec.dumps({"crm": steps["crm"]}), b"plan")

    work()

    assert place.rows("crm", NOTES) == before
    assert place.case(reference).status == "attention"


def test_one_approval_alone_erases_nothing(place):
    reference = place.submit("erasure").cases[0]
    place.reject_proposals(reference)
    before = place.rows("crm", NOTES)

    review.approve(reference, place.plan_hash(reference), by=OLGA, now=NOW)
    work()

    assert place.case(reference).status == "second"
    assert place.rows("crm", NOTES) == before


def test_an_answer_without_a_system_that_was_not_reached_is_partial(place):
    place.tracking.rename(place.tracking.with_suffix(".away"))
    reference = place.submit("access").cases[0]

    case = place.approve(reference)

    assert (case.status, case.ending) == ("answered", "partly")


def _plan_of(session, reference) -> Plan:
    case = people.case(session, reference)
    return queries.latest_plans(session, [case.id])[case.id]
