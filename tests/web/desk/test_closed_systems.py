"""A system whose rows are open to some roles only."""

from collections.abc import Callable
from typing import Any

AGATA = "agata@acme.example"


def test_whoever_knows_the_number_of_a_record_cannot_open_it_without_the_role(
    make_office: Callable[..., Any],
) -> None:
    office = make_office(roles=("dpo",))
    reference = office.file("access")
    record = office.record(reference)
    office.hire(AGATA, "agent")

    place = f"/desk/cases/{reference}/values"
    answer = office.browser(AGATA).post(place, {"system": "book", "record": record})

    assert (answer.status_code, "Ana García" in answer.text) == (422, False)
    assert office.entries("case.values_opened") == []
