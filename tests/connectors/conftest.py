"""The kit's own asserts show their values when they fail, as those of a test module do."""

import pytest

pytest.register_assert_rewrite("dsr.testing")
