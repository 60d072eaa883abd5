"""Workers of an import that are killed: `python -m tests.pins.imports.killed_workers IMPORT_ID KILLS SEED`.

Each is a fork that works on the import and dies by SIGKILL after a random time; the last one may finish.
"""

import os
import random
import signal
import sys
import time
from datetime import timedelta

import django

LONGEST_LIFE_SECONDS = 0.2


def main(import_id, kills, seed):
    django.setup()
    from django.db import connections
    from django.utils import timezone

    from pins.imports import jobs

    jobs.BATCH = 3
    jobs.LEASE = timedelta(milliseconds=1)
    moments = random.Random(seed)
    connections.close_all()
    for _ in range(kills):
        pid = os.fork()
        if pid == 0:
            jobs.work_on(import_id, timezone.now())
            os._exit(0)
        time.sleep(moments.uniform(0, LONGEST_LIFE_SECONDS))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    jobs.work_on(import_id, timezone.now() + timedelta(seconds=1))


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
