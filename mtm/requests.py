"""Each request has an id, and is timed, counted and logged when its answer is ready."""

import logging
import time
import uuid
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from prometheus_client import Histogram

from mtm.logs import route_of

ANSWER_SECONDS = Histogram(
    "mtm_answer_seconds",
    "Time until an answer is ready; a download goes on after that.",
    ["route", "status"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.3, 1, 3, 10),
)
logger = logging.getLogger(__name__)


class RequestMiddleware:
    """Logs of a request its route alone; its id is in the answer too, on error pages, and in the audit log."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        request_id = request.META["MTM_REQUEST_ID"] = uuid.uuid4().hex[:8].upper()
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        response["X-Request-ID"] = request_id
        ANSWER_SECONDS.labels(route_of(request), response.status_code).observe(seconds)
        fields = {
            "id": request_id,
            "method": request.method,
            "route": route_of(request),
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
        }
        logger.info("request", extra={"fields": fields})
        return response
