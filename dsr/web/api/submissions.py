"""What belongs to a whole submission: the rights that can be asked for, and the power of whoever asks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from marshmallow import RAISE
from werkzeug.datastructures import FileStorage

from dsr.services import country, evidence
from dsr.services.house import house
from dsr.services.tokens import WRITE
from dsr.web import schemas, uploads
from dsr.web.moment import now

from .place import area, bearer, once_guarded, read_file, scope

bp = area("submissions", "What a person can ask for, and documents for a request.")
files = area("files", "Documents for a request.", read=read_file)


@bp.route("/rights", methods=["GET"])
@scope(bp, WRITE)
@bp.arguments(schemas.WhereSchema, location="query", unknown=RAISE)
@bp.response(200, schemas.RightsSchema)
def rights(asked: Mapping[str, Any]) -> Any:
    """What a person can ask for where she lives, by its name there.

    With a `local_right`: one that only that law has. `right` is then the one whose work answers it.
    """
    controller = house().controller(bearer().controller)
    language = asked["language"] or controller.language
    where = country.place(asked["country"], controller)
    found = country.rights(where.jurisdiction, controller, language, now=now())
    return {"jurisdiction": where.jurisdiction, "rights": found}


@files.route("/submissions/<reference:reference>/evidence", methods=["POST"])
@scope(files, WRITE, 404, 409, 413, 415)
@files.arguments(schemas.KeySchema, location="headers")
@files.arguments(schemas.EvidenceSchema, location="files")
@files.response(201, schemas.KeptSchema)
def attach(headers: Mapping[str, str], sent: Mapping[str, FileStorage], reference: str) -> Any:
    """Hand in the document that shows that somebody may ask for somebody else.

    PDF, PNG or JPEG, known by its first bytes. It is sealed at once; only the desk can open it.
    """
    file, by = sent["file"], bearer()
    uploads.check(file)
    digest = hashlib.sha256()
    for piece in uploads.pieces(file):
        digest.update(piece)
    name = file.filename or ""

    def work() -> dict[str, Any]:
        file.stream.seek(0)
        evidence.attach_power(
            reference, uploads.pieces(file), name=name, controller=by.controller, by=by.actor, now=now()
        )
        return {"reference": reference, "sha256": digest.hexdigest()}

    return once_guarded(headers["key"], 201, work, content=digest.digest() + name.encode("utf-8", "replace"))
