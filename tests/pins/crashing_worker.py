"""A worker that dies by SIGKILL at a given step: `python -m tests.pins.crashing_worker PIN_ID STEP`."""

import os
import signal
import sys
from datetime import timedelta

import django


def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)


def main(pin_id, step):
    django.setup()
    from pins.publishing import claims, payload, slots, video_upload, worker
    from postiz_pins.pinterest.client import PinterestClient

    def die_after(work):
        def work_and_die(*args, **kwargs):
            work(*args, **kwargs)
            die()

        return work_and_die

    match step:
        case "claimed":
            payload.build_pin_payload = die
        case "before":
            PinterestClient.create_pin = die
        case "after":
            PinterestClient.create_pin = die_after(PinterestClient.create_pin)
        case "registered":
            PinterestClient.register_video = die_after(PinterestClient.register_video)
        case "uploading":
            video_upload.Progress.__call__ = lambda progress, sent: sent and die()
        case "uploaded":
            video_upload.upload_video = die_after(video_upload.upload_video)
        case "polling":
            PinterestClient.fetch_media_status = die
        case "polled":
            PinterestClient.fetch_media_status = die_after(PinterestClient.fetch_media_status)
        case "hanging":
            # So impatient that every request seems to hang.
            claims.LONGEST_SILENCE = timedelta(seconds=0.2)
            slots.RENEW_EVERY = timedelta(seconds=0.1)
    worker.advance(pin_id)


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
