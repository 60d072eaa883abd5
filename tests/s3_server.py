"""SeaweedFS as an S3 server for tests: `python -m tests.s3_server COMMAND…` runs the command with its settings."""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

WEED = Path(sys.executable).with_name("weed")
BUCKET, KEY, SECRET = "pins", "pins-key", "pins-secret"
STARTS_WITHIN_SECONDS = 60


def free_ports(count):
    """Free ports below those that the system gives away; SeaweedFS listens 10,000 above each of them, too."""
    ports = []
    while len(ports) < count:
        port = random.randrange(10_000, 22_000)
        if port not in ports and is_free(port) and is_free(port + 10_000):
            ports.append(port)
    return ports


def is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class S3Server:
    """A server with one bucket; it can be stopped and started again, with what it has stored."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.ports = free_ports(4)
        self.url = f"http://127.0.0.1:{self.ports[3]}"
        self._process = None

    @property
    def environment(self):
        return {
            "S3_BUCKET": BUCKET,
            "S3_ENDPOINT_URL": self.url,
            "S3_ACCESS_KEY_ID": KEY,
            "S3_SECRET_ACCESS_KEY": SECRET,
            "S3_ADDRESSING_STYLE": "path",
            "S3_DIRECT_UPLOADS": "on",
        }

    def start(self):
        master, volume, filer, s3 = self.ports
        (self.folder / "data").mkdir(exist_ok=True)
        identity = {
            "name": "pins",
            "credentials": [{"accessKey": KEY, "secretKey": SECRET}],
            "actions": ["Admin", "Read", "Write", "List", "Tagging"],
        }
        (self.folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
        options = [
            *(f"-dir={self.folder / 'data'}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", f"-master.port={master}"),
            *(f"-volume.port={volume}", f"-filer.port={filer}", "-s3", f"-s3.port={s3}", "-volume.max=0"),
            *(f"-s3.config={self.folder / 's3.json'}", "-master.volumeSizeLimitMB=64", "-master.telemetry=false"),
            *("-s3.port.iceberg=0", "-s3.port.lance=0", "-s3.autoCreateBucket=false"),
        ]
        with (self.folder / "weed.log").open("ab") as log:
            self._process = subprocess.Popen([WEED, "server", *options], stdout=log, stderr=log, start_new_session=True)
        self._wait()

    def stop(self):
        if self._process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _wait(self):
        config = Config(s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
        keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
        client = boto3.client("s3", endpoint_url=self.url, config=config, **keys)
        ends_at = time.monotonic() + STARTS_WITHIN_SECONDS
        while True:
            try:
                if BUCKET not in [each["Name"] for each in client.list_buckets()["Buckets"]]:
                    client.create_bucket(Bucket=BUCKET)
                client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
            except (BotoCoreError, ClientError):
                if time.monotonic() > ends_at or self._process.poll() is not None:
                    raise
                time.sleep(0.2)
            else:
                return


def main():
    if not WEED.exists():
        sys.exit(f"{WEED} is missing: python -m pip install --require-hashes -r requirements/s3-server.txt")
    with tempfile.TemporaryDirectory(prefix="s3-server-") as folder:
        server = S3Server(folder)
        try:
            server.start()
            sys.exit(subprocess.run(sys.argv[1:], env=os.environ | server.environment).returncode)
        finally:
            server.stop()


if __name__ == "__main__":
    main()
