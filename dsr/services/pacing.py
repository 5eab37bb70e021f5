"""What a system bears, kept to by all processes together: openings at once, calls a minute (docs/adr/0010).

A place is a lock, waited for as for any lock and no longer; a budget that is used up is never waited for:
the call raises, the system is parked and the work comes back.
"""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta

from dsr import store
from dsr.contract import ConnectorError
from dsr.store.queries import allowances

from . import workers

LOOK_SECONDS = 0.1
FULL_SECONDS = 1.0
"""How long the last thread waits for one of the others to come out of a system."""
BUSY_FOR = timedelta(seconds=15)
"""When a system whose places were all taken may be asked again."""
MADE: ContextVar[dict[str, list[datetime]] | None] = ContextVar("calls of this work", default=None)


class Overspent(ConnectorError):
    """This work alone made all the calls that a minute holds: begun anew it comes no further.

    ``told``: what to do when it was the work of one person, in every language.
    """

    def __init__(self, most: int, retry_at: datetime) -> None:
        super().__init__(
            f"its budget of {most} calls a minute is used up", permanent=False, retry_at=retry_at
        )
        self.told = {language: text.format(most) for language, text in ALONE.items()}


ALONE = {
    "es": "Esta persona sola necesita más de las {} llamadas por minuto que se permiten a este sistema. Repetir no "
    "ayuda: suba su límite («per_minute»), si el proveedor lo permite, y busque de nuevo, o busque allí a mano.",
    "en": "This person alone needs more than the {} calls a minute that this system is allowed. Repeating does not "
    "help: raise its limit (“per_minute”), if the vendor permits it, and search again, or search there by hand.",
    "pt": "Só esta pessoa precisa de mais do que as {} chamadas por minuto permitidas a este sistema. Repetir não "
    "ajuda: aumente o limite (“per_minute”), se o fornecedor permitir, e pesquise de novo, ou pesquise lá à mão.",
}


def begin() -> None:
    """Count the calls of one piece of work from here on, in this thread."""
    MADE.set({})


class Pacing:
    """The brake of one process. ``executor``: its name in the heartbeats. ``clock`` gives the moment of a
    call: work that began minutes ago still counts when it calls. ``threads`` do the work of this process; one
    of them always stays out of a system, so that a dead one does not stop the work in the others.
    """

    def __init__(self, executor: str, clock: Callable[[], datetime], *, threads: int = 4) -> None:
        self._executor, self._clock = executor, clock
        self._most_here = max(threads - 1, 1)
        self._here: Counter[str] = Counter()
        self._mine: dict[str, str] = {}
        self._silent: dict[str, float] = {}
        self._freed = threading.Condition()

    @contextmanager
    def place(self, system: str, most: int | None, *, seconds: float) -> Iterator[None]:
        """Be one of the ``most`` that have a system open; None knows no limit but that of this process.

        Waits up to ``seconds``; then ConnectorError with ``retry_at``. Who waits while it falls silent for
        somebody here does not try it again.
        """
        with self._but_one(system), self._among_all(system, most, seconds):
            yield

    @contextmanager
    def _but_one(self, system: str) -> Iterator[None]:
        """Be one of the threads of this process that are in a system; the last one does not wait for it."""
        with self._freed:
            free = self._freed.wait_for(lambda: self._here[system] < self._most_here, FULL_SECONDS)
            self._here[system] += free
        if not free:
            told = f"it keeps {self._most_here} of our threads waiting: the others go on without it"
            raise ConnectorError(told, permanent=False, retry_at=self._clock() + BUSY_FOR)
        try:
            yield
        finally:
            with self._freed:
                self._here[system] -= 1
                self._freed.notify_all()

    @contextmanager
    def _among_all(self, system: str, most: int | None, seconds: float) -> Iterator[None]:
        if most is None:
            yield
            return
        token = self._taken(system, most, seconds)
        try:
            yield
        except ConnectorError as error:
            if not error.permanent and error.retry_at is None:
                self._silent[system] = time.monotonic()
            raise
        finally:
            self._give_back(system, token)

    def call(self, system: str, most: int | None) -> None:
        """Count one call; ConnectorError with the moment of the next one when a minute holds no more: Overspent
        when all of them were of the work that ``begin`` began."""
        if most is None:
            return
        at, made = self._clock(), MADE.get()
        with store.apart() as session:
            again = allowances.take_call(session, system, most, at)
        mine = [] if made is None else made.setdefault(system, [])
        if again is None:
            mine.append(at)
        elif sum(one > at - allowances.COUNTED for one in mine) >= most:
            raise Overspent(most, again)
        else:
            raise ConnectorError(
                f"its budget of {most} calls a minute is used up", permanent=False, retry_at=again
            )

    def _taken(self, system: str, most: int, seconds: float) -> str:
        token = secrets.token_hex(8)
        began = time.monotonic()
        until = began + seconds
        while True:
            with self._freed:
                if self._silent.get(system, began) > began:
                    raise ConnectorError("it did not answer who was before", permanent=False)
                if self._take(system, token, most):
                    return token
                if time.monotonic() >= until:
                    break
                self._freed.wait(LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
        told = f"it is busy: no more than {most} at once may work with it"
        raise ConnectorError(told, permanent=False, retry_at=self._clock() + BUSY_FOR)

    def _take(self, system: str, token: str, most: int) -> bool:
        """Under our lock: nobody else here takes the token for a lost one before it is noted."""
        mine = (self._executor, set(self._mine))
        seen = self._clock() - workers.LIMIT
        with store.apart() as session:
            there = allowances.take_place(session, system, token, most, mine=mine, seen=seen)
        if there:
            self._mine[token] = system
        return there

    def _give_back(self, system: str, token: str) -> None:
        """First it stops being ours: if the row cannot be written now, the next one forgets it."""
        with self._freed:
            self._mine.pop(token, None)
        try:
            with store.apart() as session:
                allowances.free_place(session, system, token)
        finally:
            with self._freed:
                self._freed.notify_all()
