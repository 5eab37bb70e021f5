"""The PostgreSQL schema of Umami 2.10.0, a web tracking store, taken from its own package at test time."""

import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from pathlib import Path

from servers import postgres, process

VERSION = "2.10.0"
SHA256 = "1544b6862a5bf5e19dc58c8c382f8de3fd9f3f1c2b4110fbf7de9d7f4bd58850"
ARCHIVE = Path(__file__).parents[2] / "build" / "umami" / f"umami-{VERSION}.tgz"
MIGRATIONS = (
    "package/db/postgresql/migrations/01_init/migration.sql",
    "package/db/postgresql/migrations/02_report_schema_session_data/migration.sql",
    "package/db/postgresql/migrations/03_metric_performance_index/migration.sql",
    "package/db/postgresql/migrations/04_team_redesign/migration.sql",
)
# Nothing in the four files uses the extension, and the PostgreSQL of the tests does not carry it.
UNUSED = 'CREATE EXTENSION IF NOT EXISTS "pgcrypto";'


def migrations() -> list[str]:
    """The four migration files as they are, but for the one unused statement.

    Raises process.Missing without npm or network, ValueError when the package is not the pinned one.
    """
    with tarfile.open(fileobj=io.BytesIO(_archive()), mode="r:gz") as archive:
        texts = [_member(archive, name) for name in MIGRATIONS]
    if sum(text.count(UNUSED) for text in texts) != 1:
        raise ValueError(f"the migrations of Umami {VERSION} do not hold exactly one {UNUSED}")
    return [text.replace(UNUSED, "") for text in texts]


def apply(url: str) -> None:
    """Runs the migrations on the empty PostgreSQL database at `url`."""
    with postgres.connect(url) as connection:
        for text in migrations():
            connection.execute(text.encode())


def version() -> str:
    """The version the package states about itself."""
    with tarfile.open(fileobj=io.BytesIO(_archive()), mode="r:gz") as archive:
        return str(json.loads(_member(archive, "package/package.json"))["version"])


def _archive() -> bytes:
    content = ARCHIVE.read_bytes() if ARCHIVE.exists() else _fetch()
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256:
        raise ValueError(f"{ARCHIVE.name} has SHA-256 {found} instead of {SHA256}; delete it and look why")
    return content


def _fetch() -> bytes:
    npm = shutil.which("npm")
    if npm is None:
        raise process.Missing("Umami's schema: npm is not installed (Debian: apt-get install npm)")
    ARCHIVE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ARCHIVE.parent) as place:
        try:
            process.run([npm, "pack", "--silent", f"umami@{VERSION}"], cwd=Path(place))
        except RuntimeError as error:
            raise process.Missing(f"Umami's schema: npm pack failed: {error}") from error
        # Moved in one step: two test processes may fetch at the same time.
        Path(place, ARCHIVE.name).replace(ARCHIVE)
    return ARCHIVE.read_bytes()


def _member(archive: tarfile.TarFile, name: str) -> str:
    member = archive.extractfile(name)
    if member is None:
        raise ValueError(f"{name} is not a file in the package of Umami {VERSION}")
    return member.read().decode()
