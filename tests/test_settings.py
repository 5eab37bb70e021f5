"""Settings: what is wrong is named, with what to write instead."""

import stat
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest

from dsr.domain.organisation import Contact, SecretSource
from dsr.settings import HELP, Settings, SettingsError, load

CONTROLLER = """
[[controller]]
key = "acme"
name = "Acme SL"
address = "Calle Mayor 1, Madrid"
zone = "Europe/Madrid"
jurisdiction = "ES"
language = "es"
path = "/acme"
auto_approve = ["access"]
[controller.contact]
email = "dpo@acme.example"
name = "Olga"
phone = "+34 910 000 000"
"""
OTHER = CONTROLLER.replace('"acme"', '"bolt"').replace('"/acme"', '"/bolt"')
SYSTEM = """
[[system]]
key = "crm"
kind = "sql"
title = "CRM"
controllers = ["acme"]
map = "maps/crm.yaml"
acting = ["access"]
roles = ["dpo"]
[system.settings]
url = "sqlite:///{instance}/crm.sqlite3"
password = {env = "CRM_PASSWORD"}
certificate = {file = "keys/crm.pem"}
"""
REAL = {
    "DSR_SMTP_URLS": "smtp://u:p%40ss@mail.example.org:2525 smtps://backup.example.org",
    "DSR_MAIL_FROM": "privacy@example.org",
    "DSR_PORTAL_URL": "https://privacy.example.org/",
}


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    (tmp_path / "controllers.toml").write_text(CONTROLLER)
    (tmp_path / "systems.toml").write_text(SYSTEM)
    (tmp_path / "maps").mkdir()
    (tmp_path / "maps" / "crm.yaml").write_text("dataset: []\n")
    return tmp_path


def read(instance: Path, **environ: str) -> Settings:
    return load({"DSR_INSTANCE": str(instance)} | environ)


def refused(instance: Path, **environ: str) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        read(instance, **environ)
    return caught.value


def test_a_demonstration_needs_nothing_but_its_organisation(instance: Path) -> None:
    settings = read(instance, DSR_DEMO="on")
    assert settings.database_url == f"sqlite:///{instance / 'dsr.sqlite3'}"
    assert settings.engine_url == f"sqlite:///{instance / 'engine.sqlite3'}"
    assert settings.portal_url == "http://127.0.0.1:8000"
    assert settings.master_key_file == instance / "master.key"


def test_a_real_installation_is_careful_by_default(instance: Path) -> None:
    settings = read(instance, **REAL)
    assert (settings.four_eyes, settings.mfa, settings.demo) == (True, "required", False)
    assert (settings.portal_url, settings.desk_url) == (
        "https://privacy.example.org",
        "https://privacy.example.org/desk",
    )


def test_servers_are_tried_in_the_order_written(instance: Path) -> None:
    first, second = read(instance, **REAL).smtp_urls
    assert (first.host, first.port, first.tls, first.password) == (
        "mail.example.org",
        2525,
        "starttls",
        "p@ss",
    )
    assert (second.host, second.port, second.tls) == ("backup.example.org", 465, "immediate")


@pytest.mark.parametrize("name", REAL)
def test_outside_a_demonstration_what_is_missing_stops_the_start(instance: Path, name: str) -> None:
    assert refused(instance, **{key: value for key, value in REAL.items() if key != name}).name == name


