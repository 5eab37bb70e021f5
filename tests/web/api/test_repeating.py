"""A write that is sent twice happens once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from dsr import store
from dsr.domain.errors import Refusal
from dsr.services import repeating
from dsr.services.repeating import Slot
from dsr.store.models import Submission
from dsr.store.operations import Hook, Idempotency

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SLOT = Slot(1, "key", "digest")


def count(place, model):
    with place.app.app_context(), store.reading() as session:
        return session.scalar(select(func.count()).select_from(model))


def test_the_same_key_and_body_get_the_same_answer_and_file_once(place, shop):
    answers = [shop.file(key="one") for _ in range(3)]

    assert {answer.data for answer in answers} == {answers[0].data}
    assert [answer.headers.get("Idempotency-Replayed") for answer in answers] == [None, "true", "true"]
    assert count(place, Submission) == 1


def test_the_same_key_with_another_body_is_refused(place, shop):
    shop.file(key="one")

    answer = shop.file("erasure", key="one")

    assert (answer.status_code, answer.get_json()["code"], count(place, Submission)) == (
        422,
        "idempotency.other",
        1,
    )


def test_the_same_key_at_another_address_is_refused(shop):
    shop.file(key="one")

    answer = shop.call("DELETE", "/hooks/1", key="one")

    assert answer.get_json()["code"] == "idempotency.other"


def test_keys_of_two_tokens_have_nothing_to_do_with_each_other(place, shop):
    answers = [program.file(key="one") for program in (shop, place.program())]

    assert answers[0].data != answers[1].data
    assert count(place, Submission) == 2


def test_many_at_once_file_once(place, shop):
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: shop.file(key="one"), range(6)))

    assert {(answer.status_code, answer.data) for answer in answers} == {(202, answers[0].data)}
    assert count(place, Submission) == 1


def test_a_decision_sent_twice_is_answered_twice_and_taken_once(place, shop):
    (reference,) = place.reviewed(shop, "access")
    body = {"plan_hash": shop.get(f"/cases/{reference}").get_json()["plan"]["hash"]}

    answers = [shop.post(f"/cases/{reference}/approve", body, key="one") for _ in range(2)]

    assert [(one.status_code, one.get_json()["status"]) for one in answers] == [(200, "acting")] * 2
    kinds = [one["kind"] for one in shop.get(f"/cases/{reference}/events").get_json()["events"]]
    assert kinds.count("case.approved") == 1


def test_a_refused_write_frees_its_key(place, shop):
    (reference,) = place.reviewed(shop, "access")
    path = f"/cases/{reference}/approve"

    stale = shop.post(path, {"plan_hash": "0" * 64}, key="one")
    right = shop.post(
        path, {"plan_hash": shop.get(f"/cases/{reference}").get_json()["plan"]["hash"]}, key="one"
    )

    assert (stale.status_code, right.status_code) == (409, 200)


def test_the_secret_of_a_webhook_is_given_again_but_not_kept_in_clear(place, shop):
    answers = [shop.post("/hooks", {"url": "http://127.0.0.1:9/"}, key="one") for _ in range(2)]

    secret = answers[0].get_json()["secret"]
    assert (answers[1].get_json()["secret"], count(place, Hook)) == (secret, 1)
    with place.app.app_context(), store.reading() as session:
        assert secret not in str(session.scalars(select(Idempotency.answer)).all())


def test_while_a_write_runs_its_repeat_is_asked_to_wait(place):
    with place.app.app_context():

        def work():
            with pytest.raises(Refusal) as refused:
                repeating.once_guarded(SLOT, 200, dict, now=NOW)
            return {"code": refused.value.code}

        answer = repeating.once_guarded(SLOT, 200, work, now=NOW)

    assert answer.body == {"code": "idempotency.running"}


def test_a_write_whose_process_died_may_be_tried_again_after_a_minute(place):
    class Killed(BaseException):
        pass

    def die():
        raise Killed

    with place.app.app_context():
        with pytest.raises(Killed):
            repeating.once_guarded(SLOT, 200, die, now=NOW)
        with pytest.raises(Refusal):
            repeating.once_guarded(SLOT, 200, dict, now=NOW + timedelta(seconds=59))
        answer = repeating.once_guarded(SLOT, 200, lambda: {"a": 1}, now=NOW + timedelta(seconds=60))

    assert answer == repeating.Answer({"a": 1})


def test_an_answer_is_forgotten_after_a_day(place):
    with place.app.app_context():
        repeating.once(SLOT, 200, lambda tx: {"n": 1}, now=NOW)
        kept = repeating.once(SLOT, 200, lambda tx: {"n": 2}, now=NOW + timedelta(hours=23))
        anew = repeating.once(SLOT, 200, lambda tx: {"n": 3}, now=NOW + timedelta(hours=25))

    assert (kept, anew) == (repeating.Answer({"n": 1}, again=True), repeating.Answer({"n": 3}))
