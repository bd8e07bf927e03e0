"""A forge that wants to see a token: a repository behind HTTP, and what its visitors have shown."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread


class _Forge(BaseHTTPRequestHandler):
    home: Path
    wanted: str
    shown: list[list[str]]

    def do_GET(self) -> None:
        shown = self.headers.get_all("Authorization") or []
        self.shown.append(shown)
        if shown != [self.wanted]:
            # Two of them are refused by GitHub as well.
            self.send_response(401 if not shown else 400)
            self.send_header("WWW-Authenticate", 'Basic realm="acme"')
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        path, _, query = self.path.partition("?")
        size = self.headers["Content-Length"] or "0"
        env = {
            "PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": str(self.home), "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path, "QUERY_STRING": query, "REQUEST_METHOD": self.command, "CONTENT_LENGTH": size,
            "CONTENT_TYPE": self.headers["Content-Type"] or "", "GIT_PROTOCOL": self.headers["Git-Protocol"] or "",
            "HTTP_CONTENT_ENCODING": self.headers["Content-Encoding"] or "",
        }  # fmt: skip
        asked = self.rfile.read(int(size))
        done = subprocess.run(["git", "http-backend"], env=env, input=asked, capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        self.wfile.write(b"HTTP/1.0 200 OK\r\n" + head + b"\r\n\r\n" + body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nobody reads it."""


@contextmanager
def serving(home: Path, wanted: str) -> Iterator[tuple[str, list[list[str]]]]:
    """The address of the repositories below `home`, and the credentials of each request; only `wanted` opens."""
    shown: list[list[str]] = []
    handler = type("Here", (_Forge,), {"home": home, "wanted": wanted, "shown": shown})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}", shown
        server.shutdown()
