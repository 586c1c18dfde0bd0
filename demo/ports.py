"""Loopback ports for servers of our own."""

import os
import socket
import time

LOOPBACK = "127.0.0.1"
FIRST_PORT = 20_000
PORT_COUNT = 10_000


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port nobody listens on, below those the kernel gives to outgoing connections."""
    start = os.getpid() * 7
    ports = (FIRST_PORT + (start + step) % PORT_COUNT for step in range(PORT_COUNT))
    return next(port for port in ports if is_free(port))


def answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def wait_for_answer(port: int, *, timeout_seconds: float, poll_seconds: float = 0.05) -> bool:
    """Tell whether the port answered before the time was up."""
    deadline = time.monotonic() + timeout_seconds
    while time.monotonic() < deadline:
        if answers(port):
            return True
        time.sleep(poll_seconds)
    return False
