"""Which fault is tried with which kind of system, by which test, and why not: the table in ``docs/connectors.md``.

``python -m vendors.table ../docs/connectors.md`` (in ``tests``) writes it, a test compares.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from importlib import util
from pathlib import Path
from types import ModuleType

TESTS = Path(__file__).parents[1] / "connectors"
BEGIN, END = "<!-- begin: table of faults -->\n", "<!-- end: table of faults -->\n"
PARKS = "test_come_back_later_parks_the_work"
BETWEEN = "test_come_back_later_between_two_changes_claims_nothing"
LOOKING, CHANGING = (
    "test_a_passing_fault_while_looking_is_got_over_or_told",
    "test_a_passing_fault_while_changing_ends_well",
)
NO_ANSWER = (
    "test_no_answer_of_the_vendor_is_never_nothing_found",
    "test_no_answer_to_a_change_is_never_done",
    "test_what_cannot_be_read_back_is_never_done",
    "test_verify_does_not_take_no_answer_for_gone",
)
NOTHING_DONE = "test_a_delete_that_does_nothing_is_not_done"
IGNORED = "test_a_change_that_is_ignored_is_not_done"
FAULTS: Mapping[str, tuple[str, ...]] = {
    "429 with `Retry-After`": ("429 with Retry-After", PARKS, "test_retry_after_is_kept", BETWEEN),
    "429 without it": ("429 without Retry-After", PARKS, BETWEEN),
    "403 that asks for patience": ("403 as throttle", PARKS, BETWEEN),
    "budget of the day": ("daily budget", "test_a_daily_budget_parks_until_the_day_is_over", BETWEEN),
    "500, then fine": (LOOKING, CHANGING),
    "time-out after the write was made": (
        "test_a_change_that_was_made_before_the_line_broke_is_not_made_again",
        "test_a_change_whose_answer_comes_too_late_is_not_made_again",
    ),
    "pages that loop or repeat": ("test_a_listing_without_an_end_ends",),
    "pages that shift": ("test_a_listing_that_shifts_loses_nobodys_rows",),
    "a person twice": ("test_a_duplicate_of_her_goes_too",),
    "stale search after a deletion": ("test_a_search_that_still_shows_what_is_gone_is_not_believed",),
    "write that is ignored": (IGNORED,),
    "refused write": ("test_a_refused_change_is_not_done",),
    "404 or 405 on a repeat": ("test_a_repeat_that_is_refused_is_already_done",),
    "200 with an error inside": (NOTHING_DONE, IGNORED),
    "credentials that expired": (LOOKING, CHANGING),
    "wrong content type": ("wrong content type", *NO_ANSWER),
    "sign-in page with 200": ("login page with 200", *NO_ANSWER),
    "sign-in page with 404": ("login page with 404", *NO_ANSWER),
    "half an answer": ("truncated answer", *NO_ANSWER),
    "empty answer": ("empty answer", *NO_ANSWER),
    "gzip bomb": ("gzip bomb", *NO_ANSWER),
    "redirect to a private address": ("redirect to a private address", *NO_ANSWER),
    "field of 10 MB": (
        "test_a_field_of_ten_megabytes_is_given_whole_or_told",
        "test_ten_megabytes_that_nobody_asked_for_do_no_harm",
    ),
    "records of others in an answer": (
        "test_other_peoples_records_in_an_answer_are_dropped_and_counted",
        "test_other_peoples_records_in_an_answer_are_never_erased",
    ),
    "record handed over in the middle": (
        "test_a_record_handed_over_in_the_middle_of_the_work_is_not_deleted",
    ),
    "deletion that does nothing": (NOTHING_DONE,),
    "deletion that comes back": ("test_a_delete_that_comes_back_is_noticed",),
}
"""By fault the tests of the matrix, or a way to say "later", that are about it."""
OTHER_LINES = """\
`ldap`, `imap` and `sql` speak no HTTP: statuses, sign-in pages, redirects and packed answers cannot happen there, and
searches are of the store itself. What can is tried with real servers behind a gate that breaks the line:

| fault | `ldap` | `imap` | `sql` |
|---|---|---|---|
| asks to come back later | {ldap_later} | {imap_later} | {sql_later} |
| line that breaks before or after the write was made | {ldap_line} | {imap_line} | {sql_line} |
| server that says nothing | {ldap_silent} | {imap_silent} | {sql_silent} |
| answer cut short, pages | {ldap_pages} | {imap_pages} | {sql_pages} |
| leads elsewhere | {ldap_elsewhere} | names no other server | names no other server |
| large answer | {ldap_large} | {imap_large} | {sql_large} |
| records of others | {ldap_others} | {imap_others} | {sql_others} |
| handed over, ignored, comes back | the conformance kit | the conformance kit | the conformance kit, {sql_ignored} |
"""
CELLS: Mapping[str, str] = {
    "ldap_later": "test_ldap_answers.py::test_a_directory_that_asks_to_come_back_later_is_not_in_trouble_for_good",
    "imap_later": "test_imap_traps.py::test_a_server_that_asks_to_come_back_later_is_not_in_trouble_for_good",
    "sql_later": "test_sql_stores.py::test_a_lock_held_by_somebody_else_is_not_a_lasting_error",
    "ldap_line": "test_ldap_faults.py::test_a_line_that_breaks_while_erasing_is_made_good",
    "imap_line": "test_imap_traps.py::test_a_line_that_breaks_while_erasing_is_made_good",
    "sql_line": "test_sql.py::test_a_line_that_breaks_at_the_commit_is_made_good",
    "ldap_silent": "test_ldap_faults.py::test_a_server_that_says_nothing_is_not_waited_for_long",
    "imap_silent": "test_imap_traps.py::test_a_server_that_says_nothing_is_not_waited_for_long",
    "sql_silent": "test_sql_stores.py::test_a_lock_held_by_somebody_else_is_not_a_lasting_error",
    "ldap_pages": "test_ldap_traps.py::test_more_people_than_the_server_gives_at_once_are_paged",
    "imap_pages": "test_imap_traps.py::test_a_folder_that_was_numbered_anew_is_a_conflict",
    "sql_pages": "test_sql_rows.py::test_a_search_in_pages_answers_everyone_on_the_last",
    "ldap_elsewhere": "test_ldap_faults.py::test_a_referral_is_not_followed",
    "ldap_large": "test_ldap_answers.py::test_every_member_of_a_large_group_is_seen_and_none_is_asked_for_twice",
    "imap_large": "test_imap_traps.py::test_a_large_message_is_read_in_pieces_and_one_too_large_is_said",
    "sql_large": "test_sql_rows.py::test_values_come_as_they_are_stored",
    "ldap_others": "test_ldap_traps.py::test_a_claim_with_her_namesake_is_kept_apart",
    "imap_others": "test_imap_traps.py::test_a_part_of_a_longer_address_is_nobody",
    "sql_others": "test_sql_rows.py::test_a_session_that_also_names_somebody_else_is_shared",
    "sql_ignored": "test_sql_erasure.py::test_a_row_that_stays_without_a_word_undoes_the_rest_of_its_person_alone",
}


def _module(path: Path) -> ModuleType:
    spec = util.spec_from_file_location(f"faults_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    made = util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def reasons() -> dict[str, Mapping[str, str]]:
    """By kind what its fault matrix leaves out, and why."""
    found: dict[str, Mapping[str, str]] = {}
    for path in sorted(TESTS.glob("test_*.py")):
        if re.search(r"^class .*\bFaultMatrix\):", path.read_text(), re.MULTILINE):
            classes = [one for one in vars(_module(path)).values() if _is_matrix(one)]
            kind = path.stem.removeprefix("test_").removesuffix("_faults")
            found[kind] = next(one.reasons for one in classes if one.looks)
    return found


def _is_matrix(one: object) -> bool:
    return isinstance(one, type) and any(base.__name__ == "FaultMatrix" for base in one.__mro__[1:])


def rows() -> Iterator[str]:
    """The rows of the table: fault, kinds, those without it and why."""
    told = reasons()
    for fault, tests in FAULTS.items():
        without: dict[str, list[str]] = {}
        for kind, left in told.items():
            for one in tests:
                if one in left:
                    without.setdefault(_code(left[one]), []).append(f"`{kind}`")
        several = (f"{', '.join(dict.fromkeys(kinds))}: {why}" for why, kinds in sorted(without.items()))
        yield f"| {fault} | {'; '.join(several) or 'none'} |"


def _code(why: str) -> str:
    return re.sub(r"\b(test_\w+(?:\.py)?)", r"`\1`", why)


def table() -> str:
    """What stands between the marks."""
    kinds = ", ".join(f"`{one}`" for one in reasons())
    head = f"Tried with {kinds}:\n\n| fault | left out with, because |\n|---|---|\n"
    cells = {name: f"`{one.partition('::')[2]}`" for name, one in CELLS.items()}
    return head + "\n".join(rows()) + "\n\n" + OTHER_LINES.format(**cells)


def placed(text: str) -> str:
    """The page with the table of today; ValueError where its place is not marked."""
    before, _, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("the page does not say where the table of faults begins and ends")
    return f"{before}{BEGIN}{table()}{END}{after}"


if __name__ == "__main__":
    page = Path(sys.argv[1])
    page.write_text(placed(page.read_text()))
