"""The real nginx with the configuration we ship, its paths and ports moved, and browsers that trust its certificate."""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any
from urllib.request import HTTPCookieProcessor, HTTPSHandler, OpenerDirector, ProxyHandler, Request, build_opener

import pytest

from demo.imap_server import stop
from demo.ports import LOOPBACK, wait_for_answer
from tests.house_rules import ROOT

BINARY = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
SHIPPED = ROOT / "deploy/nginx/mail-time-machine.conf"
AFFINITY = ROOT / "deploy/nginx/affinity.conf"
UPSTREAM = re.compile(r"^upstream mail_time_machine {.*?^}\n", re.MULTILINE | re.DOTALL)
NAME = "nights.example.com"
START_SECONDS = 30
AROUND = """
daemon off;
pid {directory}/nginx.pid;
worker_processes 1;
{user}
events {{ worker_connections 128; }}
http {{
    client_body_temp_path {directory}/nginx-body;
    proxy_temp_path {directory}/nginx-proxy;
    fastcgi_temp_path {directory}/nginx-fastcgi;
    uwsgi_temp_path {directory}/nginx-uwsgi;
    scgi_temp_path {directory}/nginx-scgi;
    include {directory}/site.conf;
}}
"""


def require_nginx() -> None:
    """Skip the test where there is no nginx; fail in CI, where there must be one."""
    if BINARY is None and os.environ.get("CI"):
        pytest.fail("nginx is not installed: run `make deps`")
    if BINARY is None:
        pytest.skip("nginx is not installed: run `make deps` as root")


def certificate(directory: Path, name: str, *others: str) -> Path:
    """Make a certificate that vouches for itself, its key beside it; return its file."""
    path = directory / f"{name}.pem"
    names = ",".join((f"DNS:{name}", *others))
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "2", "-subj", f"/CN={name}", "-addext", f"subjectAltName={names}"]
    subprocess.run([*command, "-keyout", path.with_suffix(".key"), "-out", path], check=True, capture_output=True)
    return path


@dataclass(slots=True)
class Nginx:
    """A server in front of a socket; its name is the one the configuration has."""

    directory: Path
    port: int
    plain_port: int

    @property
    def address(self) -> str:
        return f"https://{NAME}"

    @property
    def access_log(self) -> str:
        return (self.directory / "access.log").read_text()

    @property
    def error_log(self) -> str:
        return (self.directory / "error.log").read_text() + (self.directory / "nginx.log").read_text()

    def opener(self) -> OpenerDirector:
        """Return a browser without a screen that finds this server under its name."""
        port, trust = self.port, ssl.create_default_context(cafile=str(self.directory / f"{NAME}.pem"))

        class Connection(http.client.HTTPSConnection):
            def connect(self) -> None:
                self.sock = trust.wrap_socket(socket.create_connection((LOOPBACK, port), 60), server_hostname=self.host)

        class Handler(HTTPSHandler):
            def https_open(self, request: Request) -> Any:
                return self.do_open(Connection, request)

        opener = build_opener(ProxyHandler({}), Handler(), HTTPCookieProcessor(CookieJar()))
        opener.addheaders = [("Origin", self.address)]
        return opener

    @contextmanager
    def running(self, *upstreams: str) -> Iterator[None]:
        """Run until the block ends, before one web server or two; they answer at their sockets when it begins."""
        tls = certificate(self.directory, NAME)
        moved = {
            "listen [::]:80;": "", "listen [::]:443 ssl http2;": "",
            "listen 80;": f"listen {LOOPBACK}:{self.plain_port};",
            "listen 443 ssl http2;": f"listen {LOOPBACK}:{self.port} ssl http2;",
            "/var/log/nginx": str(self.directory),
            "/etc/ssl/mtm/fullchain.pem": str(tls), "/etc/ssl/mtm/privkey.pem": str(tls.with_suffix(".key")),
        }  # fmt: skip
        text = SHIPPED.read_text()
        servers = ["unix:/run/mtm/web.sock"]
        if len(upstreams) > 1:
            text = UPSTREAM.sub(lambda _: AFFINITY.read_text(), text)
            servers = ["web1.internal:8000", "web2.internal:8000"]
        moved |= {shipped: f"unix:{ours}" for shipped, ours in zip(servers, upstreams, strict=True)}
        for shipped, ours in moved.items():
            assert shipped in text
            text = text.replace(shipped, ours)
        (self.directory / "site.conf").write_text(text)
        around = AROUND.format(directory=self.directory, user="user root;" if os.geteuid() == 0 else "")
        (self.directory / "nginx.conf").write_text(around)
        with (self.directory / "nginx.log").open("wb") as complaints:
            process = subprocess.Popen([str(BINARY), "-c", str(self.directory / "nginx.conf")], stderr=complaints)
        try:
            if not wait_for_answer(self.port, timeout_seconds=START_SECONDS):
                raise RuntimeError((self.directory / "nginx.log").read_text())
            for upstream in upstreams:
                self._wait_for(upstream)
            yield
        finally:
            stop(process)

    def _wait_for(self, upstream: str) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not Path(upstream).is_socket():
            assert time.monotonic() < deadline, "the web server did not start"
            time.sleep(0.05)
