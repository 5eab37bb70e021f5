"""The process that sets PDFs: it takes one document after the other, limited in what it may use.

Started by ``press``; speaks frames (four bytes of length, then content) on stdin and stdout. It keeps
nothing, opens nothing but fonts, and whatever goes wrong ends it: the one who asked sees the end.
"""

from __future__ import annotations

import json
import resource
import select
import sys
from typing import BinaryIO

from .pdf import Cover, pdf

LENGTH = 4
IDLE_SECONDS = 300
"""Nobody wanted a PDF for so long: the memory goes back."""


def frame(content: bytes) -> bytes:
    """Content with its length in front."""
    return len(content).to_bytes(LENGTH, "big") + content


def read_frame(stream: BinaryIO) -> bytes | None:
    """The next content; None at the end."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    size = int.from_bytes(head, "big")
    content = stream.read(size)
    return content if len(content) == size else None


def order(html: str, cover: Cover) -> bytes:
    """A document as it is handed over."""
    return frame(json.dumps([html, cover.title, cover.language, cover.author, cover.reference]).encode())


def main(memory: int, seconds: int) -> None:
    """Set documents until stdin ends or nothing came for a while.

    ``memory``: bytes of address space of this process; ``seconds``: processor time of one document,
    after which the kernel ends it.
    """
    pdf("<article><p>.</p></article>", Cover(".", "en", ".", "."))  # loads reportlab and its fonts
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))
    out = sys.stdout.buffer
    out.write(frame(b"ready"))
    out.flush()
    while select.select([sys.stdin], [], [], IDLE_SECONDS)[0]:
        wanted = read_frame(sys.stdin.buffer)
        if wanted is None:
            return
        html, *cover = json.loads(wanted)
        used = resource.getrusage(resource.RUSAGE_SELF)
        until = int(used.ru_utime + used.ru_stime) + 1 + seconds
        resource.setrlimit(resource.RLIMIT_CPU, (until, resource.getrlimit(resource.RLIMIT_CPU)[1]))
        out.write(frame(pdf(html, Cover(*cover))))
        out.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
