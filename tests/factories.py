"""Rows for tests, the same at every run: Ana asks `acme` for access on 6 May 2024.

Inside `with store.transaction():` a factory adds its row to the running transaction and flushes it. What
a test does not care about has a fixed value; what must differ from row to row is counted. Sealed columns
hold what the services put there, under real keys.
"""

import hashlib
from datetime import UTC, date, datetime
from typing import Any

import factory
from factory.alchemy import SQLAlchemyModelFactory

from dsr import store
from dsr.contract import Purpose
from dsr.domain import codec
from dsr.domain.rights import Right
from dsr.domain.workflow import Status
from dsr.store import keys
from dsr.store.models import Batch, Case, Challenge, Decision, Event, Identity, Plan, Search, Submission, Work
from dsr.store.staff import Staff, StaffRole

RECEIVED = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
DUE = date(2024, 6, 6)
ANA = "ana@example.org"
OLGA = "olga@example.org"
EVA = "eva@example.org"
WORDS = {"name": "Ana", "message": "", "postal_address": "", "answer_by": "mail", "verified_reason": ""}
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def reference(n: int) -> str:
    """The n-th public number: 2222-2223, 2222-2224..."""
    letters = []
    for _ in range(8):
        n, digit = divmod(n, len(ALPHABET))
        letters.append(ALPHABET[digit])
    text = "".join(reversed(letters))
    return f"{text[:4]}-{text[4:]}"


def digest(*parts: object) -> bytes:
    """Thirty-two bytes that stand for a token of a test."""
    return hashlib.sha256(repr(parts).encode()).digest()


def sealed(submission: Submission, value: Any, place: str) -> bytes:
    """A value sealed under the key of a submission, as the services do."""
    assert submission.wrapped_key is not None
    return keys.seal(keys.keyring().unwrap(submission.wrapped_key), codec.dumps(value), place.encode())


class RowFactory(SQLAlchemyModelFactory):
    """A row in the running transaction."""

    class Meta:
        abstract = True
        sqlalchemy_session_factory = lambda: store.db.session()  # noqa: E731
        sqlalchemy_session_persistence = "flush"


class SubmissionFactory(RowFactory):
    """One form filled in by Ana, not proved yet. ``words`` are what she typed."""

    class Meta:
        model = Submission

    class Params:
        words = WORDS

    controller = "acme"
    reference = factory.Sequence(lambda n: reference(2 * n + 1))
    language = "es"
    country = "ES"
    channel = "portal"
    received_at = RECEIVED
    created_at = RECEIVED
    token_hash = factory.LazyAttribute(lambda o: digest("submission", o.reference))
    wrapped_key = factory.LazyFunction(lambda: keys.keyring().new()[0])
    proof_key = factory.LazyFunction(lambda: keys.keyring().new()[0])
    sealed = factory.LazyAttribute(lambda o: sealed(o, o.words, "submission"))


class IdentityFactory(RowFactory):
    """Ana's e-mail address, typed and not proved yet. ``value`` is the canonical value."""

    class Meta:
        model = Identity

    class Params:
        value = ANA

    submission = factory.SubFactory(SubmissionFactory)
    controller = factory.SelfAttribute("submission.controller")
    kind = "email"
    lookup_hash = factory.LazyAttribute(lambda o: keys.keyring().lookup(o.controller, o.kind, o.value))
    sealed = factory.LazyAttribute(lambda o: sealed(o.submission, {"value": o.value}, "identity"))
    provenance = "typed"


class ChallengeFactory(RowFactory):
    """A code sent at the moment of receipt, good for an hour. ``code`` is what she would type."""

    class Meta:
        model = Challenge

    class Params:
        submission = factory.SubFactory(SubmissionFactory)
        code = "12345678"

    submission_id = factory.LazyAttribute(lambda o: o.submission.id)
    controller = factory.LazyAttribute(lambda o: o.submission.controller)
    purpose = "verify"
    code_hash = factory.LazyAttribute(
        lambda o: keys.keyring().lookup(o.controller, "code", o.submission.reference + o.code)
    )
    token_hash = factory.Sequence(lambda n: digest("challenge", n))
    created_at = RECEIVED
    expires_at = RECEIVED.replace(hour=8)


