"""A management command whose waits are seconds instead of minutes: `python -m tests.pins.chaos_process COMMAND`.

The patches are there before the cluster forks its workers.
"""

import sys
from datetime import timedelta

import django
from django.conf import settings

LEASE = timedelta(seconds=6)
WAITS = {
    "LEASE": LEASE,
    "RENEW_EVERY": timedelta(seconds=1),
    "VERIFICATION_DELAYS": (timedelta(seconds=2), timedelta(seconds=4), timedelta(seconds=6)),
    "BACKOFF": (timedelta(seconds=1),) * 5,
    "WORKER_TURN": timedelta(seconds=5),
    "STALLED_AFTER": LEASE * 1.5,
    "LOOK_EVERY_SECONDS": 1.0,
}


def main(command):
    # A queue of its own: with Redis, other tests may have one at this moment.
    settings.Q_CLUSTER["name"] = "chaos"
    django.setup()
    from django.core.management import call_command

    from pins.publishing import claims, dispatch, outcomes, slots, verification, worker
    from pins.scheduling import services as scheduling
    from postiz_pins.management.commands import cluster

    patched = set()
    for module in (claims, dispatch, outcomes, worker, scheduling, slots, verification, cluster):
        for name in WAITS.keys() & vars(module).keys():
            setattr(module, name, WAITS[name])
            patched.add(name)
    assert patched == set(WAITS)
    call_command(command)


if __name__ == "__main__":
    main(sys.argv[1])
