"""Single keys can be turned off, and stay off for that account (WCAG 2.1.4)."""

from __future__ import annotations

from typing import Any

PAULA = "paula@acme.example"


def test_keys_are_turned_off_for_one_account_and_on_again(office: Any, olga: Any) -> None:
    office.file("access")
    before = olga.get("/desk/queue").text

    olga.post("/desk/account/shortcuts", {"on": "no"})
    after, again, other = (
        one.get("/desk/queue").text
        for one in (olga, office.browser("olga@acme.example"), office.browser(PAULA))
    )
    olga.post("/desk/account/shortcuts", {"on": "yes"})

    pages = (before, after, again, other, olga.get("/desk/queue").text)
    assert ["no-keys" in page for page in pages] == [False, True, True, False, False]
    assert ["Single keys are off." in page for page in pages[:2]] == [False, True]


def test_the_page_of_the_account_says_what_the_keys_do(olga: Any) -> None:
    olga.post("/desk/account/shortcuts", {"on": "no"})

    page = olga.get("/desk/account").text

    assert ("Turn single keys on" in page, "Turn single keys off" in page) == (True, False)
