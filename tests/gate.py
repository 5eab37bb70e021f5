"""A gate before a real server: passes every byte on, and breaks the line where it is told."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress


class Gate:
    """Listens on 127.0.0.1 and passes on to ``port``. When the client sends something with ``word`` in it for
    the ``nth`` time, the line breaks: before it is passed on, or, with ``lost``, once the server has answered,
    whose answer is lost. ``silent``: the line stays open and nothing comes any more.
    """

    def __init__(
        self, port: int, word: bytes, *, nth: int = 1, lost: bool = False, silent: bool = False
    ) -> None:
        self._server, self._word, self._nth = port, word, nth
        self._lost, self._silent = lost, silent
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.broke = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.create_connection(("127.0.0.1", self._server))
        stopped = threading.Event()
        threading.Thread(target=self._answers, args=(server, client, stopped), daemon=True).start()
        with suppress(OSError), client, server:
            while data := client.recv(1 << 16):
                if self._word in data and not self.broke:
                    self._nth -= 1
                    if self._nth <= 0:
                        self._break(data, server, stopped)
                        return
                server.sendall(data)

    def _break(self, data: bytes, server: socket.socket, stopped: threading.Event) -> None:
        self.broke = True
        stopped.set()
        if self._lost:
            server.sendall(data)
            time.sleep(0.5)
        while self._silent and self._listener.fileno() >= 0:
            time.sleep(0.05)
        # Closing alone tells the server nothing while another thread still listens to it.
        with suppress(OSError):
            server.shutdown(socket.SHUT_RDWR)

    def _answers(self, server: socket.socket, client: socket.socket, stopped: threading.Event) -> None:
        with suppress(OSError):
            while data := server.recv(1 << 16):
                if not stopped.is_set():
                    client.sendall(data)

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
