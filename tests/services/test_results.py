"""What is kept is told once, as the last plan said it."""

from dsr.services.results import Result, as_last_said

OURS = "Código de Comercio 30"


def kept(count, citation=OURS, collection="Facturas", fields=()):
    return Result("keep", collection, "CRM", count, citation=citation, fields=fields)


def test_rows_that_a_later_plan_found_again_are_not_kept_twice() -> None:
    assert as_last_said([[kept(3)], [kept(3)]]) == (kept(3),)
    assert as_last_said([[kept(3)], [kept(2)]]) == (kept(2),)


def test_what_only_an_earlier_plan_kept_stays_told() -> None:
    earlier, later = kept(1, collection="Pedidos"), kept(2)

    assert as_last_said([[earlier, kept(3)], [later]]) == (earlier, later)


def test_duties_of_one_collection_stand_side_by_side() -> None:
    both = (kept(3), kept(1, "LGT 66"), kept(3, fields=("NIF",)))

    assert set(as_last_said([both])) == set(both)
