"""Runs everything of the cloud, and ends where one part ends: a half cloud is none."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from dns import serve_dns
from health import answers
from mail import serve_mail
from metadata import serve_metadata
from stores import stores

ANSWERING = Path("/dev/shm/answering")
"""Is there while everything answers. In memory, so that it is gone where the container is started again."""
METADATA = "169.254.169.254"
MAIL_CERTIFICATE = (Path("/run/cloud/mail.crt"), Path("/run/cloud/mail.key"))


def main() -> None:
    """Start all parts and watch them."""
    # As on Google Cloud, one link-local address is resolver and metadata server.
    subprocess.run(["ip", "address", "replace", f"{METADATA}/32", "dev", "eth0"], check=True)
    upstream = os.environ["UPSTREAM"]
    own = os.environ["ADDRESS"]
    threads = [
        threading.Thread(target=serve_dns, args=(own, [own, METADATA], upstream), daemon=True),
        threading.Thread(target=serve_metadata, args=(METADATA,), daemon=True),
        threading.Thread(target=serve_mail, args=(own, *MAIL_CERTIFICATE), daemon=True),
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    environment = {
        **os.environ,
        "PEBBLE_VA_NOSLEEP": "1",
        "PEBBLE_WFE_NONCEREJECT": "0",
        "PEBBLE_AUTHZREUSE": "0",
    }
    pebble = ["pebble", "-config", "/opt/cloud/pebble.json", "-dnsserver", f"{own}:53"]
    objects = stores()
    for store in objects:
        store.prepare()
    names = {
        **os.environ,
        # At one address: the stores are at port 443 of others.
        "LISTEN": f"{own}:443",
        "CERTIFICATE": "/run/cloud/registry.crt",
        "KEY": "/run/cloud/registry.key",
        "IMAGES": "/srv/registry",
        "REGISTRY": f"http://{own}:5000",
    }
    registry = {**os.environ, "REGISTRY_HTTP_ADDR": f"{own}:5000"}
    processes = [
        subprocess.Popen(["docker-registry", "serve", "/opt/cloud/registry.yml"], env=registry),
        subprocess.Popen(["/opt/cloud/registry"], env=names),
        subprocess.Popen(pebble, env=environment),
    ]
    while all(thread.is_alive() for thread in threads) and all(p.poll() is None for p in processes):
        if not all(store.tend() for store in objects):
            break
        # Asked until it is so once: a check that starts Python every second would slow the tests down.
        if not ANSWERING.exists() and answers(own, [store.address for store in objects]):
            ANSWERING.touch()
        time.sleep(0.2)
    sys.exit("a part of the cloud has ended")


main()
