"""The databases are set up once for all that is measured on them."""

from contextlib import ExitStack

import pytest

from bench.ground import Ground


@pytest.fixture(scope="session", params=["postgresql", "sqlite"])
def ground(request, tmp_path_factory):
    with ExitStack() as stack:
        yield Ground(request.param, tmp_path_factory.mktemp(request.param), stack)
