"""The registry's images: each is built and pushed when somebody asks for it.

One volume has the images of all sandboxes and checkouts in one repository, each under a tag that tells what
it was made from. The cloud's container reads in `names.json` which tag a name has here, and asks for what is
missing.
"""

from __future__ import annotations

import contextlib
import fcntl
import http
import json
import threading
import time
import urllib.error
import urllib.request
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import docker
from docker.errors import APIError, DockerException
from docker.utils import parse_repository_tag

from sandbox.images.build import built, local_name, title
from sandbox.images.catalogue import PUBLISHED, ImageSource
from tools.cache import cache_directory, locked
from tools.progress import SetupError, say, step

SHARED = {"homeport.sandbox.shared": "true"}
VOLUME = "homeport-sandbox-registry"
PORT = "5000/tcp"
"""Where the registry itself listens in the cloud's container. On the loopback address Docker needs no TLS."""
_REPOSITORY = "images"
_AT_ONCE = 2
"""How many images are built or pushed at the same time."""
_PAUSE_SECONDS = 0.2
_ATTEMPTS = 5
_KINDS = ", ".join(
    (
        "application/vnd.docker.distribution.manifest.v2+json",
        "application/vnd.docker.distribution.manifest.list.v2+json",
        "application/vnd.oci.image.manifest.v1+json",
        "application/vnd.oci.image.index.v1+json",
    )
)
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
"""The registry is on this computer: no proxy."""
_CONTAINERD = "io.containerd.snapshotter"