@pytest.mark.parametrize(
    ("name", "value", "write"),
    [
        ("DSR_PORT", "eighty", "from 1 to 65535"),
        ("DSR_PORT", "70000", "from 1 to 65535"),
        ("DSR_FOUR_EYES", "maybe", "on or off"),
        ("DSR_MFA", "never", "required, optional"),
        ("DSR_ROLE", "everything", "all, portal, desk, worker"),
        ("DSR_LANGUAGES", "es fr", "es en pt"),
        ("DSR_PROXIES", "10.0.0.1/8", "10.0.0.0/8"),
        ("DSR_DATABASE_URL", "mysql://host/db", "postgresql://"),
        ("DSR_SMTP_URLS", "http://mail", "smtp://user:password@host:587"),
        ("DSR_SMTP_URLS", "smtp://mail.example.org?starttls=off", "encrypted"),
        ("DSR_MAIL_FROM", "nobody", "privacy@example.org"),
        ("DSR_PORTAL_URL", "privacy.example.org", "https://"),
        ("DSR_PORTAL_URL", "http://privacy.example.org", "https://"),
        ("DSR_LOCK_SECONDS", "-1", "0.1 to 3600"),
        ("DSR_SECRET_KEY", "short", "32"),
        ("DSR_POTAL_URL", "https://x.example", "docs/operations.md"),
    ],
)
def test_a_wrong_setting_is_named_with_what_to_write(
    instance: Path, name: str, value: str, write: str
) -> None:
    error = refused(instance, **REAL | {name: value})
    assert error.name == name
    assert write in str(error)


def test_a_password_in_a_wrong_mail_address_is_not_repeated(instance: Path) -> None:
    assert "s3cret" not in str(refused(instance, **REAL | {"DSR_SMTP_URLS": "imap://u:s3cret@host"}))


def test_a_demonstration_listens_on_this_machine_only(instance: Path) -> None:
    assert refused(instance, DSR_DEMO="on", DSR_HOST="0.0.0.0").name == "DSR_HOST"


def test_postgresql_serves_the_engine_too(instance: Path) -> None:
    settings = read(instance, **REAL, DSR_DATABASE_URL="postgresql://u:p@db.example/dsr")
    assert settings.engine_url == settings.database_url == "postgresql+psycopg://u:p@db.example/dsr"


def test_networks_are_read(instance: Path) -> None:
    settings = read(instance, **REAL, DSR_PROXIES="10.0.0.0/8, ::1")
    assert settings.proxies == (ip_network("10.0.0.0/8"), ip_network("::1/128"))


def test_the_session_key_is_made_once_and_for_this_user_only(instance: Path) -> None:
    first, second = read(instance, DSR_DEMO="on"), read(instance, DSR_DEMO="on")
    assert first.secret_key == second.secret_key
    assert stat.S_IMODE((instance / "secret.key").stat().st_mode) == 0o600


def test_a_session_key_that_others_can_read_stops_the_start(instance: Path) -> None:
    read(instance, DSR_DEMO="on")
    (instance / "secret.key").chmod(0o644)
    assert "chmod 600" in refused(instance, DSR_DEMO="on").write


def test_the_session_key_does_not_show(instance: Path) -> None:
    settings = read(instance, DSR_DEMO="on")
    assert settings.secret_key not in repr(settings)


