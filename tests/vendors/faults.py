"""What can go wrong between a connector and a vendor, each as a fault to order."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from functools import lru_cache

from .server import JSON, Asked, Fake, Fault, Reply

How = Callable[[Asked, Callable[[], Reply]], Reply]
BIG = 10 * 1024 * 1024
MEGA = 1024 * 1024
ALWAYS = 10**6


def every(asked: Asked) -> bool:
    """Any request."""
    return True


def instead(reply: Reply) -> How:
    """Another answer; the request is not applied."""
    return lambda asked, right: reply


def after(reply: Reply) -> How:
    """The request is applied, and then another answer is given."""

    def how(asked: Asked, right: Callable[[], Reply]) -> Reply:
        right()
        return reply

    return how


def _huge(asked: Asked, right: Callable[[], Reply]) -> Reply:
    """A field of 10 MB that nobody asked for."""
    reply = right()
    if isinstance(reply.data, dict):
        return Reply(reply.status, {**reply.data, "padding": "x" * BIG}, reply.headers)
    return reply


@lru_cache(maxsize=1)
def _packed() -> bytes:
    return gzip.compress(b" " * (200 * MEGA), 1)


def _bomb(asked: Asked, right: Callable[[], Reply]) -> Reply:
    return Reply(200, raw=_packed(), headers={"Content-Type": JSON, "Content-Encoding": "gzip"})


PASSING: dict[str, How] = {
    "500 then fine": instead(Reply(500, {"message": "oops"})),
    "connection lost before": instead(Reply(cut=True)),
    "token expired": instead(Reply(401, {"message": "expired"})),
}
"""Once, and everything is fine again."""
LATER: dict[str, Callable[[Fake], Reply]] = {
    "429 with Retry-After": lambda fake: Reply(429, {"message": "slow"}, {"Retry-After": "120"}),
    "429 without Retry-After": lambda fake: Reply(429, {"message": "slow"}),
    "403 as throttle": lambda fake: fake.throttle(),
    "daily budget": lambda fake: fake.budget(),
}
"""Come back later: parked, nobody waits."""
BROKEN: dict[str, Callable[[Fake], How]] = {
    "wrong content type": lambda fake: instead(
        Reply(200, raw=b"id;name", headers={"Content-Type": "text/csv"})
    ),
    "login page with 200": lambda fake: instead(
        Reply(200, raw=b"<html>Sign in</html>", headers={"Content-Type": "text/html"})
    ),
    "login page with 404": lambda fake: instead(
        Reply(404, raw=b"<html>Gone</html>", headers={"Content-Type": "text/html"})
    ),
    "truncated answer": lambda fake: instead(fake.half),
    "gzip bomb": lambda fake: _bomb,
    "redirect to a private address": lambda fake: instead(
        Reply(302, raw=b"", headers={"Location": "http://169.254.169.254/latest/meta-data"})
    ),
    "empty answer": lambda fake: instead(Reply(200, raw=b"")),
}
"""No answer of the vendor: an error, and nothing is concluded from it."""


def order(fake: Fake, how: How, *, times: int = ALWAYS, when: Callable[[Asked], bool] = every) -> None:
    """Order a fault."""
    fake.faults.append(Fault(when, how, times))


def writing(fake: Fake) -> Callable[[Asked], bool]:
    """Requests that change something."""
    return lambda asked: asked.route in fake.writes


def reading(fake: Fake) -> Callable[[Asked], bool]:
    """Requests that only look."""
    return lambda asked: asked.route not in fake.writes


HUGE = _huge


class stretched:  # noqa: N801 - read like a function
    """One field that holds ``word`` is 10 MB longer, once in each of three answers. ``met``: there was one."""

    def __init__(self, word: str) -> None:
        self.word, self.met, self.times = word, False, 3

    def __call__(self, asked: Asked, right: Callable[[], Reply]) -> Reply:
        reply = right()
        whole = reply.raw if reply.raw is not None else json.dumps(reply.data, ensure_ascii=False).encode()
        at = whole.find(self.word.encode())
        if at < 0 or self.times == 0:
            return reply
        self.times -= 1
        self.met, end = True, at + len(self.word.encode())
        kind = {"Content-Type": JSON} if reply.raw is None else {}
        return Reply(
            reply.status, raw=whole[:end] + b"x" * BIG + whole[end:], headers={**kind, **reply.headers}
        )
