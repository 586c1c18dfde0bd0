"""Logs without mail: one JSON object a line, with route names and never a path, a query or what a sender wrote."""

import errno
import json
import logging
import sqlite3
import traceback
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, TypeAlias

from django.db import OperationalError
from django.http import HttpRequest

OF_REQUESTS = ("Error handling request", "Invalid request")
"""How gunicorn begins to tell of a request; its path, or what was sent as one, would follow."""

ExceptionInfo: TypeAlias = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


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

    def formatException(self, raised: ExceptionInfo) -> str:  # noqa: N802 - logging calls it so
        """Return where it was raised, and of what kind: what errors say names folders, files and addresses."""
        kinds, error = [], raised[1]
        while error is not None:
            kinds.append("".join(traceback.format_tb(error.__traceback__)) + kind_of(error))
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\nraised while handling\n".join(kinds)


def kind_of(error: BaseException) -> str:
    """Return what an error is, without what it is about."""
    kind = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, OSError) and error.errno:
        return f"{kind}: {errno.errorcode.get(error.errno, error.errno)}"
    if isinstance(error, sqlite3.Error):
        return f"{kind}: {getattr(error, 'sqlite_errorname', 'no error of its own')}"
    return f"{kind}: {error}" if isinstance(error, OperationalError) else kind


class RouteFilter(logging.Filter):
    """Replaces what would be logged of a request, its path: Django tells the name of its route, gunicorn nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "gunicorn.error":
            text = record.getMessage()
            opening = next((each for each in OF_REQUESTS if text.startswith(each)), "")
            record.msg, record.args = opening or text, ()
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest):
            record.msg, record.args = "%s on %s", (getattr(record, "status_code", "error"), route_of(request))
        return True


def route_of(request: HttpRequest) -> str:
    match = request.resolver_match
    return match.view_name if match else "no route"