def test_a_copied_folder_is_another_installation(instance: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("controllers.toml",):
        (copy / name).write_text((instance / name).read_text())
    assert read(instance, DSR_DEMO="on").identity != read(copy, DSR_DEMO="on").identity


def test_a_named_installation_is_the_same_on_every_machine(instance: Path) -> None:
    names = {read(instance, DSR_DEMO="on", DSR_IDENTITY=name).identity for name in ("ours", "ours", "x")}
    assert len(names) == 2


def test_every_setting_is_explained_and_nothing_else() -> None:
    assert {one.name for one in fields(Settings)} - {"controllers", "systems"} == set(HELP)


def test_the_organisation_is_read(instance: Path) -> None:
    settings = read(instance, DSR_DEMO="on")
    (acme,) = settings.controllers
    (crm,) = settings.systems
    assert (acme.key, acme.path, acme.systems) == ("acme", "acme", ("crm",))
    assert acme.contact == Contact("dpo@acme.example", "Olga", "+34 910 000 000")
    assert (crm.controllers, crm.acting, crm.roles) == (("acme",), ("access",), ("dpo",))
    assert crm.settings == {
        "url": f"sqlite:///{instance}/crm.sqlite3",
        "map": "dataset: []\n",
        "map_name": "maps/crm.yaml",
    }
    assert crm.secrets == {
        "password": SecretSource(env="CRM_PASSWORD"),
        "certificate": SecretSource(file=str(instance / "keys/crm.pem")),
    }


def test_a_system_acts_on_nothing_unless_told(instance: Path) -> None:
    (instance / "systems.toml").write_text(SYSTEM.replace('acting = ["access"]', ""))
    assert read(instance, DSR_DEMO="on").systems[0].acting == ()


def test_either_file_may_say_whose_a_system_is(instance: Path) -> None:
    (instance / "controllers.toml").write_text(CONTROLLER + OTHER.replace("zone", 'systems = ["crm"]\nzone'))
    settings = read(instance, DSR_DEMO="on")
    assert settings.systems[0].controllers == ("acme", "bolt")
    assert [controller.systems for controller in settings.controllers] == [("crm",), ("crm",)]


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('zone = "Europe/Madrid"', 'zone = "Madrid"', "controllers.toml:6 zone"),
        ('zone = "Europe/Madrid"', "", "controllers.toml:2 zone"),
        ('zone = "Europe/Madrid"', "zone = 1", "controllers.toml:6 zone"),
        ('name = "Acme SL"', 'name = ""', "controllers.toml:4 name"),
        ('key = "acme"', 'key = "Acme SL"', "controllers.toml:3 key"),
        ('language = "es"', 'language = "fr"', "controllers.toml:8 language"),
        ('jurisdiction = "ES"', 'jurisdiction = "Spain"', "controllers.toml:7 jurisdiction"),
        ('jurisdiction = "ES"', 'jurisdiction = "ZZ"', "controllers.toml:7 jurisdiction"),
        ('"dpo@acme.example"', '"dpo@acme.example\\nBcc: eva@x.example"', "controllers.toml:12 email"),
        ('["access"]', '["everything"]', "controllers.toml:10 auto_approve"),
        ('["access"]', '"access"', "controllers.toml:10 auto_approve"),
        ('path = "/acme"', 'paht = "/acme"', "controllers.toml:9 paht"),
        ('phone = "+34', 'fax = "+34', "controllers.toml:14 fax"),
        ("[[controller]]", "[[organisation]]", "controllers.toml:2 organisation"),
    ],
)
def test_a_wrong_controller_is_named_with_file_and_line(
    instance: Path, old: str, new: str, name: str
) -> None:
    (instance / "controllers.toml").write_text(CONTROLLER.replace(old, new, 1))
    assert refused(instance, DSR_DEMO="on").name == name


@pytest.mark.parametrize(
    ("old", "new", "name"),
    [
        ('title = "CRM"', "", "systems.toml:2 title"),
        ('["acme"]', '["eve"]', "systems.toml:6 controllers"),
        ('["acme"]', "[]", "systems.toml:6 controllers"),
        ('"maps/crm.yaml"', '"maps/none.yaml"', "systems.toml:7 map"),
        ('"maps/crm.yaml"', '"../outside.yaml"', "systems.toml:7 map"),
        ('"maps/crm.yaml"', '"/etc/hostname"', "systems.toml:7 map"),
        ('{env = "CRM_PASSWORD"}', '{file = "../crm.password"}', "systems.toml:12 password"),
        ('password = {env = "CRM_PASSWORD"}', '"../x" = {sealed = true}', "systems.toml:12 ../x"),
        ('roles = ["dpo"]', 'roles = ["boss"]', "systems.toml:9 roles"),
        ('{env = "CRM_PASSWORD"}', "{env = 1}", "systems.toml:12 password"),
        ('kind = "sql"', 'kind = "manual"', "systems.toml:2 holders"),
        ('kind = "sql"', 'kind = "sql"\nmode = "act"', "systems.toml:5 mode"),
    ],
)
def test_a_wrong_system_is_named_with_file_and_line(instance: Path, old: str, new: str, name: str) -> None:
    (instance / "systems.toml").write_text(SYSTEM.replace(old, new, 1))
    assert refused(instance, DSR_DEMO="on").name == name


