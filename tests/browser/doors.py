"""Every documented way of starting the dashboard, and ways of asking it that no browser has."""

from __future__ import annotations

import http.client
import http.server
import json
import shutil
import socket
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.browser.conftest import HERE, Server

ROOT = HERE.parents[1]
SOLARA = str(Path(sys.executable).with_name("solara"))
#: Each way, as the page on the dashboard shows it; the reload is of everything that civa is.
WAYS = ("civa dashboard", "python server.py", "solara run", "solara run, reloaded")
KERNEL = "/jupyter/api/kernels/11111111-1111-4111-8111-111111111111"


def started(way: str, folder: Path, *options: str, port: int = 0, **variables: str) -> Server:
    """Start the dashboard in one of the ways, on loopback and on a port of its own."""
    where = ["--port", str(port), "--no-open"]
    if way == "civa dashboard":
        command = [sys.executable, "-m", "civa", "dashboard", *where, *options]
    elif way == "python server.py":
        command = [sys.executable, str(ROOT / "server.py"), *where, *options]
    else:
        check = [] if way == "plain solara run" else ["--no-check-version"]
        page = ROOT / "server.py"
        if way == "solara run, reloaded":
            page = copied(folder / "tree") / "server.py"
            variables["PYTHONPATH"] = str(page.parent)
        command = [SOLARA, "run", *check, "--host", "127.0.0.1", *where, *options, str(page)]
    server = Server(command, folder, folder, **variables)
    if "solara run" in way:
        # It says where it will be before it is there.
        there = server.waited_for(r"starting at http://127\.0\.0\.1:\d+")
        until(Asker(there.split()[-1]).answers)
    if way == "solara run, reloaded":
        with (folder / "tree" / "model" / "views" / "app.py").open("a") as code:
            code.write("\n# Changed while it runs.\n")
        server.waited_for("Re-executed app")
    return server


def until(holds: Callable[[], object]) -> None:
    """Wait until something holds."""
    for _ in range(600):
        if holds():
            return
        time.sleep(0.1)
    raise RuntimeError("it did not come to be")


def copied(tree: Path) -> Path:
    """civa's own code where it may be changed."""
    for name in ("model", "agents"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("civa.py", "server.py"):
        shutil.copy(ROOT / name, tree / name)
    return tree


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: http.client.HTTPMessage
    text: str


@dataclass
class Asker:
    """Somebody who writes requests by hand.

    Attributes:
        address: the address that was printed, with the token.
        cookie: the Cookie header that the token was changed for.
    """

    address: str
    cookie: str = ""
    port: int = field(init=False)
    token: str = field(init=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.address)
        self.port, self.token = parts.port or 80, parts.query.partition("=")[2]

    @property
    def sessions(self) -> int:
        """How many sessions were ever asked of Solara, as it says to those who may know."""
        text = self.ask("/resourcez", self.host, self.known).text
        return int(json.loads(text)["websockets"]["attempts"])

    @property
    def host(self) -> tuple[str, str]:
        return ("Host", f"127.0.0.1:{self.port}")

    @property
    def origin(self) -> tuple[str, str]:
        return ("Origin", f"http://127.0.0.1:{self.port}")

    def log_in(self, *headers: tuple[str, str]) -> Answer:
        """Change the token for the cookie."""
        answer = self.ask(f"/?token={self.token}", self.host, *headers)
        self.cookie = answer.headers["Set-Cookie"].partition(";")[0]
        return answer

    @property
    def known(self) -> tuple[str, str]:
        return ("Cookie", self.cookie)

    def ask(self, path: str, *headers: tuple[str, str], method: str = "GET") -> Answer:
        """Send just these headers, as often as they are given."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders()
            response = connection.getresponse()
            # A websocket that was accepted has no end.
            text = "" if response.status == 101 else response.read().decode("utf-8", "replace")
            return Answer(response.status, response.msg, text)
        finally:
            connection.close()

    def answers(self) -> bool:
        """Whether the server listens yet."""
        try:
            return bool(self.ask("/", self.host).status)
        except ConnectionError:
            return False

    def websocket(self, *headers: tuple[str, str], path: str = KERNEL) -> int:
        """The status that the wish for a session is answered with; 101 opens one."""
        wish = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", "13"),
            ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
        ]
        return self.ask(f"{path}/channels?session_id=x", *wish, *headers).status


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Site:
    """A web site on a port of loopback, which serves what it is given."""

    def __init__(self, **pages: str) -> None:
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = outer.pages.get(urlsplit(self.path).path.strip("/"), "").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.pages = pages
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Outside:
    """The proxy to all other hosts: refuses, and counts what was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        threading.Thread(target=self._answer, daemon=True).start()

    def _answer(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            with connection:
                self.asked.append(connection.recv(4096).decode("latin-1").partition("\r\n")[0])
                connection.sendall(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")

    @property
    def variables(self) -> dict[str, str]:
        """What sends a process here."""
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        return {
            **dict.fromkeys(names, self.address),
            **{name.lower(): self.address for name in names},
            "NO_PROXY": "",
            "no_proxy": "",
        }

    def close(self) -> None:
        self._listening.close()
