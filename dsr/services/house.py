"""What the use cases need to know of the installation, handed down by ``dsr.app`` once."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network
from typing import TYPE_CHECKING, Any

from dsr import mail, store
from dsr.documents import Wording
from dsr.domain.errors import Refusal
from dsr.domain.organisation import Controller
from dsr.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Policy:
    """Decisions of the installation: days and years, who must agree, limits."""

    four_eyes: bool = True
    package_days: int = 14
    package_kept_days: int = 30
    identity_days: int = 30
    retention_years: int = 3
    proof_years: int = 5
    code_minutes: int = 60
    code_attempts: int = 5
    mails_per_recipient: int = 5
    submissions_per_network: int = 30
    submissions_overall: int = 5000
    batch_cases: int = 50
    batch_rows: int = 20_000
    open_batches: int = 16
    api_per_minute: int = 600
    hook_networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True)
class House:
    """Controllers by key, the registry of systems, transports for mail, policy, public addresses.

    ``transports`` are tried in order; each takes a ``mail.Outgoing`` and returns the server's words or
    raises ``mail.MailError``. ``started`` takes a batch id after the commit and may run it at once;
    ``handed_over`` may take it inside the transaction instead, for another process, and says whether it did.
    ``owner`` names this process in what it claims. ``reports`` opens the mailbox of delivery reports, None
    without one. ``wording``: the organisation's own words in letters.
    """

    controllers: Mapping[str, Controller]
    registry: Registry
    transports: tuple[Callable[[mail.Outgoing], str], ...]
    policy: Policy
    portal_url: str
    desk_url: str
    mail_from: str
    started: Callable[[str, str], None]
    handed_over: Callable[[Any, str, str], bool] = lambda session, batch, phase: False
    owner: str = ""
    reports: Callable[[], AbstractContextManager[mail.Box]] | None = None
    wording: Wording = field(default_factory=Wording)

    def portal_of(self, controller: Controller) -> str:
        """The public address of a controller's portal: her host, or her path below the common address."""
        if controller.host:
            return f"{self.portal_url.partition('://')[0]}://{controller.host}"
        path = controller.path.strip("/")
        return f"{self.portal_url}/{path}" if path else self.portal_url

    def controller(self, key: str) -> Controller:
        """The controller of this key; Refusal ``controller.unknown``."""
        try:
            return self.controllers[key]
        except KeyError:
            raise Refusal("controller.unknown", f"There is no controller {key!r}.") from None


def house() -> House:
    """The installation of the running application."""
    found: House = store.attached("house")
    return found
