"""The two spreadsheets: the mailing list, and a salesperson's agenda that no system is configured for."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from dsr.demo.cast import PROMO_ADDRESS
from dsr.demo.crm import Row, day
from dsr.demo.names import PRODUCTS
from dsr.demo.person import Person
from dsr.demo.population import Population, dice, moment

MAILING_COLUMNS: Final = ("id", "email", "name", "lists", "subscribed_on", "status")
AGENDA_COLUMNS: Final = ("Nombre", "Teléfono", "Correo", "Ciudad", "Última visita", "Comentario")


def write_mailing(path: Path, population: Population, seed: int) -> None:
    """UTF-8, commas, one row per address; ``lists`` are joined with ``|``."""
    _write(path, MAILING_COLUMNS, _subscribers(population, seed), ",", "utf-8")


def write_agenda(path: Path, population: Population, seed: int) -> None:
    """As a Spanish Excel saves it: UTF-8 with a mark, semicolons, day/month/year, one formula."""
    _write(path, AGENDA_COLUMNS, _visits(population, seed), ";", "utf-8-sig")


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[Row], delimiter: str, encoding: str) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator="\r\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _subscribers(population: Population, seed: int) -> Iterator[Row]:
    rng = dice(seed, "mailing")
    number = 0
    for person in population.people[::-1]:
        for email in _listed(person):
            number += 1
            lists = "|".join(rng.sample(("novedades", "ofertas", "eventos"), rng.randrange(1, 4)))
            status = rng.choices(("subscribed", "unsubscribed", "bounced"), (85, 12, 3))[0]
            status = "subscribed" if person.role else status
            yield number, email, person.name, lists, day(moment(rng)), status


def _listed(person: Person) -> Iterator[str]:
    if person.listed_as:
        yield person.listed_as
    if person.role == "ana":
        yield PROMO_ADDRESS


def _visits(population: Population, seed: int) -> Iterator[Row]:
    """Ana and some forty others; the last row is a total with a formula."""
    rng = dice(seed, "agenda")
    adults = [person for person in population.people if person.guardian is None and not person.role]
    chosen = [population.people[0], *rng.sample(adults, min(40, len(adults)))]
    for person in chosen:
        city = population.households[person.household - 1].city
        year, month, dom = day(moment(rng)).split("-")
        comment = f"Interés: {rng.choice(PRODUCTS)}. Trae café; no llamar los lunes."
        reach = person.written_phone() or "", person.email or ""
        yield person.name, *reach, city, f"{dom}/{month}/{year}", comment
    yield "TOTAL", "", "", "", f"=CONTARA(A2:A{len(chosen) + 1})", ""
