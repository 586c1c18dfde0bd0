"""Reading ahead: while the server stores some messages, the next ones are read."""

import hashlib
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor

from restores.models import Line, Reason
from restores.sources import Sources, Unusable
from snapshots.catalogue import Located
from snapshots.closing import Closing


class Ahead(Closing):
    """Reads messages that fit into memory, in a thread of its own; nothing else may read meanwhile."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._thread = ThreadPoolExecutor(1)
        self._begun: dict[int, Future[bytes]] = {}

    def begin(self, lines: Iterable[Line]) -> None:
        """Begin to read what lines stand for. Raises: the engine's errors."""
        for line in lines:
            if line.place not in self._begun:
                self._begun[line.place] = self._future(line)

    def read(self, line: Line) -> bytes:
        """Return a line's message with CRLF. Raises: Unusable, also where it is not as it was measured."""
        self.begin([line])
        return self._begun.pop(line.place).result()

    def _future(self, line: Line) -> Future[bytes]:
        try:
            # What lists the night may be asked by its own thread alone.
            return self._thread.submit(self._read, self._sources.located(line), line.digest)
        except Unusable as error:
            failed = Future[bytes]()
            failed.set_exception(error)
            return failed

    def _read(self, located: Located, digest: str) -> bytes:
        data = b"".join(self._sources.chunks_of(located))
        if hashlib.sha256(data).hexdigest() != digest:
            raise Unusable(Reason.DAMAGED)
        return data

    def close(self) -> None:
        self._thread.shutdown(cancel_futures=True)
