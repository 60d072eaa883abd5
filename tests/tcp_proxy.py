"""A server's address that can be taken away: connections to it are passed on, until they are cut."""

import socket
import threading
import time
from contextlib import contextmanager, suppress

BLOCK_BYTES = 256 * 1024


class TcpProxy:
    """Listens on a port of its own; `with proxy.away(): …` is a server that is restarted, or a line that is broken."""

    def __init__(self, host, port):
        self._server = host, port
        self._lock = threading.Lock()
        self._ends = set()
        self._listener = None
        self.port = 0
        self.open()

    def open(self):
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=128)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self):
        """Cuts all connections; new ones are refused."""
        # What waits in accept() holds the port, until it is woken.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            ends, self._ends = self._ends, set()
        for end in ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    @contextmanager
    def away(self):
        self.close()
        try:
            yield
        finally:
            self.open()

    def away_for(self, seconds):
        """Returns at once; the server is back after so many seconds."""

        def wait():
            with self.away():
                time.sleep(seconds)

        thread = threading.Thread(target=wait, daemon=True)
        thread.start()
        return thread

    def _accept(self, listener):
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server, timeout=10)
            except OSError:
                client.close()
                continue
            server.settimeout(None)
            with self._lock:
                if listener is not self._listener or listener.fileno() == -1:
                    client.close(), server.close()
                    return
                self._ends |= {client, server}
            for source, target in ((client, server), (server, client)):
                threading.Thread(target=self._pass_on, args=(source, target), daemon=True).start()

    def _pass_on(self, source, target):
        with suppress(OSError):
            while block := source.recv(BLOCK_BYTES):
                target.sendall(block)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self._lock:
            is_last = source not in self._ends
            self._ends -= {source, target}
        if is_last:
            source.close()
            target.close()
