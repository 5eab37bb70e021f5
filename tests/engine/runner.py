"""A process that runs batches for the tests of the engine: ``runner.py URL FOLDER SECONDS``.

Every batch writes ``<batch>.begun`` with its process id, waits, and writes ``<batch>.done``.
"""

import os
import sys
import time
from pathlib import Path

from dsr.engine import Engine


def main(url: str, folder: Path, seconds: float) -> None:
    def work(batch: str) -> None:
        (folder / f"{batch}.begun").write_text(str(os.getpid()))
        time.sleep(seconds)
        (folder / f"{batch}.done").write_text(str(os.getpid()))

    engine = Engine(url, concurrency=2)
    engine.start({"collect": work})
    print(engine.executor, flush=True)
    for line in sys.stdin:
        engine.submit(line.strip(), "collect")
    engine.stop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), float(sys.argv[3]))
