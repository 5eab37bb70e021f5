"""A mailbox on loopback that speaks as much IMAP4rev1 (RFC 3501, UIDPLUS of RFC 4315) as a reader of reports needs."""

from __future__ import annotations

import re
import socketserver
from threading import Thread


class Postbox:
    """Messages by UID with their flags; ``log``: the commands that came."""

    def __init__(self, *messages: bytes, password: str = "s3cret") -> None:
        self.messages = dict(enumerate(messages, start=1))
        self.flags: dict[int, set[str]] = {uid: set() for uid in self.messages}
        self.password = password
        self.log: list[str] = []
        box = self

        class Session(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"* OK ready\r\n")
                for line in self.rfile:
                    tag, _, command = line.decode().strip().partition(" ")
                    box.log.append(re.sub(r"LOGIN .*", "LOGIN", command))
                    self.wfile.write(b"".join(box.answer(command)))
                    ok = box.allowed(command)
                    self.wfile.write(f"{tag} {'OK done' if ok else 'NO wrong password'}\r\n".encode())
                    if command.upper() == "LOGOUT":
                        return

        self.server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Session)
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()
        self.url = f"imap://olga:{password}@127.0.0.1:{self.server.server_address[1]}/Reports"

    def allowed(self, command: str) -> bool:
        """A login needs the password."""
        return not command.upper().startswith("LOGIN") or self.password in command

    def answer(self, command: str) -> list[bytes]:
        """The untagged lines of one command."""
        upper = command.upper()
        if upper == "CAPABILITY":
            return [b"* CAPABILITY IMAP4rev1 UIDPLUS\r\n"]
        if upper.startswith("SELECT"):
            return [b"* %d EXISTS\r\n* OK [UIDVALIDITY 1] valid\r\n" % len(self.messages)]
        if upper.startswith("UID SEARCH"):
            free = [uid for uid in self.messages if not self.flags[uid] & {"\\Flagged", "\\Deleted"}]
            return [b"* SEARCH %s\r\n" % " ".join(map(str, free)).encode()]
        if upper.startswith("UID FETCH"):
            return self._fetch(command)
        if upper.startswith("UID STORE"):
            _, _, uid, _, flags = command.split(" ", 4)
            self.flags[int(uid)] |= set(flags.strip("()").split())
        if upper.startswith("UID EXPUNGE"):
            for uid in [int(one) for one in command.split()[2].split(",")]:
                if "\\Deleted" in self.flags[uid]:
                    self.messages.pop(uid, None)
        return [b"* BYE\r\n"] if upper == "LOGOUT" else []

    def _fetch(self, command: str) -> list[bytes]:
        found = re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)", command)
        assert found, command
        uid, most = int(found[1]), int(found[2])
        if uid not in self.messages:
            return []
        body = self.messages[uid][:most]
        return [b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (uid, uid, len(body)), body, b")\r\n"]

    def close(self) -> None:
        """Stop listening."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)
