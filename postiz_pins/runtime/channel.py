"""A queue between the processes of a cluster, in place of multiprocessing's.

That one has locks, and a process that is killed keeps those that it holds: one idle worker killed while it waited for a
task, and no other ever got one. Here each message is a datagram. The kernel gives it to one of those that wait.
"""

from __future__ import annotations

import errno
import pickle
import select
import socket
from time import sleep
from typing import Any

from . import stopping

# Of one message. Tasks are names and row ids; a result may be a traceback.
LARGEST_BYTES = 200_000
LOOK_EVERY_SECONDS = 0.02
# A sender whose receiver has been killed ends after that, when the room for messages is full.
PATIENCE_SECONDS = 60.0


class Channel:
    """Messages for one of several receivers, with the methods of multiprocessing.Queue that django-q2 calls."""

    def __init__(self) -> None:
        self._receiver, self._sender = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 2 * LARGEST_BYTES)
        self._sender.settimeout(PATIENCE_SECONDS)

    def close(self) -> None:
        """Close both ends of this process."""
        self._receiver.close()
        self._sender.close()

    def put(self, message: Any) -> None:
        """Send the message, or a shorter one if it is too large."""
        try:
            self._sender.send(pickle.dumps(message))
        except OSError as error:
            if error.errno != errno.EMSGSIZE:
                raise
            self._sender.send(pickle.dumps(self.shorten(message)))

    def get(self) -> Any:
        """Wait for a message and return it."""
        return pickle.loads(self._receiver.recv(LARGEST_BYTES))  # noqa: S301  from a process of this cluster

    def wait(self, seconds: float) -> bool:
        """Return whether a message waits to be received, as soon as one does."""
        return bool(select.select([self._receiver], [], [], seconds)[0])

    def shorten(self, message: Any) -> Any:
        """Return what is sent in place of a message that is too large."""
        raise ValueError("This message is too large.")


class TaskChannel(Channel):
    """Hands tasks to workers, one at a time: what waits in the broker can be taken by another machine."""

    def put(self, message: Any) -> None:
        """Send the task once a worker has taken the one before; not at all when this process is to stop."""
        while self.wait(0):
            if stopping.is_requested():
                return  # its row, or its schedule, brings another
            sleep(LOOK_EVERY_SECONDS)
        super().put(message)


class ResultChannel(Channel):
    """Brings results back from workers."""

    def shorten(self, message: Any) -> Any:
        """Return the result with the beginning of its text."""
        return message | {"result": str(message["result"])[:10_000]}
