"""Processes that are measured: memory as the kernel shares it out (PSS), processor time, percentiles."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

TESTS = Path(__file__).parents[1]
SCALE = float(os.environ.get("DSR_TEST_BENCH_SCALE", "1"))
"""1 is the whole thing; 0.02 shows in a minute that everything runs."""


def scaled(number: int, least: int = 1) -> int:
    """A number of the real bench, made smaller for a trial."""
    return max(least, int(number * SCALE))


def percentile(times: Sequence[float], share: float) -> float:
    """The value that ``share`` of the times do not exceed."""
    return sorted(times)[min(len(times) - 1, int(len(times) * share))]


def pss(pid: int) -> float:
    """Megabytes of a process, shared pages divided among those who share them."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise ValueError(f"no Pss of process {pid}")


def server_cpu(pid: int) -> float:
    """Processor seconds of a database server with all that it has started and ended."""
    if not pid:
        return 0.0
    top = psutil.Process(pid)
    own = top.cpu_times()
    total = own.user + own.system + own.children_user + own.children_system
    for child in top.children(recursive=True):
        try:
            used = child.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += used.user + used.system
    return total


class Labour:
    """A process of ``labour.py``; the highest PSS seen is in ``peak``."""

    def __init__(self, job: dict) -> None:
        path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
        self.process = subprocess.Popen(
            [sys.executable, str(TESTS / "bench" / "labour.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": path},
        )
        self.peak = 0.0
        self.tell(json.dumps(job))
        threading.Thread(target=self._watch, daemon=True).start()

    def tell(self, line: str = "") -> None:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def hear(self) -> dict:
        """The next line it says; RuntimeError when it ended instead."""
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the process of the bench ended with {self.process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        """No more orders: what it says after that can still be heard."""
        self.process.stdin.close()

    def end(self) -> None:
        """Wait for its end; it is stopped by its number when it does not come."""
        try:
            if not self.process.stdin.closed:
                self.process.stdin.close()
            self.process.wait(30)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()

    def _watch(self) -> None:
        while self.process.poll() is None:
            try:
                self.peak = max(self.peak, pss(self.process.pid))
            except (OSError, ValueError):
                return
            time.sleep(0.4)
