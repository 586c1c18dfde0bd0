"""Pages before downloads: between two pieces a download waits while this process makes a page.

Both share the processors and Python's one lock; a page takes milliseconds, a download as long as it takes.
"""

import threading
from collections.abc import Callable, Iterator

from django.http import HttpRequest, HttpResponseBase

WAIT_SECONDS = 0.05


class PagesUnderWay:
    """Counts the requests that are being answered, until each answer is ready to be sent."""

    def __init__(self) -> None:
        self._count = 0
        self._changed = threading.Condition()

    def __enter__(self) -> None:
        with self._changed:
            self._count += 1

    def __exit__(self, *failure: object) -> None:
        with self._changed:
            self._count -= 1
            if not self._count:
                self._changed.notify_all()

    def give_way(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        """Yield the chunks, waiting before each until no page is under way, or for WAIT_SECONDS."""
        for chunk in chunks:
            yield chunk
            if self._count:
                with self._changed:
                    self._changed.wait_for(lambda: not self._count, WAIT_SECONDS)


pages = PagesUnderWay()


class PagesFirstMiddleware:
    """Tells downloads that a page is being made."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with pages:
            return self.get_response(request)
