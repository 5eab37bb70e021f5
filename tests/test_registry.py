"""The registry: connectors by entry point, opened with what they may know and nothing else."""

from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar

import pytest
from structlog.testing import capture_logs

from dsr.contract import ConnectorError, Context, Description, Limits
from dsr.domain.errors import Refusal
from dsr.domain.organisation import SecretSource, SystemConfig
from dsr.registry import GROUP, Registry

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Shelf:
    """A connector that holds nothing; it remembers what it was opened with."""

    kind = "shelf"
    settings = ()
    opened: ClassVar[list[Context]] = []
    closed: ClassVar[int] = 0

    def open(self, context: Context) -> None:
        Shelf.opened.append(context)
        if context.settings.get("broken"):
            raise ConnectorError("the setting 'broken' is wrong", permanent=True)

    def describe(self) -> Description:
        return Description(title="Shelf", collections=(), capabilities=())

    def close(self) -> None:
        Shelf.closed += 1


class Impostor(Shelf):
    kind = "something else"


class Point:
    """An entry point whose class is here."""

    def __init__(self, name: str, found: type | Exception) -> None:
        self.name, self.value, self._found = name, f"tests:{name}", found

    def load(self) -> type:
        if isinstance(self._found, Exception):
            raise self._found
        return self._found


POINTS: tuple[Any, ...] = (
    Point("shelf", Shelf),
    Point("impostor", Impostor),
    Point("broken", ModuleNotFoundError("No module named 'vendor'")),
)


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    yield
    Shelf.opened.clear()
    Shelf.closed = 0


def system(kind: str = "shelf", **changes: Any) -> SystemConfig:
    return SystemConfig(**{"key": "crm", "kind": kind, "title": "CRM", "controllers": ("acme",)} | changes)


def registry(*systems: SystemConfig, **more: Any) -> Registry:
    return Registry(systems, points=POINTS, **more)


def test_a_connector_is_opened_with_its_context_and_closed() -> None:
    house = registry(system(settings={"colour": "red"}), limits=Limits(page=7))
    with house.open("acme", "crm", now=NOW) as connector:
        assert connector.describe().title == "Shelf"
    (context,) = Shelf.opened
    assert (context.system, context.controller, context.settings, context.now) == (
        "crm",
        "acme",
        {"colour": "red"},
        NOW,
    )
    assert (context.limits.page, context.read_only, Shelf.closed) == (7, False, 1)


def test_a_connector_is_closed_after_an_error() -> None:
    with pytest.raises(ConnectorError), registry(system()).open("acme", "crm", now=NOW):
        raise ConnectorError("away", permanent=False)
    assert Shelf.closed == 1


def test_a_demonstration_is_a_test_run_for_its_systems() -> None:
    for demonstration in (True, False):
        with registry(system(), rehearsal=demonstration).open("acme", "crm", now=NOW):
            assert Shelf.opened[-1].rehearsal is demonstration


def test_describing_is_read_only() -> None:
    registry(system()).describe("acme", "crm", now=NOW)
    assert Shelf.opened[0].read_only is True


def test_a_controller_sees_its_own_systems_only() -> None:
    mine, theirs = system(), system(key="shop", controllers=("bolt",))
    assert registry(mine, theirs).for_controller("acme") == (mine,)


def test_a_system_of_another_controller_is_unknown() -> None:
    house = registry(system(controllers=("bolt",)))
    with pytest.raises(Refusal) as caught, house.open("acme", "crm", now=NOW):
        pytest.fail("it was opened")
    assert caught.value.code == "system.unknown"


def test_a_connector_that_does_not_load_is_named_without_its_words_and_the_others_go_on() -> None:
    house = registry(system(), system("broken", key="b"))
    with pytest.raises(ConnectorError, match="'broken'.*ModuleNotFoundError") as caught:
        house.describe("acme", "b", now=NOW)
    assert caught.value.permanent is True
    assert house.describe("acme", "crm", now=NOW).title == "Shelf"


def test_a_connector_under_a_false_name_is_refused() -> None:
    with pytest.raises(ConnectorError, match="calls itself 'something else'"):
        registry(system("impostor")).describe("acme", "crm", now=NOW)


def test_a_secret_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PASSWORD", "s3cret")
    registry(system(secrets={"password": SecretSource(env="CRM_PASSWORD")})).describe("acme", "crm", now=NOW)
    assert Shelf.opened[0].secret("password") == "s3cret"


def test_a_secret_comes_from_a_file_without_its_line_end(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("s3cret\n")
    config = system(secrets={"password": SecretSource(file=str(tmp_path / "key"))})
    registry(config).describe("acme", "crm", now=NOW)
    assert Shelf.opened[0].secret("password") == "s3cret"


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (SecretSource(env="CRM_NOT_THERE"), "CRM_NOT_THERE is not set, or empty. Set it for dsr"),
        (SecretSource(file="/nowhere/key"), "the file /nowhere/key is not there. Write the secret there"),
        (SecretSource(file="/"), "the file / is unreadable"),
        (SecretSource(sealed="/nowhere/crm.password"), "dsr systems secret crm password"),
    ],
)
def test_a_secret_that_is_not_there_says_where_it_was_looked_for_and_what_to_do(
    source: SecretSource, message: str
) -> None:
    config = system(secrets={"password": source})
    found = registry(config)
    found.describe("acme", "crm", now=NOW)
    with pytest.raises(ConnectorError, match=message) as caught:
        Shelf.opened[0].secret("password")
    assert found.lacking(config) == (str(caught.value),)


def test_a_system_that_has_its_secrets_lacks_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_PASSWORD", "s3cret")
    config = system(secrets={"password": SecretSource(env="CRM_PASSWORD")})
    assert registry(config).lacking(config) == ()


def test_a_plain_setting_may_serve_as_secret_and_a_missing_one_says_what_to_write() -> None:
    registry(system(settings={"url": "sqlite://"})).describe("acme", "crm", now=NOW)
    assert Shelf.opened[0].secret("url") == "sqlite://"
    with pytest.raises(ConnectorError, match="password = "):
        Shelf.opened[0].secret("password")


def test_a_connector_logs_numbers_and_no_text() -> None:
    registry(system()).describe("acme", "crm", now=NOW)
    with capture_logs() as lines:
        Shelf.opened[0].log("rows.read", rows=3, who="ana@example.org")
    assert lines == [
        {"event": "rows.read", "log_level": "info", "system": "crm", "controller": "acme", "rows": 3}
    ]


def test_installed_connectors_are_found_by_their_entry_points() -> None:
    point = EntryPoint("sql", "connectors.sql:Sql", GROUP)
    assert Registry(points=[point]).kinds() == ("sql",)
