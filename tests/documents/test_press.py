"""PDFs come from limited child processes: what loops or eats memory is stopped, the next letter is set."""

import os
import signal
from collections.abc import Iterator

import pytest

from dsr.documents.pdf import Cover, pdf
from dsr.documents.press import Limits, Press
from dsr.domain.errors import Refusal

COVER = Cover("Sus datos", "es", "Acme, S. L.", "7F3K-92QD")
LETTER = "<article><h1>Sus datos</h1><p>Ana García Núñez</p></article>"


MB = 1024 * 1024


@pytest.fixture
def limits() -> Limits:
    return Limits(clock=120)


@pytest.fixture
def press(limits: Limits) -> Iterator[Press]:
    made = Press(limits, most=1)
    yield made
    made.close()


def child_of(press: Press) -> int:
    return press._idle[-1]._process.pid


def test_a_child_sets_the_same_bytes_as_we_would(press: Press) -> None:
    assert press.pdf(LETTER, COVER) == pdf(LETTER, COVER)


def test_a_child_is_kept_for_the_next_letter(press: Press) -> None:
    press.pdf(LETTER, COVER)
    first = child_of(press)

    press.pdf(LETTER, COVER)

    assert child_of(press) == first


def refused(press: Press, html: str) -> str:
    with pytest.raises(Refusal) as caught:
        press.pdf(html, COVER)
    return caught.value.code


@pytest.mark.parametrize("limits", [Limits(memory=4096 * MB, processor=1, clock=120)])
def test_a_letter_that_takes_too_much_processor_time_is_stopped_and_the_next_is_set(press: Press) -> None:
    endless = "<article>" + "<p>a word and another one</p>" * 60_000 + "</article>"

    assert (refused(press, endless), press.pdf(LETTER, COVER)) == ("letter.pdf", pdf(LETTER, COVER))


@pytest.mark.parametrize("limits", [Limits(memory=400 * MB, processor=100, clock=120)])
def test_a_letter_that_eats_memory_is_stopped_and_the_next_is_set(press: Press) -> None:
    huge = "<article><p>" + "x" * 150_000_000 + "</p></article>"

    assert (refused(press, huge), press.pdf(LETTER, COVER)) == ("letter.pdf", pdf(LETTER, COVER))


def test_a_child_that_stands_still_is_replaced_when_its_time_is_over(press: Press) -> None:
    press.pdf(LETTER, COVER)
    frozen = child_of(press)
    os.kill(frozen, signal.SIGSTOP)
    press.limits = Limits(clock=0.5)

    code = refused(press, LETTER)
    press.limits = Limits(clock=120)
    again = press.pdf(LETTER, COVER)

    assert (code, again, child_of(press) != frozen) == ("letter.pdf", pdf(LETTER, COVER), True)


def test_a_child_that_left_is_replaced_without_a_word(press: Press) -> None:
    press.pdf(LETTER, COVER)
    left = press._idle[-1]._process
    left.kill()
    left.wait()

    assert press.pdf(LETTER, COVER) == pdf(LETTER, COVER)
