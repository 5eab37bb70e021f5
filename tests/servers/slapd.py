"""OpenLDAP for the tests: slapd of the system with a configuration and a database of its own."""

import contextlib
import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from servers import certificates, process

WHERE = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin", "/usr/lib/openldap"])
SCHEMAS = ("/etc/ldap/schema", "/etc/openldap/schema")
MODULES = ("/usr/lib/ldap", "/usr/lib/openldap")
BASE = "dc=example,dc=org"
ADMIN, SERVICE = f"cn=admin,{BASE}", f"cn=dsr,{BASE}"

SETTINGS = """\
{schemas}
pidfile {home}/pid
argsfile {home}/args
{modules}
TLSCertificateFile {pem}
TLSCertificateKeyFile {pem}
sizelimit {limit}

database mdb
suffix {base}
rootdn {admin}
rootpw {password}
limits dn.exact={service} size.soft={limit} size.hard={limit} size.prtotal=unlimited
directory {home}/data
maxsize 268435456
dbnosync
index objectClass,entryUUID,mail,uid,member,uniqueMember,memberUid eq
access to attrs=userPassword by dn.exact={service} {passwords} by anonymous auth by * none
access to * by dn.exact={service} write by * none
"""


@dataclass(frozen=True)
class Slapd:
    """A running slapd. ``admin`` may do everything, ``service`` what the connector needs; one password."""

    url: str
    secure_url: str
    password: str
    version: str
    pid: int
    authority: str
    home: Path

    def client(self, tool: str, *arguments: str, given: str = "", check: bool = True) -> str:
        """What an LDAP client (ldapsearch, ldapmodify...), signed in as admin, prints."""
        command = [_program(tool), "-x", "-H", self.url, "-D", ADMIN, "-w", self.password, *arguments]
        done = subprocess.run(command, input=given, capture_output=True, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"{tool} ended with {done.returncode}: {done.stderr[-2000:]}")
        return done.stdout

    def dump(self) -> str:
        """The whole database as slapcat reads it from its files."""
        return process.run([_program("slapcat"), "-f", self.home / "slapd.conf", "-o", "ldif-wrap=no"])


@contextlib.contextmanager
def running(*, passwords: str = "write", limit: int = 500) -> Iterator[Slapd]:
    """A slapd with an empty suffix and the account of the service. ``passwords``: its right on userPassword.

    Raises process.Missing where slapd or its clients are not installed.
    """
    server, _ = _program("slapd"), _program("ldapsearch")
    with process.home("ldap") as home:
        (home / "data").mkdir()
        port, secure, password = process.free_port(), process.free_port(), secrets.token_hex(12)
        pem = certificates.certificate(home, "localhost")
        (home / "slapd.conf").write_text(
            SETTINGS.format(
                schemas="\n".join(f"include {path}" for path in _schemas()),
                modules=_modules(),
                home=home,
                pem=pem,
                base=BASE,
                admin=ADMIN,
                service=SERVICE,
                password=password,
                passwords=passwords,
                limit=limit,
            )
        )
        url, secure_url = f"ldap://127.0.0.1:{port}", f"ldaps://127.0.0.1:{secure}"
        command = [server, "-h", f"{url} {secure_url}", "-f", home / "slapd.conf", "-d", "none"]
        with process.started(command, log=home / "log", ready=lambda: _version(url)) as (pid, version):
            made = Slapd(url, secure_url, password, version, pid, certificates.public(pem), home)
            made.client("ldapadd", given=first(password))
            yield made


def first(password: str) -> str:
    """The suffix, where people and groups are, and the account of the service."""
    return f"""\
dn: {BASE}
objectClass: domain
dc: example

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: {SERVICE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: dsr
userPassword: {password}
"""


def _version(url: str) -> str:
    """Its own word: the monitor is not loaded, so the program is asked once the server answers."""
    done = subprocess.run([_program("ldapwhoami"), "-x", "-H", url], capture_output=True, text=True)
    if done.returncode != 0:
        raise ConnectionError(done.stderr)
    told = subprocess.run([_program("slapd"), "-VV"], capture_output=True, text=True).stderr
    found = re.search(r"slapd (\S+)", told)
    return found.group(1) if found else "unknown"


def _schemas() -> list[Path]:
    folder = next((Path(one) for one in SCHEMAS if Path(one).is_dir()), None)
    if folder is None:
        raise process.Missing("the schemas of OpenLDAP are not installed (Debian: apt-get install slapd)")
    return [folder / f"{name}.schema" for name in ("core", "cosine", "nis", "inetorgperson")]


def _modules() -> str:
    """Debian builds the database as a module; elsewhere it may be part of the server."""
    folder = next((one for one in MODULES if (Path(one) / "back_mdb.so").exists()), "")
    return f"modulepath {folder}\nmoduleload back_mdb" if folder else ""


def _program(name: str) -> str:
    found = shutil.which(name, path=WHERE)
    if found is None:
        raise process.Missing(f"{name} is not installed (Debian: apt-get install slapd ldap-utils)")
    return found
