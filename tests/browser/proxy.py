"""A reverse proxy on loopback, as small as one can be, for requests and websockets."""

from __future__ import annotations

import contextlib
import re
import socket
import threading

BIG = 65536


class Proxy:
    """Hands on what begins with a prefix.

    Args:
        port: where the server behind it listens, on loopback.
        prefix: the path under which the server is reached.
        strips: whether the prefix is taken off.
        keeps_host: whether the server gets the Host that the browser sent, or its own address.

    Attributes:
        address: the outer address.
        websockets: how many websockets went through.
    """

    def __init__(self, port: int, prefix: str, *, strips: bool, keeps_host: bool) -> None:
        self._there, self._prefix = port, prefix
        self._strips, self._keeps_host = strips, keeps_host
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}{prefix}/"
        self.websockets = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._hand_on, args=(connection,), daemon=True).start()

    def _hand_on(self, browser: socket.socket) -> None:
        """One request for each connection, so that only its beginning has to be read."""
        with browser, contextlib.suppress(OSError):
            head = b""
            while b"\r\n\r\n" not in head:
                more = browser.recv(BIG)
                if not more:
                    return
                head += more
            lines, _, rest = head.partition(b"\r\n\r\n")
            with socket.create_connection(("127.0.0.1", self._there)) as server:
                server.sendall(self._rewritten(lines) + b"\r\n\r\n" + rest)
                back = threading.Thread(target=_pump, args=(server, browser), daemon=True)
                back.start()
                _pump(browser, server)
                back.join()

    def _rewritten(self, lines: bytes) -> bytes:
        if re.search(rb"(?im)^upgrade: *websocket", lines):
            self.websockets += 1
        else:
            lines = re.sub(rb"(?im)^connection:.*?(\r?)$", rb"Connection: close\1", lines)
        if self._strips:
            lines = lines.replace(b" " + self._prefix.encode(), b" ", 1)
        if not self._keeps_host:
            there = f"Host: 127.0.0.1:{self._there}".encode()
            lines = re.sub(rb"(?im)^host:.*?(\r?)$", there + rb"\1", lines)
        added = [
            b"X-Script-Name: " + self._prefix.encode(),
            b"X-Forwarded-For: 203.0.113.7",
            b"X-Forwarded-Proto: http",
        ]
        return b"\r\n".join([lines, *added])

    def close(self) -> None:
        self._listening.close()


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Hand on until one side ends."""
    with contextlib.suppress(OSError):
        while data := source.recv(BIG):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