class CaseFactory(RowFactory):
    """Ana's access case, waiting for proof of who she is."""

    class Meta:
        model = Case

    submission = factory.SubFactory(SubmissionFactory)
    controller = factory.SelfAttribute("submission.controller")
    reference = factory.Sequence(lambda n: reference(2 * n + 2))
    right = Right.ACCESS.value
    status = Status.UNVERIFIED.value
    jurisdiction = "es"
    pack = "es 2024-01"
    calendar = "ES 2024"
    received_at = RECEIVED
    received_on = RECEIVED.date()
    due_on = DUE
    first_due_on = DUE
    internal_on = date(2024, 6, 3)
    sort_on = DUE


class EventFactory(RowFactory):
    """A note on a case; pass ``kind`` and ``data`` for anything else."""

    class Meta:
        model = Event

    case = factory.SubFactory(CaseFactory)
    controller = factory.SelfAttribute("case.controller")
    kind = "case.noted"
    at = RECEIVED
    on = RECEIVED.date()
    actor = "staff:1"
    data = factory.LazyFunction(dict)


class BatchFactory(RowFactory):
    """A batch of one case to collect."""

    class Meta:
        model = Batch

    id = factory.Sequence(lambda n: f"00000000-0000-4000-8000-{n:012}")
    controller = "acme"
    phase = "collect"
    state = "made"
    made_at = RECEIVED


class OfCaseFactory(RowFactory):
    """What is done for one case in one system, in its generation."""

    class Meta:
        abstract = True

    class Params:
        case = factory.SubFactory(CaseFactory)

    case_id = factory.LazyAttribute(lambda o: o.case.id)
    controller = factory.LazyAttribute(lambda o: o.case.controller)


class SearchFactory(OfCaseFactory):
    """The system `crm` found nothing."""

    class Meta:
        model = Search

    system = "crm"
    generation = factory.LazyAttribute(lambda o: o.case.generation)
    found = "nothing"
    at = RECEIVED
    why = factory.LazyFunction(dict)


class DecisionFactory(OfCaseFactory):
    """Olga accepted a proposal."""

    class Meta:
        model = Decision

    system = "crm"
    record = "r1"
    kind = "accept"
    by = 1
    at = RECEIVED


class PlanFactory(OfCaseFactory):
    """A plan without steps."""

    class Meta:
        model = Plan

    generation = factory.LazyAttribute(lambda o: o.case.generation)
    hash = factory.LazyAttribute(lambda o: digest("plan", o.case_id, o.generation).hex())
    made_at = RECEIVED
    summary = factory.LazyFunction(list)


class WorkFactory(OfCaseFactory):
    """A step in `crm` that was begun."""

    class Meta:
        model = Work

    system = "crm"
    generation = factory.LazyAttribute(lambda o: o.case.generation)
    key = factory.LazyAttribute(lambda o: f"{o.case.reference}:{o.system}:export:{o.generation}")
    state = "waiting"
    intended_at = RECEIVED
    why = factory.LazyFunction(dict)
    outcome = factory.LazyFunction(dict)


class StaffFactory(RowFactory):
    """Olga, the officer of `acme`. She has no password: a test that signs in sets one."""

    class Meta:
        model = Staff

    email = factory.Sequence(lambda n: OLGA if n == 0 else f"olga{n}@example.org")
    fs_uniquifier = factory.Sequence(lambda n: f"staff-{n}")
    made_at = RECEIVED
    roles = factory.LazyFunction(lambda: [StaffRole(controller="acme", name="dpo")])


def vault_seal(case: Case, rows: list[Any], purpose: Purpose = Purpose.BLOCKED) -> str:
    """Seal rows of a case in the vault, outside a transaction; the id of the seal."""
    keeper = store.vault.Vault(
        case.controller, case.reference, "crm", RECEIVED, date(2027, 5, 6), ["dpo", "legal"]
    )
    return keeper.seal(f"{case.reference}:crm:erase:1", purpose, rows).id