def test_a_map_outside_is_refused_although_it_is_there_and_the_error_says_what_to_write(
    instance: Path,
) -> None:
    (instance.parent / "outside.yaml").write_text("dataset: []\n")
    (instance / "systems.toml").write_text(SYSTEM.replace("maps/crm.yaml", "maps/../../outside.yaml"))
    error = refused(instance, DSR_DEMO="on")
    assert "is outside" in error.problem
    assert "map = 'maps/crm.yaml'" in error.write


def test_a_map_may_be_named_by_its_whole_path_and_a_secret_may_lie_anywhere(
    instance: Path, tmp_path: Path
) -> None:
    text = SYSTEM.replace('"maps/crm.yaml"', f'"{instance}/maps/crm.yaml"')
    text = text.replace('{env = "CRM_PASSWORD"}', '{file = "/run/secrets/crm"}')
    (instance / "systems.toml").write_text(text)
    (found,) = read(instance, DSR_DEMO="on").systems
    assert found.secrets["password"] == SecretSource(file="/run/secrets/crm")


def test_the_same_key_twice_is_found_at_the_second(instance: Path) -> None:
    (instance / "controllers.toml").write_text(CONTROLLER + CONTROLLER)
    assert refused(instance, DSR_DEMO="on").name == "controllers.toml:17 key"


def test_two_portals_at_one_address_are_refused(instance: Path) -> None:
    (instance / "controllers.toml").write_text(CONTROLLER + OTHER.replace("/bolt", "/acme"))
    assert refused(instance, DSR_DEMO="on").name == "controllers.toml:23 path"


def test_broken_toml_is_reported_with_its_place(instance: Path) -> None:
    (instance / "controllers.toml").write_text('[[controller]]\nkey = "acme\nname = "Acme"\n')
    assert "line 2" in str(refused(instance, DSR_DEMO="on"))


def test_a_missing_file_says_what_to_write(instance: Path) -> None:
    (instance / "controllers.toml").unlink()
    assert "[[controller]]" in refused(instance, DSR_DEMO="on").write


def test_no_controller_is_refused(instance: Path) -> None:
    (instance / "controllers.toml").write_text("")
    assert "[[controller]]" in refused(instance, DSR_DEMO="on").write


RECIPIENT = """
[[controller.recipients]]
name = "Mensajería"
channel = "mail"
mail = "datos@mensajeria.example"
"""


def test_recipients_are_read_with_their_channel(instance: Path) -> None:
    (instance / "controllers.toml").write_text(CONTROLLER + RECIPIENT)

    (found,) = read(instance, DSR_DEMO="on").controllers[0].recipients

    assert (found.name, found.channel, found.mail) == ("Mensajería", "mail", "datos@mensajeria.example")
    assert found.known_by == ("email",)


@pytest.mark.parametrize(
    ("wrong", "where"),
    [
        ('channel = "fax"', "channel"),
        ('channel = "mail"\nmail = "nobody"', "mail"),
        ('channel = "webhook"\nurl = "http://x.example"\nsecret = {env = "X"}', "url"),
        ('channel = "webhook"\nurl = "https://x.example"\nsecret = "x"', "secret"),
        ('channel = "webhook"\nurl = "https://x.example"\nsecret = {file = "../x"}', "secret"),
        ('channel = "manual"\nknown_by = ["shoe"]', "known_by"),
        ('channel = "manual"\ncolour = "red"', "colour"),
    ],
)
def test_a_wrong_recipient_stops_the_start(instance: Path, wrong: str, where: str) -> None:
    entry = f'\n[[controller.recipients]]\nname = "Mensajería"\n{wrong}\n'
    (instance / "controllers.toml").write_text(CONTROLLER + entry)

    assert refused(instance, DSR_DEMO="on").name.endswith(f" {where}")


def test_a_master_key_that_can_neither_be_read_nor_made_stops_the_start(instance):
    with pytest.raises(SettingsError) as error:
        read(instance, **REAL, DSR_MASTER_KEY_FILE=str(instance / "systems.toml" / "master.key"))

    assert error.value.name == "DSR_MASTER_KEY_FILE"
