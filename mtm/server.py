"""The web server: gunicorn with threads. A slow reader or a hung mount holds a thread, never a process."""

from typing import Any

from django.core.wsgi import get_wsgi_application
from gunicorn.app.base import BaseApplication


class Server(BaseApplication):  # type: ignore[misc]
    """Serves the site in `workers` processes of `threads` threads each."""

    def __init__(self, *, bind: str, workers: int, threads: int, reload: bool) -> None:
        self._options = {
            "bind": bind,
            "workers": workers,
            "threads": threads,
            "reload": reload,
            "worker_class": "gthread",
            "graceful_timeout": 30,
            "timeout": 120,
            "keepalive": 5,
            "errorlog": "-",
            "loglevel": "warning",
        }
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        return get_wsgi_application()
