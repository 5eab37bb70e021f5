"""What every test run shares: the plugins, hypothesis without a stop-watch, a clean environment."""

import os

from hypothesis import settings

pytest_plugins = ["cheaply", "evidence", "loopback", "servers.fixtures"]

# The machines of the tests are shared and slow at times: an example has no deadline.
settings.register_profile("house", deadline=None)
settings.load_profile("house")

# A developer's own settings must not reach a test; these are meant for the tests.
MEANT = ("DSR_TEST_", "DSR_VENDOR_SPECS")
for _name in [name for name in os.environ if name.startswith("DSR_") and not name.startswith(MEANT)]:
    del os.environ[_name]
