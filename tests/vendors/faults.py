"""What can go wrong between a connector and a vendor, each as a fault to order."""

from __future__ import annotations

import gzip
from collections.abc import Callable

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


def _truncated(asked: Asked, right: Callable[[], Reply]) -> Reply:
    return Reply(200, raw=b'{"success": true, "results": [{"id": ', headers={"Content-Type": JSON})


def _huge(asked: Asked, right: Callable[[], Reply]) -> Reply:
    """A field of 10 MB that nobody asked for."""
    reply = right()
    if isinstance(reply.data, dict):
        return Reply(reply.status, {**reply.data, "padding": "x" * BIG}, reply.headers)
    return reply


def _bomb(asked: Asked, right: Callable[[], Reply]) -> Reply:
    packed = gzip.compress(b" " * (200 * MEGA), 1)
    return Reply(200, raw=packed, headers={"Content-Type": JSON, "Content-Encoding": "gzip"})


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
BROKEN: dict[str, How] = {
    "wrong content type": instead(Reply(200, raw=b"id;name", headers={"Content-Type": "text/csv"})),
    "login page with 200": instead(
        Reply(200, raw=b"<html>Sign in</html>", headers={"Content-Type": "text/html"})
    ),
    "login page with 404": instead(
        Reply(404, raw=b"<html>Gone</html>", headers={"Content-Type": "text/html"})
    ),
    "truncated JSON": _truncated,
    "gzip bomb": _bomb,
    "redirect to a private address": instead(
        Reply(302, raw=b"", headers={"Location": "http://169.254.169.254/latest/meta-data"})
    ),
    "empty answer": instead(Reply(200, raw=b"")),
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