class Registry:
    """The images of one sandbox's registry.

    Its folder is shared with the cloud's container: an empty file in `wanted` asks for a tag, a file in
    `failed` says why there is none, and `builder.lock` is held while this process builds what is wanted.
    """

    def __init__(self, folder: Path, client: docker.DockerClient) -> None:
        self.folder = folder
        self._client = client
        self._sources = {tag: source for _, tag, source in _tagged()}
        self._ended = threading.Event()
        self._claims = threading.Lock()
        self._claimed: set[str] = set()
        self._address = ""

    def prepare(self) -> None:
        """Say which tag each name has, and forget what was asked for earlier."""
        for name in ("wanted", "failed"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
            for old in (self.folder / name).iterdir():
                old.unlink(missing_ok=True)
        names: dict[str, dict[str, str]] = defaultdict(dict)
        for name, tag, _ in _tagged():
            repository, version = name.rsplit(":", 1)
            names[repository][version] = tag
        new = self.folder / "names.new"
        new.write_text(json.dumps(names, indent=1))
        new.replace(self.folder / "names.json")
        (self.folder / "builder.lock").touch()

    def serve(self, address: str) -> None:
        """From now on build and push what is wanted, until this process or the sandbox ends.

        Args:
            address: Host and port of the registry, as this computer's Docker reaches it.
        """
        self._address = address
        for number in range(_AT_ONCE):
            threading.Thread(target=self._work, name=f"sandbox images {number}", daemon=True).start()

    def stop(self) -> None:
        """Take nothing more on."""
        self._ended.set()

    def publish(self, references: Iterable[str]) -> None:
        """Have these images in the registry before it returns. `SetupError` where one could not be made."""
        tags = [tag for reference in references if (tag := _tag(self.folder, reference))]
        for tag in tags:
            _ask(self.folder, tag)
        for tag in tags:
            while (self.folder / "wanted" / tag).exists():
                time.sleep(_PAUSE_SECONDS)
            failed = self.folder / "failed" / tag
            if failed.exists():
                raise SetupError(failed.read_text())

    def _work(self) -> None:
        try:
            with (self.folder / "builder.lock").open() as lock:
                fcntl.flock(lock, fcntl.LOCK_SH)
                while not self._ended.wait(_PAUSE_SECONDS):
                    for tag in self._wanted():
                        self._make(tag)
        except FileNotFoundError:
            # The sandbox is gone, and its folder with it.
            return

    def _wanted(self) -> Iterable[str]:
        """What is wanted and nobody else makes, the longest waiting first; claimed for the caller."""
        for tag in _by_age(self.folder / "wanted"):
            with self._claims:
                if tag in self._claimed or not (self.folder / "wanted" / tag).exists():
                    continue
                self._claimed.add(tag)
            yield tag

    def _make(self, tag: str) -> None:
        failed = self.folder / "failed" / tag
        try:
            failed.unlink(missing_ok=True)
            if tag not in self._sources:
                raise SetupError(f"there is no image {tag} in sandbox/images/catalogue.py")
            self._provide(tag)
        except (SetupError, DockerException, OSError) as problem:
            if not self._ended.is_set():
                failed.write_text(str(problem))
                say(f"Sandbox registry: {problem}")
        finally:
            (self.folder / "wanted" / tag).unlink(missing_ok=True)
            with self._claims:
                self._claimed.discard(tag)

    def _provide(self, tag: str) -> None:
        source, version = self._sources[tag]
        if self._has(tag):
            return
        with locked(cache_directory() / "locks" / f"sandbox-push-{tag}"):
            if self._has(tag):
                return
            local = built(self._client, source, version)
            with step(f"Sandbox registry: push {title(source, version)}"):
                self._push(local, tag)

    def _has(self, tag: str) -> bool:
        url = f"http://{self._address}/v2/{_REPOSITORY}/manifests/{tag}"
        request = urllib.request.Request(url, method="HEAD", headers={"Accept": _KINDS})
        try:
            with _DIRECT.open(request, timeout=30):
                return True
        except urllib.error.HTTPError as answer:
            if answer.code == http.HTTPStatus.NOT_FOUND:
                return False
            raise

    def _push(self, local: str, tag: str) -> None:
        repository = f"{self._address}/{_REPOSITORY}"
        self._client.images.get(local).tag(repository, tag)
        problem = ""
        try:
            for attempt in range(_ATTEMPTS):
                problem = self._pushed(repository, tag)
                if not problem:
                    return
                time.sleep(0.3 * (attempt + 1))
        finally:
            self._client.images.remove(f"{repository}:{tag}", noprune=True)
        raise SetupError(f"pushing {local} to the sandbox's registry failed: {problem}{self._advice()}")

    def _pushed(self, repository: str, tag: str) -> str:
        """What went wrong; nothing where it is pushed."""
        problem = ""
        try:
            for line in self._client.images.push(repository, tag, stream=True, decode=True):
                problem = line.get("error") or problem
        except APIError as error:
            problem = str(error)
        return problem

    def _advice(self) -> str:
        """Docker's newer image store has had faults in pushing: moby/moby issues 51665 and 53293."""
        info = self._client.info()
        if not any(_CONTAINERD in str(value) for pair in info.get("DriverStatus") or [] for value in pair):
            return ""
        return (
            f"\nDocker {info.get('ServerVersion')} keeps images in containerd's store here. If the push fails"
            ' again, switch that off with {"features": {"containerd-snapshotter": false}} in'
            " /etc/docker/daemon.json, and restart Docker."
        )


def registry_folder(directory: Path) -> Path:
    """The folder that the registry of the sandbox in that directory shares with its cloud."""
    return directory / "registry"


def ask_for(directory: Path, reference: str) -> None:
    """Have an image made meanwhile for the sandbox in that directory, where its registry knows the name."""
    folder = registry_folder(directory)
    if (folder / "wanted").exists() and (tag := _tag(folder, reference)):
        _ask(folder, tag)


def published_name(reference: str) -> str:
    """The name in its registry: `library/nginx:1.31.6` for `nginx:1.31.6` and `docker.io/nginx:1.31.6`."""
    repository, tag = parse_repository_tag(reference)
    first, _, rest = repository.partition("/")
    if rest and ("." in first or ":" in first or first == "localhost"):
        repository = rest
    if "/" not in repository:
        repository = f"library/{repository}"
    return f"{repository}:{tag or 'latest'}"


def _ask(folder: Path, tag: str) -> None:
    (folder / "failed" / tag).unlink(missing_ok=True)
    (folder / "wanted" / tag).touch()


def _by_age(folder: Path) -> list[str]:
    """The files of a folder, the oldest first; others may remove some meanwhile."""
    ages: dict[str, int] = {}
    for path in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            ages[path.name] = path.stat().st_mtime_ns
    return sorted(ages, key=ages.__getitem__)


def _tag(folder: Path, reference: str) -> str | None:
    """The tag in the one repository; None for what is not published."""
    repository, version = published_name(reference).rsplit(":", 1)
    names: dict[str, dict[str, str]] = json.loads((folder / "names.json").read_text())
    return names.get(repository, {}).get(version)


def _tagged() -> Iterable[tuple[str, str, tuple[ImageSource, str]]]:
    """Each published name with its tag in the one repository, and what it is made from."""
    for repository, (source, versions) in PUBLISHED.items():
        for version in versions:
            made_from = source.of(version)
            tag = local_name(made_from, version).rsplit("/", 1)[1].replace(":", "-")
            yield f"{repository}:{version}", tag, (made_from, version)
