"""A complaint that the authority forwarded, filed and answered on the page of its case."""

import re
from datetime import UTC, datetime
from typing import Any

from dsr.services import clocks


def test_it_is_filed_with_its_day_shown_with_its_rule_and_answered(office: Any, olga: Any) -> None:
    reference = office.file("access")
    place, today = f"/desk/cases/{reference}", clocks.local_day(datetime.now(UTC), "Europe/Madrid")
    form = {"on": "tomorrow", "number": "EXP202602345", "reason": "the copy was incomplete"}

    wrong = olga.post(f"{place}/authority", form, at=place)
    filed = olga.post(f"{place}/authority", form | {"on": today.isoformat()}, at=place)

    page, due = olga.get(place).text, office.case(reference).authority_due_on
    assert (wrong.status_code, 'value="tomorrow"' in wrong.text, filed.status_code) == (422, True, 303)
    assert "The authority forwarded a complaint. Answer it by" in page
    assert re.search(rf'datetime="{due}"|{due.day} {due:%B} {due.year}', page)
    assert "LOPDGDD 37.2" in page
    assert f"/desk/cases/{reference}" in olga.get("/desk/").text.partition("An authority waits")[2][:600]

    answered = olga.post(f"{place}/authority/answered", {"reason": "by its seat, receipt 4711"}, at=place)

    assert (answered.status_code, office.case(reference).authority_due_on) == (303, None)
    assert "An authority waits for an answer" not in olga.get("/desk/").text
    assert [one.kind for one in office.entries("authority.answered")] == ["authority.answered"]
