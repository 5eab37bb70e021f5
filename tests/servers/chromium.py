"""Chromium for the browser tests: the one of the system, driven by playwright."""

import contextlib
import shutil
from collections.abc import Iterator

from playwright.sync_api import Browser, sync_playwright

from servers import process

NAMES = ("chromium", "chromium-browser", "google-chrome")
# Names that are not this machine lead nowhere, whatever a page asks for.
CLOSED = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost"


def executable() -> str:
    """The path of the browser; raises process.Missing where there is none."""
    for name in NAMES:
        found = shutil.which(name)
        if found:
            return found
    raise process.Missing("chromium is not installed (Debian: apt-get install chromium)")


@contextlib.contextmanager
def running(path: str) -> Iterator[Browser]:
    """The browser at `path`, headless, that reaches loopback only; `browser.version` is its own word."""
    root = ["--no-sandbox"] if process.running_as_root() else []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=[CLOSED, *root])
        yield browser
        browser.close()
