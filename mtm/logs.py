"""Logs without mail: one JSON object a line, with route names and never a path, a query or what a sender wrote."""

import json
import logging
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest


def logging_configuration() -> dict[str, Any]:
    """Return Django's LOGGING: everything to standard error, through one formatter."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"routes": {"()": RouteFilter}},
        "formatters": {"json": {"()": JsonFormatter}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["routes"]}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
        "loggers": {
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.request": {"level": "ERROR"},
            "mtm": {"level": "INFO"},
            "access": {"level": "INFO"},
        },
    }


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON; control characters come out escaped."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "text": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            entry["traceback"] = self.formatException(record.exc_info)
        return json.dumps(entry, ensure_ascii=True)


class RouteFilter(logging.Filter):
    """Replaces what Django would log of a request, its path, by the name of its route."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            record.msg, record.args = "%s on %s", (getattr(record, "status_code", "error"), route_of(request))
        return True


def route_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else "no route"
