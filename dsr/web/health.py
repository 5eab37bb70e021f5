"""What monitors read: ``/healthz`` for everybody, ``/metrics`` (Prometheus) for configured networks."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from dsr.services import measuring, workers
from dsr.services.workers import LIMIT

bp = Blueprint("health", __name__)


@bp.get("/healthz")
def healthz() -> tuple[Response, int]:
    """200 while the database answers and a worker lives, else 503; numbers without personal data."""
    found = workers.health(now=datetime.now(UTC))
    if found is None:
        return jsonify(status="failing", database="does not answer"), 503
    seen = found.seen_seconds
    working = seen is not None and seen < LIMIT.total_seconds()
    body = jsonify(
        status="ok" if working else "failing",
        database="ok",
        worker="ok" if working else "missing",
        worker_seen_seconds=seen,
        queue_age_seconds=found.waiting_seconds,
        open_batches=found.open_batches,
        stuck_batches=found.stuck_batches,
    )
    return body, 200 if working else 503


@bp.get("/metrics")
def metrics() -> Response:
    """What to alert on, as docs/operations.md lists it; 404 for anybody outside ``DSR_METRICS_FROM``."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - an address that is nobody's
    if not any(address in network for network in current_app.config["METRICS_FROM"]):
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Numbers(measuring.measures_now(now=datetime.now(UTC))))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Numbers:
    """One scrape: every number is read when it is asked for."""

    def __init__(self, found: list[measuring.Measure] | None) -> None:
        self._found = found

    def collect(self) -> Iterator[Metric]:
        yield GaugeMetricFamily("dsr_up", "1 while the database answers", value=self._found is not None)
        free = shutil.disk_usage(current_app.instance_path)
        yield GaugeMetricFamily(
            "dsr_disk_free_ratio", "Free part of the disk of the instance", value=free.free / free.total
        )
        for one in self._found or ():
            name = f"dsr_{one.name}"
            total = one.name.endswith("_total")
            yield (CounterMetricFamily if total else GaugeMetricFamily)(name, one.words, value=one.value)
