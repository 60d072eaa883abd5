"""A worker that dies by SIGKILL at a given step: `python -m tests.pins.crashing_worker PIN_ID STEP`."""

import os
import signal
import sys

import django


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def main(pin_id, step):
    django.setup()
    from pins import media_source, publishing
    from postiz_pins.pinterest.client import PinterestClient

    create_pin = PinterestClient.create_pin

    def create_and_die(client, request):
        create_pin(client, request)
        die()

    if step == "claimed":
        media_source.build_request = die
    elif step == "before":
        PinterestClient.create_pin = die
    elif step == "after":
        PinterestClient.create_pin = create_and_die
    publishing.advance(pin_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
