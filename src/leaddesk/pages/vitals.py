"""Vitals: whether this process lives, what the desk measures, and a line in the log for each request.

They are answered before any other part of the desk sees the request, so that a probe needs neither
a host name nor a session.
"""

import ipaddress
import json
import logging
import secrets
import time
from collections.abc import Callable, Iterator
from os import getpid

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import CollectorRegistry, Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from leaddesk.book import health, moment
from leaddesk.book.moment import SECOND

logger = logging.getLogger("leaddesk.access")
_requests = Counter(
    "leaddesk_requests",
    "Requests answered by the one web process that answers this scrape; others count their own.",
    ("process", "method", "status"),
    registry=None,
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
_ready: list[bool] = []


class Vitals:
    """Answers probes and scrapes; counts and logs every other request."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer a probe or a scrape; else answer, count and log the request."""
        if (vital := _VITALS.get(request.path)) is not None:
            return vital(request)
        began = time.perf_counter_ns()
        response = self.answer(request)
        milliseconds = (time.perf_counter_ns() - began) / 1_000_000
        method = request.method if request.method in _METHODS else "other"
        _requests.labels(str(getpid()), method, str(response.status_code)).inc()
        logger.info(
            "request",
            extra={
                "method": method,
                "path": request.path,  # never the query, which may hold what a person searched for
                "status": response.status_code,
                "ms": round(milliseconds, 1),
            },
        )
        return response


def live(request: HttpRequest) -> HttpResponse:
    """That this process runs."""
    return _told({"live": True}, 200)


def ready(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve: the database answers and its tables are those of this release."""
    if not _ready and health.is_ready():
        _ready.append(True)
    fit = bool(_ready) and _answers()
    return _told({"live": True, "ready": fit}, 200 if fit else 503)


def _answers() -> bool:
    from django.db import Error

    try:
        return bool(health.server())
    except Error:
        return False


def metrics(request: HttpRequest) -> HttpResponse:
    """What the desk measures, for Prometheus; for whoever has the token, else on this machine only."""
    if not _may_scrape(request):
        return HttpResponse("Not found.\n", status=404, content_type="text/plain")
    registry = CollectorRegistry()
    registry.register(_Figures())
    registry.register(_requests)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_scrape(request: HttpRequest) -> bool:
    if token := settings.ENVIRONMENT.metrics_token:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ")
        return secrets.compare_digest(given.encode(), token.encode())
    # What a proxy on this machine hands on comes from elsewhere.
    handed_on = any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via"))
    if handed_on or settings.ENVIRONMENT.behind_proxy:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class _Figures:
    """The figures of `health` as gauges."""

    def collect(self) -> Iterator[Metric]:
        """Every figure as it stands now."""
        now = moment.now()
        found = health.health(now)
        info = GaugeMetricFamily(
            "leaddesk_info", "What runs here.", labels=("version", "database", "zone_data")
        )
        info.add_metric((found.version, found.database, found.zone_data), 1)
        yield info
        for name, text, value in (
            ("wakes_due", "Leads that should have been looked at by now.", found.wakes),
            ("notices_unposted", "Notices from which no message was made yet.", found.unposted),
            ("deliveries_unsent", "Messages that wait to be sent.", found.unsent),
            ("deliveries_dead", "Messages that were given up.", found.dead),
            ("deliveries_held", "Messages that wait to be released.", found.held),
            ("held", "1 while nothing is sent after a restore.", int(bool(found.held_since))),
        ):
            yield GaugeMetricFamily(f"leaddesk_{name}", text, value=value)
        for name, text, since in (
            ("worker_seen", "Since any worker was last seen.", found.worker_seen_at),
            ("oldest_wake", "Since the oldest undone wake was due.", found.oldest_wake_at),
            ("oldest_unposted", "Age of the oldest unposted notice.", found.oldest_unposted_at),
            ("oldest_unsent", "Age of the oldest unsent message.", found.oldest_unsent_at),
            ("backup", "Since the last backup.", found.backup_at),
        ):
            if since is not None:  # nothing to tell is no zero
                seconds = (now - since) / SECOND
                yield GaugeMetricFamily(f"leaddesk_{name}_age_seconds", text, value=seconds)
        yield from _dwells(found)


def _dwells(found: health.Health) -> Iterator[Metric]:
    for name, text, dwell in (
        ("notice", "From due to ruled and queued.", found.noticed),
        ("delivery", "From due to sent.", found.sent),
    ):
        gauge = GaugeMetricFamily(
            f"leaddesk_{name}_dwell_seconds", f"{text} Of the last thousand.", labels=("quantile",)
        )
        for quantile, span in (("0.5", dwell.p50), ("0.99", dwell.p99)):
            if span is not None:
                gauge.add_metric((quantile,), span / SECOND)
        yield gauge


def _told(value: dict[str, bool], status: int) -> HttpResponse:
    response = HttpResponse(json.dumps(value), status=status, content_type="application/json")
    response["Cache-Control"] = "no-store"
    return response


_VITALS = {
    "/healthz": ready,
    "/healthz/live": live,
    "/healthz/ready": ready,
    "/metrics": metrics,
}
