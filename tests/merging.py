"""Puts the evidence of several runs together: ``python tests/merging.py build/evidence.json PART...``.

The tests run in two processes side by side; each writes what it proves. Under CI a tier that no run of them
passed is an error, as a skipped test is.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from evidence import REQUIRED, in_ci

COUNTED = ("run", "passed", "failed", "skipped")


def merged(parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """One evidence out of several: counts added, records joined, the longest time, the worst exit."""
    first = parts[0]
    return {
        **{name: first[name] for name in ("started_at", "python", "platform", "seed")},
        "seconds": max(part["seconds"] for part in parts),
        "exit_status": max(part["exit_status"] for part in parts),
        "servers": _joined([part["servers"] for part in parts]),
        "tiers": {
            name: _tier(name, parts) for name in sorted({name for part in parts for name in part["tiers"]})
        },
        "skipped": _added([part["skipped"] for part in parts]),
    }


def _tier(name: str, parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    found = [part["tiers"][name] for part in parts if name in part["tiers"]]
    records: dict[str, list[Any]] = {}
    for one in found:
        for key, values in one["records"].items():
            records.setdefault(key, []).extend(values)
    return {**{what: sum(one[what] for one in found) for what in COUNTED}, "records": records}


def _joined(tables: Sequence[dict[str, list[str]]]) -> dict[str, list[str]]:
    names = sorted({name for table in tables for name in table})
    return {name: sorted({one for table in tables for one in table.get(name, ())}) for name in names}


def _added(tables: Sequence[dict[str, int]]) -> dict[str, int]:
    names = sorted({name for table in tables for name in table})
    return {name: sum(table.get(name, 0) for table in tables) for name in names}


def main(target: str, *parts: str) -> int:
    """Write the merged evidence; 1 when a required tier was not passed under CI."""
    found = merged([json.loads(Path(part).read_text()) for part in parts])
    Path(target).write_text(json.dumps(found, indent=2) + "\n")
    absent = [name for name in REQUIRED if not found["tiers"].get(name, {}).get("passed")]
    for name, counted in found["tiers"].items():
        print(f"tier {name}: " + ", ".join(f"{counted[what]} {what}" for what in COUNTED[1:]))
    print(f"{found['seconds']:.0f} s; evidence written to {target}")
    if absent:
        print(f"no test passed in: {', '.join(absent)}")
    return 1 if absent and in_ci() else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
