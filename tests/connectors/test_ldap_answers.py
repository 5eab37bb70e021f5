"""What Active Directory answers otherwise than slapd: values in parts, numbers of its own."""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors.ldap.directory import ACTIVE_DIRECTORY, PAGED, Directory
from connectors.ldap.options import options
from dsr.contract import ConnectorError, Context
from dsr.testing import NOW

GROUP, MANY, PIECE = "cn=staff,dc=example,dc=org", 3700, 1500
NUMBER = bytes.fromhex("00112233445566778899aabbccddeeff")


class ActiveDirectory:
    """An open connection as ldap3 gives it, to a group of many members (MS-ADTS, 3.1.1.3.1.3.3). ``log``: the
    attributes that were asked for. ``stuck``: it never gives more than the first part."""

    def __init__(self, stuck: bool = False) -> None:
        self.members = [f"cn=p{n},dc=example,dc=org".encode() for n in range(MANY)]
        self.log: list[list[str]] = []
        self.stuck = stuck
        self.response: list[dict[str, Any]] = []
        self.result: dict[str, Any] = {}

    def search(self, search_base: str, attributes: list[str], **how: Any) -> None:
        self.log.append(attributes)
        self.result = {"result": 0}
        if how.get("paged_size"):
            self.result["controls"] = {PAGED: {"value": {"cookie": b""}}}
        if not search_base:
            root = {
                "supportedCapabilities": [ACTIVE_DIRECTORY.encode()],
                "supportedControl": [PAGED.encode()],
            }
            self.response = [{"type": "searchResEntry", "dn": "", "raw_attributes": root}]
            return
        asked = next(
            (found for one in attributes if (found := re.fullmatch(r"member;range=(\d+)-\*", one))), None
        )
        first = int(asked[1]) if asked and not self.stuck else 0
        last = first + PIECE - 1
        name = f"member;range={first}-{'*' if last >= MANY - 1 else last}"
        found = {"objectGUID": [NUMBER], "objectClass": [b"group"], name: self.members[first : last + 1]}
        if asked:
            found = {name: found[name]} if not self.stuck else {}
        self.response = [{"type": "searchResEntry", "dn": GROUP, "raw_attributes": found}]


def directory(connection: ActiveDirectory) -> Directory:
    settings = {"url": "ldaps://ad.example", "user": "dsr@example.org", "base": "dc=example,dc=org"}
    context = Context("directory", "acme", settings, lambda name: "s3cret", NOW)
    made = Directory(options(context), context)
    made._open = connection  # type: ignore[assignment]
    return made


@pytest.mark.parametrize(
    ("code", "permanent"),
    [(3, False), (51, False), (52, False), (49, True), (50, True), (10, True), (4, True)],
)
def test_a_directory_that_asks_to_come_back_later_is_not_in_trouble_for_good(
    code: int, permanent: bool
) -> None:
    """Result codes of RFC 4511, appendix A: time limit, busy, unavailable; and those that stay."""
    with pytest.raises(ConnectorError) as caught:
        directory(ActiveDirectory()).check(code)
    assert caught.value.permanent is permanent


def test_every_member_of_a_large_group_is_seen_and_none_is_asked_for_twice() -> None:
    connection = ActiveDirectory()
    (group,) = directory(connection).search("dc=example,dc=org", "(objectClass=group)", ("member",))

    assert group.get("member") == tuple(connection.members)
    assert group.uuid == "33221100-5544-7766-8899-aabbccddeeff"
    assert [one for one in connection.log if any("range" in name for name in one)] == [
        ["member;range=1500-*"],
        ["member;range=3000-*"],
    ]


def test_a_part_that_is_not_followed_by_the_rest_is_an_error_and_not_a_smaller_group() -> None:
    with pytest.raises(ConnectorError) as caught:
        list(
            directory(ActiveDirectory(stuck=True)).search(
                "dc=example,dc=org", "(objectClass=group)", ("member",)
            )
        )
    assert not caught.value.permanent
