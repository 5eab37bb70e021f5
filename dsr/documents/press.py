"""PDFs are set by warm child processes: a document that loops or eats memory ends one of them, not us."""

from __future__ import annotations

import os
import selectors
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache

from dsr.domain.errors import Refusal

from . import setter
from .pdf import Cover


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one document: bytes of memory of its process, processor seconds, seconds by the clock."""

    memory: int = 512 * 1024 * 1024
    processor: int = 20
    clock: float = 40.0


class Press:
    """At most ``most`` children; started when they are needed, kept warm, replaced when they end."""

    def __init__(self, limits: Limits | None = None, most: int = 2) -> None:
        self.limits = limits or Limits()
        self._idle: list[_Child] = []
        self._places = threading.BoundedSemaphore(most)

    def pdf(self, html: str, cover: Cover) -> bytes:
        """The document as PDF; Refusal ``letter.pdf`` when it needs more than the limits allow."""
        with self._places:
            child = self._child()
            try:
                made = child.set(html, cover, self.limits.clock)
            except BaseException:  # a child that was interrupted would answer the next letter with this one
                child.end()
                raise
            if made is None:
                child.end()
                raise Refusal(
                    "letter.pdf",
                    "This letter cannot be made into a PDF: it is too large or too intricate. Read or print "
                    "the page instead.",
                )
            self._idle.append(child)
            return made

    def close(self) -> None:
        """End the children."""
        while self._idle:
            self._idle.pop().end()

    def _child(self) -> _Child:
        """A warm child, or a new one; those that left because nobody wanted anything are let go."""
        with suppress(IndexError):
            while True:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.end()
        return _Child(self.limits)


class _Child:
    def __init__(self, limits: Limits) -> None:
        command = [sys.executable, "-I", "-m", setter.__name__, str(limits.memory), str(limits.processor)]
        self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._in, self._out = self._process.stdin, self._process.stdout
        os.set_blocking(self._in.fileno(), False)
        os.set_blocking(self._out.fileno(), False)
        self._ready = False

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def set(self, html: str, cover: Cover, seconds: float) -> bytes | None:
        """The PDF; None when the child ended or took too long."""
        until = time.monotonic() + seconds
        if not self._ready:
            self._ready = self._talk(b"", until) == b"ready"
            if not self._ready:
                return None
        return self._talk(setter.order(html, cover), until)

    def end(self) -> None:
        """Kill it, wait for it, close its pipes."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._in, self._out):
            with suppress(BrokenPipeError):
                pipe.close()

    def _talk(self, question: bytes, until: float) -> bytes | None:
        """Send all of it while reading one frame back."""
        waiting, answer = memoryview(question), bytearray()
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            if waiting:
                selector.register(self._in, selectors.EVENT_WRITE)
            while (left := until - time.monotonic()) > 0:
                for key, _ in selector.select(left):
                    if key.fileobj is self._out:
                        part = os.read(self._out.fileno(), 1 << 20)
                        if not part:
                            return None
                        answer += part
                        if (whole := _whole(answer)) is not None:
                            return whole
                    else:
                        try:
                            waiting = waiting[os.write(self._in.fileno(), waiting) :]
                        except BrokenPipeError:
                            return None
                        if not waiting:
                            selector.unregister(self._in)
        return None


def _whole(answer: bytearray) -> bytes | None:
    """The content of a frame once all of it is there."""
    size = int.from_bytes(answer[: setter.LENGTH], "big") + setter.LENGTH
    return bytes(answer[setter.LENGTH :]) if len(answer) >= max(size, setter.LENGTH) else None


@cache
def press() -> Press:
    """The press of this process; nothing is started before the first letter."""
    return Press()
