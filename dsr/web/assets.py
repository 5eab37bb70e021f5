"""Style sheets, scripts and pictures: read once, named by their content, sent compressed, kept for a year."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from dataclasses import dataclass
from pathlib import Path

import flask_bootstrap
from flask import Blueprint, Flask, Response, abort, current_app, request, url_for

from .roles import PUBLIC, roles

bp = Blueprint("assets", __name__)

OURS = Path(__file__).parent / "static"
BOOTSTRAP = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css" / "bootstrap.min.css"
YEAR = 31_536_000
EXTENSION = "dsr.assets"


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: the name it is asked for by, its bytes plain and compressed."""

    name: str
    media: str
    plain: bytes
    packed: bytes


def init_app(app: Flask) -> None:
    """Read every file and offer ``asset('portal.css')`` to the templates."""
    files = [BOOTSTRAP, *sorted(path for path in OURS.iterdir() if path.is_file())]
    app.extensions[EXTENSION] = {path.name: _asset(path) for path in files}
    app.register_blueprint(bp)
    app.jinja_env.globals["asset"] = address


def address(name: str) -> str:
    """Where a file is; KeyError for a name that is none, so that no page ships without its style."""
    return url_for("assets.send", name=_assets()[name].name)


@bp.get("/assets/<name>")
@roles(PUBLIC)
def send(name: str) -> Response:
    """A file under the name that holds its digest; it never changes."""
    asset = next((one for one in _assets().values() if one.name == name), None)
    if asset is None:
        abort(404)
    packed = request.accept_encodings["gzip"] > 0
    answer = Response(asset.packed if packed else asset.plain, mimetype=asset.media)
    answer.headers["Vary"] = "Accept-Encoding"
    answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    if packed:
        answer.headers["Content-Encoding"] = "gzip"
    return answer


def _assets() -> dict[str, Asset]:
    found: dict[str, Asset] = current_app.extensions[EXTENSION]
    return found


def _asset(path: Path) -> Asset:
    plain = path.read_bytes()
    if path == BOOTSTRAP:
        plain = plain.rpartition(b"/*# sourceMappingURL")[0] or plain
    digest = hashlib.sha256(plain).hexdigest()[:12]
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(f"{path.stem}-{digest}{path.suffix}", media, plain, gzip.compress(plain, 9, mtime=0))
