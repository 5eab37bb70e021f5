"""What monitors read: ``/healthz`` for everybody, ``/metrics`` (Prometheus) for configured networks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from flask import Blueprint, Response, abort, current_app, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from dsr.services import workers
from dsr.services.workers import LIMIT, Health

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
    """The same numbers as gauges; 404 for anybody outside ``DSR_METRICS_FROM``."""
    address = ip_address(request.remote_addr or "0.0.0.0")  # noqa: S104 - an address that is nobody's
    if not any(address in network for network in current_app.config["METRICS_FROM"]):
        abort(404)
    registry = CollectorRegistry()
    registry.register(_Gauges(workers.health(now=datetime.now(UTC))))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Gauges:
    """One scrape: every number is read when it is asked for."""

    def __init__(self, health: Health | None) -> None:
        self._health = health

    def collect(self) -> Iterator[Metric]:
        health = self._health
        yield GaugeMetricFamily("dsr_up", "1 while the database answers", value=health is not None)
        if health is None:
            return
        yield GaugeMetricFamily("dsr_open_batches", "Batches under way", value=health.open_batches)
        yield GaugeMetricFamily("dsr_stuck_batches", "Batches a person must see", value=health.stuck_batches)
        yield GaugeMetricFamily(
            "dsr_queue_age_seconds", "Age of the oldest waiting case", value=health.waiting_seconds or 0.0
        )
        if health.seen_seconds is not None:
            yield GaugeMetricFamily(
                "dsr_worker_seen_seconds", "Since the last beat of any worker", value=health.seen_seconds
            )
