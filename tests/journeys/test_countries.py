"""One person of every country on file: she asks, is doubted, is told to wait, is answered by her own law.

A paper archive that nobody keeps anything in is the only system: the journey is about law and letters.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from dsr import documents, laws, store
from dsr.domain.errors import Refusal
from dsr.services import acknowledging, clocks, intake, letters, refusing, review, viewing
from dsr.services.intake import Filing, Wanted
from dsr.services.officers import Officer, RefusalReasons
from dsr.services.viewing.clock import Regime
from dsr.store.models import Case
from dsr.store.operations import Letter
from dsr.store.queries import people
from dsr.store.queries import work as queries
from stage import OLGA, controller, installation, work

BEGINS = {"CL-old": datetime(2026, 11, 24, 15, tzinfo=UTC), "CL": datetime(2026, 12, 3, 15, tzinfo=UTC)}
MONDAY = datetime(2026, 3, 2, 15, tzinfo=UTC)
LANGUAGE = {"en": "en", "pt": "pt"}
PACKS = laws.packs()
ASKED, PROVED = timedelta(days=1), timedelta(days=2)


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    with installation(tmp_path_factory.mktemp("countries"), controllers=(controller(),)):
        yield


def filed(pack, right="access"):
    received = BEGINS.get(pack.id, MONDAY)
    filing = Filing(
        controller="acme",
        language=LANGUAGE.get(pack.language, "es"),
        jurisdiction=pack.jurisdiction,
        country={"UK": "GB", "EU": "AT", "XX": "JP", "US-CA": "US"}.get(pack.jurisdiction, pack.jurisdiction),
        rights=(Wanted(right),),
        identifiers=(("email", "ana@correo.example"),),
        name="Ana García",
        received_at=received,
        verified_reason="vino en persona",
    )
    (reference,) = intake.submit(filing, by="staff:1", now=received).cases
    work(received)
    return reference, received


def case(reference) -> Case:
    with store.reading() as session:
        return people.case(session, reference)


def sent(reference) -> dict[str, str]:
    """The letters of a case as a person reads them, by kind."""
    with store.reading() as session:
        mine = people.case(session, reference)
        rows = session.scalars(select(Letter).where(Letter.case_id == mine.id).order_by(Letter.id)).all()
        return {row.kind: plain(letters.text(row, mine.submission)) for row in rows}


def plain(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", html.partition("<article")[2])).split())


def answered(reference, now):
    with store.reading() as session:
        mine = people.case(session, reference)
        shown = queries.latest_plans(session, [mine.id])[mine.id].hash
    review.approve(reference, shown, by=OLGA, now=now)
    work(now)


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_a_request_goes_its_road_under_the_law_of_its_country(office, pack) -> None:
    reference, received = filed(pack)
    first = case(reference).due_on
    rule = pack.right("access").clock("respond")
    assert case(reference).pack.partition("@")[0] == pack.id
    acknowledging.tick(now=received + acknowledging.GRACE)
    assert set(sent(reference)) == {"acknowledgement"}

    review.pause(reference, "La firma no coincide", ask="identity", by=OLGA, now=received + ASKED)
    stands = case(reference).due_on is None
    review.resume(reference, by=OLGA, now=received + PROVED)
    resumed = case(reference).due_on
    assert stands is ("identity" in rule.stops)
    assert resumed >= first if stands else resumed == first

    if rule.extension:
        due_on = review.extend(reference, "muchos sistemas", by=OLGA, now=received + PROVED)
        assert due_on == case(reference).due_on > resumed
    else:
        with pytest.raises(Refusal, match="knows no extension"):
            review.extend(reference, "muchos sistemas", by=OLGA, now=received + PROVED)

    answered(reference, received + PROVED)
    told = sent(reference)
    wanted = {"acknowledgement", "identity", "nothing_found"} | ({"extension"} if rule.extension else set())
    assert (case(reference).status, set(told)) == ("answered", wanted)

    language = LANGUAGE.get(pack.language, "es")
    receipt = told["acknowledgement"]
    assert pack.free.words.of(language) in receipt and documents.day_words(first, language) in receipt
    answer = told["nothing_found"]
    for words in (
        pack.authority.name,
        pack.authority.url,
        pack.authority.court_remedy.of(language),
        pack.right("access").names.of(language),
    ):
        assert words in answer, words
    if pack.authority.prior_step:
        assert pack.authority.prior_step.of(language) in answer


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_a_refusal_names_both_remedies_of_the_country(office, pack) -> None:
    reference, received = filed(pack)
    refusing.refuse(reference, RefusalReasons("art. 1", "los hechos"), by=OLGA, now=received + ASKED)
    language = LANGUAGE.get(pack.language, "es")
    refused = sent(reference)["refused"]

    assert pack.authority.name in refused
    assert pack.authority.court_remedy.of(language) in refused


@pytest.mark.parametrize("pack", PACKS, ids=lambda pack: pack.id)
def test_the_file_is_kept_as_long_as_the_answer_must_be_proved(office, pack) -> None:
    reference, received = filed(pack)
    review.cancel(reference, "dos veces", by=OLGA, now=received)
    months = max(36, pack.evidence.period.months if pack.evidence else 0)

    kept = case(reference).retain_until
    day = clocks.local_day(received, "Europe/Madrid")
    assert (kept.year, kept.month, kept.day) == (day.year + months // 12, day.month, day.day)


def test_a_letter_under_the_law_of_the_united_kingdom_cites_that_law(office) -> None:
    reference, received = filed(laws.in_force("UK", MONDAY))
    refusing.refuse(reference, RefusalReasons("Art. 12(5)", "the facts"), by=OLGA, now=received + ASKED)

    told = sent(reference)["refused"]

    assert "(Art. 12(4) UK GDPR)" in told
    assert re.findall(r"(?<!UK )GDPR", told) == []


SANTIAGO = ZoneInfo("America/Santiago")
EVE, MIDNIGHT = datetime(2026, 12, 1, 2, 59, tzinfo=UTC), datetime(2026, 12, 1, 3, tzinfo=UTC)
LAST, FIRST = date(2026, 11, 30), date(2026, 12, 1)


@pytest.mark.parametrize(
    ("received", "pack", "day", "first_due", "extended", "authority"),
    [
        (EVE, "CL-old", LAST, date(2026, 12, 2), None, "Juzgado de letras"),
        (MIDNIGHT, "CL", FIRST, date(2026, 12, 31), date(2027, 1, 30), "Agencia de Protección"),
    ],
)
def test_at_midnight_in_santiago_the_new_law_of_chile_begins_and_running_cases_keep_theirs(
    office, received, pack, day, first_due, extended, authority
) -> None:
    filing = Filing(
        controller="acme", language="es", jurisdiction="CL", country="CL", rights=(Wanted("access"),),
        identifiers=(("email", "ana@correo.example"),), received_at=received, verified_reason="vino",
    )  # fmt: skip
    (reference,) = intake.submit(filing, by="staff:1", now=received).cases
    work(received)
    filed_as = case(reference)
    assert received.astimezone(SANTIAGO).date() == day
    assert (filed_as.pack.partition("@")[0], filed_as.received_on, filed_as.due_on) == (pack, day, first_due)

    later = received + timedelta(days=1)
    review.pause(reference, "¿Quién es?", ask="identity", by=OLGA, now=later)
    review.resume(reference, by=OLGA, now=later)
    if extended:
        assert review.extend(reference, "muchos sistemas", by=OLGA, now=later) == extended
    else:
        with pytest.raises(Refusal, match="knows no extension"):
            review.extend(reference, "muchos sistemas", by=OLGA, now=later)
    answered(reference, later)

    by = Officer(1, OLGA.roles, ("acme",))
    seen = viewing.view(reference, by=by, language="es", now=later).clock
    assert seen.regime == Regime(
        laws.in_force("CL", day).law, laws.in_force("CL", day).valid_from, LAST if pack == "CL-old" else None
    )
    assert case(reference).pack == filed_as.pack
    assert authority in sent(reference)["nothing_found"]
