"""Package indexes on loopback: a real pypiserver, and before it a front that has bad days."""

from __future__ import annotations

import base64
import http.client
import json
import re
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import NamedTuple
from urllib.parse import urlsplit

HOST = "127.0.0.1"


class Asked(NamedTuple):
    method: str
    path: str
    authorization: str


@contextmanager
def pypiserver(packages: Path, *options: str) -> Iterator[str]:
    """The URL that uploads go to; anybody may upload and read."""
    packages.mkdir(parents=True, exist_ok=True)
    port = free_port()
    program = Path(sys.executable).with_name("pypi-server")
    # Where `watchdog` is installed, its default lists what was there a moment ago.
    more = ("--backend", "simple-dir", *(options or ("--disable-fallback",)))
    argv: tuple[str | Path, ...] = (program, "run", "-p", str(port), "-i", HOST, "-P", ".", "-a", ".", *more, packages)
    server = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _await(port)
        yield f"http://{HOST}:{port}/"
    finally:
        server.terminate()
        server.wait()


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind((HOST, 0))
        return int(asked.getsockname()[1])


class Front:
    """Hands on what it is asked to the index at `behind`, but for the next `faults` of uploads and `troubles` of reads.

    A trouble is a status, `cut`, `drip` (a byte of a header now and then) or `elsewhere`.
    A fault is a status, `cut` (the upload is not read to its end), `deaf` (stored, and nobody is told) or `elsewhere`.
    """

    def __init__(self, behind: str) -> None:
        self.behind = behind
        self.faults: list[str] = []
        self.troubles: list[str] = []
        self.asked: list[Asked] = []
        self.login = ""  # `name:password` that is demanded
        self.elsewhere = ""  # the URL that redirects lead to
        self.words = ""  # what is said beside a status
        self.kind = ""  # what listings say they are
        self.encoding = ""  # and how they are encoded
        self.status = 0  # and what they are answered with
        self.changed: Callable[[bytes], bytes] = lambda content: content  # of the listings
        self.minted = ""  # the token for uploads that a CI job gets which proves what it is
        self.proofs: list[bytes] = []
        self.on_upload: Callable[[], None] = lambda: None
        self.on_listing: Callable[[], None] = lambda: None
        self.url = ""

    @property
    def uploads(self) -> list[Asked]:
        return [each for each in self.asked if each.method == "POST"]


@contextmanager
def front(behind: str, certificate: Path | None = None) -> Iterator[Front]:
    """With the certificate, and its key beside it, the front is one of https."""
    known = Front(behind)
    server = ThreadingHTTPServer((HOST, 0), type("Handler", (_Handler,), {"front": known}))
    server.daemon_threads = True
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    known.url = f"{'https' if certificate else 'http'}://{HOST}:{server.server_address[1]}/"
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield known
    finally:
        server.shutdown()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    front: Front

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_GET(self) -> None:
        if self._is_of_identity() or not self._is_let_in():
            return
        self.front.on_listing()
        trouble = self.front.troubles.pop(0) if self.front.troubles and "/simple/" in self.path else ""
        if trouble == "cut":
            self._answer(200, b"<a href=", length=400)
        elif trouble == "drip":
            self._drip()
        elif trouble == "elsewhere":
            self._answer(302, b"", f"{self.front.elsewhere}{self.path[1:]}")
        elif trouble:
            self._answer(int(trouble), self.front.words.encode())
        else:
            status, kind, content = self._handed_on(b"")
            if "/simple/" not in self.path:
                self._answer(status, content, kind=kind)
            else:
                kind, content = self.front.kind or kind, self.front.changed(content)
                self._answer(self.front.status or status, content, kind=kind, encoding=self.front.encoding)

    def do_POST(self) -> None:
        if self._is_of_identity() or not self._is_let_in():
            return
        fault = self.front.faults.pop(0) if self.front.faults else ""
        if fault == "cut":
            self.rfile.read(100)
            self._hang_up()
            return
        content = self.rfile.read(int(self.headers["Content-Length"]))
        self.front.on_upload()
        if fault == "elsewhere":
            self._answer(307, b"", self.front.elsewhere)
        elif fault.isdigit():
            self._answer(int(fault), self.front.words.encode())
        else:
            status, kind, said = self._handed_on(content)
            if fault == "deaf":
                self._hang_up()
            else:
                self._answer(status, said, kind=kind)

    def _is_of_identity(self) -> bool:
        """Trusted publishing: whom a proof is for, one of the CI service, and the token that it is worth once."""
        known, path = self.front, self.path.partition("?")[0]
        if not known.minted or path.rpartition("/")[2] not in ("audience", "identity", "mint-token", "burn-token"):
            return False
        known.asked.append(Asked("IDENTITY", self.path, self.headers.get("Authorization", "")))
        proof = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        said: dict[str, object] = {"audience": "acme", "value": f"proof.of.{len(known.asked)}"}
        if path.endswith("mint-token"):
            said = {"token": known.minted, "success": True}
            if proof in known.proofs:
                self._answer(422, b'{"message": "already used"}', kind="application/json")
                return True
            known.proofs.append(proof)
        self._answer(200, json.dumps(said).encode(), kind="application/json")
        return True

    def _is_let_in(self) -> bool:
        given = self.headers.get("Authorization", "")
        self.front.asked.append(Asked(self.command, self.path, given))
        if self.front.login and given != f"Basic {base64.b64encode(self.front.login.encode()).decode()}":
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self._answer(401, b"who are you?")
            return False
        return True

    def _handed_on(self, content: bytes) -> tuple[int, str, bytes]:
        place = urlsplit(self.front.behind)
        further = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
        names = ("Content-Type", "Accept")
        further.request(self.command, self.path, content, {n: self.headers[n] for n in names if n in self.headers})
        found = further.getresponse()
        said = found.status, found.headers.get("Content-Type", ""), found.read()
        further.close()
        return said

    def _answer(
        self,
        status: int,
        content: bytes,
        location: str = "",
        kind: str = "text/html",
        length: int | None = None,
        encoding: str = "",
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content) if length is None else length))
        if location:
            self.send_header("Location", location)
        if encoding:
            self.send_header("Content-Encoding", encoding)
        self.end_headers()
        self.wfile.write(content)

    def _drip(self) -> None:
        self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Acme: ")
        for _ in range(30):
            self.wfile.write(b"x")
            time.sleep(0.1)
        self._hang_up()

    def _hang_up(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)


def certificate(directory: Path) -> Path:
    """One for loopback, and its own authority."""

    settings = (
        "[req]\ndistinguished_name=name\nx509_extensions=more\nprompt=no\n[name]\nCN=acme\n"
        f"[more]\nsubjectAltName=IP:{HOST}\nbasicConstraints=CA:FALSE\n"
    )
    (directory / "settings").write_text(settings)
    argv = "openssl req -x509 -nodes -newkey rsa:2048 -days 2 -config settings -keyout own.key -out own.pem"
    subprocess.run(argv.split(), cwd=directory, check=True, capture_output=True)
    return directory / "own.pem"


def without_hashes(content: bytes) -> bytes:
    return re.sub(rb"#sha256=[0-9a-f]*", b"", content)


def _await(port: int) -> None:
    for _ in range(200):
        with socket.socket() as asked:
            if asked.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError("the index does not start")
