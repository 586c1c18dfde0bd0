"""Ask the web server of this container whether it lives: exit code 0 when it answers /healthz."""

import os
import socket
import sys

SOCKET = "/run/mtm/web.sock"
HOST = os.environ["MTM_ALLOWED_HOSTS"].partition(",")[0].strip()

with socket.socket(socket.AF_UNIX) as connection:
    connection.settimeout(4)
    connection.connect(sys.argv[1] if sys.argv[1:] else SOCKET)
    connection.sendall(f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
    status = connection.makefile("rb").readline().split()[1]
sys.exit(status != b"200")
