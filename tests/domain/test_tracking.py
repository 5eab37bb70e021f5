"""Tracking facts: counted, dated, and held against consent."""

from datetime import UTC, datetime

import pytest

from dsr.contract import CollectionInfo, ConsentInfo, Description, FieldInfo, Row
from dsr.domain.tracking import Watch, moment, recorded

CONSENTS = CollectionInfo("consents")
OPENS = CollectionInfo(
    "opens",
    title={"es": "Aperturas", "en": "Opens"},
    tracking=True,
    occurred_at="at",
    fields=(FieldInfo("ip", ("user.device.ip_address",)),),
)
TOOL = Description(
    {"es": "Seguimiento", "en": "Tracking"},
    (CONSENTS, OPENS),
    (),
    consents=(ConsentInfo("consents", "tracking", "given", "withdrawn", "how"),),
)


def watch(*opens, given="2024-01-01T00:00:00+00:00", withdrawn=None):
    made = Watch(TOOL)
    made.see(CONSENTS, Row("consents", (1,), {"given": given, "withdrawn": withdrawn, "how": "web form"}))
    for number, at in enumerate(opens):
        made.see(OPENS, Row("opens", (number,), {"at": at}))
    return made


def test_facts_outside_an_interval_of_consent_are_counted():
    made = watch(
        "2023-12-31", "2024-01-01", "2024-05-31T23:59:59", "2024-06-01", withdrawn="2024-06-01T00:00:00Z"
    )

    facts = made.facts("es", "https://privacy.example.org")

    assert (facts.count, facts.outside_consent, str(facts.since)) == (4, 2, "2023-12-31")


def test_consent_is_told_with_dates_and_how_it_was_proved():
    facts = watch("2024-02-01", withdrawn="2024-06-01").facts("en", "")

    told = [(c.purpose, str(c.given_on), str(c.withdrawn_on), c.proved_how) for c in facts.consents]
    assert told == [("tracking", "2024-01-01", "2024-06-01", "web form")]


def test_a_tool_that_recorded_nothing_is_not_told_of():
    assert watch().facts("es", "") is None


def test_what_is_recorded_is_said_in_words():
    assert recorded([OPENS], "es") == ("dirección IP",)
    assert recorded([CollectionInfo("clicks", tracking=True)], "es") == ("clicks",)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2024-01-01T10:00:00Z", datetime(2024, 1, 1, 10, tzinfo=UTC)),
        (datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC)),
        (datetime(2024, 1, 1).date(), datetime(2024, 1, 1, tzinfo=UTC)),
        ("yesterday", None),
        (None, None),
        (7, None),
    ],
)
def test_a_stored_time_is_read_as_an_aware_one(value, expected):
    assert moment(value) == expected
