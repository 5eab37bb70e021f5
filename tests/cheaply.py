"""What a whole run of tests needs once and not a thousand times: a pytest plugin.

Templates are compiled once for all applications of a run; passwords are hashed with the least work that
argon2 knows (``THOROUGH`` is the work of the product); what was collected is not looked through for garbage
again and again.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import replace

import pytest
from argon2 import Parameters
from argon2.profiles import CHEAPEST
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache

from dsr.services import staff

THOROUGH: Parameters = staff.WORK
LITTLE = replace(CHEAPEST, hash_len=THOROUGH.hash_len, salt_len=THOROUGH.salt_len)


class Compiled(BytecodeCache):
    """Templates as they were compiled before, found by their name, file and text."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, str], object] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self.known.get((bucket.key, bucket.checksum))  # type: ignore[assignment]

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.known[bucket.key, bucket.checksum] = bucket.code


def pytest_collection_finish() -> None:
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _once() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Flask, "jinja_options", {**Flask.jinja_options, "bytecode_cache": Compiled()})
        patch.setattr(staff, "WORK", LITTLE)
        yield
