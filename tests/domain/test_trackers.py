"""Which hosts learn that a mail was opened: hidden images, links through tracking tools, and nothing else."""

import pytest

from dsr.domain.trackers import Tally, Tracker, tool_of

PIXEL = '<img src="https://t.mltrk.io/p/abc" width="1" height="1">'


def counted(*mails: str, own: str = "acme.example") -> list[Tracker]:
    tally = Tally(frozenset({own}))
    for markup in mails:
        tally.add(markup)
    return tally.found()


def test_a_hidden_image_of_a_known_tool_is_named() -> None:
    assert counted(PIXEL) == [Tracker("t.mltrk.io", "Mailtrack", 1, 1, 0)]


def test_a_host_counts_once_a_mail_and_the_most_frequent_comes_first() -> None:
    link = '<a href="http://click.list-manage.com/x">x</a>'
    assert counted(PIXEL * 3, PIXEL + link) == [
        Tracker("t.mltrk.io", "Mailtrack", 2, 2, 0),
        Tracker("click.list-manage.com", "Mailchimp", 1, 0, 1),
    ]


@pytest.mark.parametrize(
    "image",
    [
        '<img src="https://beacon.example/x" width="1" height="1">',
        '<img src="https://beacon.example/x" width=0px height=1px>',
        '<IMG SRC="https://BEACON.example/x" style="display: none">',
        "<img src='https://beacon.example/x' style='width:1px;height:1px'>",
    ],
)
def test_an_unknown_host_is_told_by_an_image_that_nobody_can_see(image: str) -> None:
    assert counted(image) == [Tracker("beacon.example", "", 1, 1, 0)]


def test_links_to_a_host_that_an_image_gave_away_are_counted_whatever_the_order_of_the_mails() -> None:
    image = '<img src="https://beacon.example/x" width="1" height="1">'
    link = '<a href="https://beacon.example/c/1">x</a><a href="https://shop.example/">shop</a>'
    assert counted(link, image + link, image) == [Tracker("beacon.example", "", 3, 2, 2)]


@pytest.mark.parametrize(
    "markup",
    [
        '<img src="https://pictures.example/logo.png" width="200" height="40">',
        '<img src="https://acme.example/x.gif" width="1" height="1">',
        '<img src="https://www.acme.example/x.gif" width="1" height="1">',
        '<img src="cid:logo" width="1" height="1"><img src="data:image/gif;base64,x" width="1" height="1">',
        '<a href="https://shop.example/">shop</a>',
        '<a href="https://notmixmax.com.evil.example/">x</a>',
        '<img src="https://[broken/x" width="1" height="1">',
        '<img src="https://x.example/a" style="max-width:1px0">',
        "",
        "<",
    ],
)
def test_what_tells_nobody_anything_is_no_tracker(markup: str) -> None:
    assert counted(markup) == []


def test_a_tool_is_known_by_its_domain_and_what_lies_below_it() -> None:
    assert [tool_of(host) for host in ("mixmax.com", "track.mixmax.com", "notmixmax.com")] == [
        "Mixmax",
        "Mixmax",
        "",
    ]
