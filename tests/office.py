"""A company with a paper archive that two colleagues keep; Ana asks about it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from dsr import store
from dsr.domain.organisation import SystemConfig
from dsr.domain.rights import Right
from dsr.services import identity, intake, letters, review, tasks
from dsr.services.intake import Filing, Wanted
from dsr.store.models import Plan, Search
from dsr.store.operations import Letter
from dsr.store.queries import people
from dsr.store.queries import work as queries
from stage import NOW, OLGA, PAULA, code_in, post, text_of, work

ALL = tuple(right.value for right in Right)
ARCHIVE, DESK = "archivo@acme.example", "mostrador@acme.example"
PAPER = SystemConfig(
    key="paper",
    kind="manual",
    title="Archivo en papel",
    controllers=("acme",),
    settings={
        "title": {"es": "Archivo en papel", "en": "Paper archive", "pt": "Arquivo em papel"},
        "owner": "Administración",
        "categories": ["user.name", "user.contact"],
        "checklist": {"all": ["Contratos"], "erasure": ["Fichas antiguas"]},
    },
    acting=ALL,
    holders=(ARCHIVE, DESK),
)


@dataclass
class Office:
    """The installation, and what people do with it."""

    folder: Path
    ana: str

    def submit(self, *rights, **more):
        """Ana asks and proves her address; the references of her cases."""
        known = {
            "controller": "acme",
            "language": "es",
            "jurisdiction": "ES",
            "country": "ES",
            "rights": tuple(one if isinstance(one, Wanted) else Wanted(one) for one in rights),
            "identifiers": (("email", self.ana),),
            "name": "Ana García Núñez",
        }
        receipt = intake.submit(Filing(**(known | more)), by="person", now=NOW)
        sent = [mail for mail in post(self.folder) if mail["To"] == self.ana]
        identity.confirm_code(receipt.reference, code_in(sent[-1]), now=NOW)
        work()
        return receipt.cases

    def link(self, holder, now=NOW):
        """The token of the mail to a holder that still opens a question."""
        texts = [text_of(one) for one in post(self.folder, now) if one["To"] == holder]
        tokens = [re.search(r"/t/([\w-]+)", text)[1] for text in texts]
        (link,) = [one for one in tokens if tasks.question(one, language="es", now=now)]
        return link

    def say(self, holder, answer, *handed, now=NOW):
        """A holder answers by her newest link, and the work that follows is done."""
        assert tasks.answer(self.link(holder, now), answer, handed, now=now)
        work(now)

    def case(self, reference):
        with store.reading() as session:
            found = people.case(session, reference)
            assert found.submission.identifiers
            return found

    def lines(self, reference):
        """The plan of a case for the archive: (verb, count)."""
        with store.reading() as session:
            found = queries.latest_plans(session, [people.case(session, reference).id])
        (plan,) = found.values()
        return [(one["verb"], one["count"]) for one in plan.summary if one["system"] == "paper"]

    def searched(self, reference):
        """What the archive answered in the current search: (found, count)."""
        case = self.case(reference)
        with store.reading() as session:
            rows = session.scalars(select(Search).where(Search.case_id == case.id, Search.system == "paper"))
            return next((r.found, r.count) for r in rows if r.generation == case.generation)

    def approve(self, reference, now=NOW):
        """Olga and Paula approve what is shown; the work is done."""
        shown = self.plan_hash(reference)
        if review.approve(reference, shown, by=OLGA, now=now) == "second":
            review.second_approve(reference, shown, by=PAULA, now=now)
        work(now)
        return self.case(reference)

    def plan_hash(self, reference):
        case = self.case(reference)
        with store.reading() as session:
            return session.scalar(
                select(Plan.hash).where(Plan.case_id == case.id, Plan.generation == case.generation)
            )

    def letter(self, reference):
        """The newest letter of a case as a person reads it."""
        case = self.case(reference)
        with store.reading() as session:
            row = session.scalars(select(Letter).where(Letter.case_id == case.id).order_by(Letter.id)).all()[
                -1
            ]
            return " ".join(re.sub(r"<[^>]+>", " ", letters.text(row, case.submission)).split())

    def tasks(self, reference):
        case = self.case(reference)
        with store.reading() as session:
            return tasks.of_case(session, case.id, language="es")
