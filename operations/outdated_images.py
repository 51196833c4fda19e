"""Which images a stack has: those that its settings name, and those that run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from components.apps.metrics import NAME as METRICS
from components.apps.web import WebSettings
from components.image_tag import ImageReference
from components.workload import BuiltImage, Service
from stacks.settings import AppSettings, StackSettings

_EDGE = {
    "nginx": "homeport:edge.nginx",
    "docker-gen": "homeport:edge.nginxProxy",
    "acme-companion": "homeport:edge.acmeCompanion",
}
"""Container between the internet and the apps -> the setting that says its version."""
_DATABASES = ("postgres", "redis")
"""Services whose version is in a section of their own of the app's settings."""


@dataclass(frozen=True)
class StackImage:
    """One image of a stack."""

    current: ImageReference
    """What runs, else what the settings name: the one that is judged."""
    planned: ImageReference | None
    """What the settings name; None where they do so no more."""
    deployed: bool = False
    """Whether the current one is what the last update deployed."""
    settings: tuple[str, ...] = ()
    """Where the settings say its version: `homeport:apps[0].postgres.version`."""
    built: str = ""
    """The name of the image that is built on the machine from this one."""


def stack_images(settings: StackSettings, deployed: Sequence[str] = ()) -> list[StackImage]:
    """Each image once, in the order of their names.

    Args:
        settings: The stack's.
        deployed: References in its state; none where it is not deployed.
    """
    left = dict.fromkeys(map(ImageReference.parse, deployed))
    images = []
    # First those that run as they are planned: what is left is what they replace.
    for image in sorted(_planned(settings), key=lambda image: image.current not in left):
        running = _running(image, left)
        if running:
            left.pop(running)
        images.append(_deployed(image, running) if running else image)
    images += [StackImage(reference, planned=None, deployed=True) for reference in left]
    return sorted(images, key=lambda image: str(image.current))


def _planned(settings: StackSettings) -> list[StackImage]:
    found: dict[tuple[str, str], StackImage] = {}
    for reference, built, setting in _named(settings):
        known = found.setdefault((reference, built), _named_image(reference, built))
        if setting not in known.settings:
            found[reference, built] = replace(known, settings=(*known.settings, setting))
    return list(found.values())


def _named_image(reference: str, built: str) -> StackImage:
    planned = ImageReference.parse(reference)
    return StackImage(planned, planned, built=built)


def _named(settings: StackSettings) -> Iterator[tuple[str, str, str]]:
    """Published reference, name of what is built from it, and setting; for each container."""
    for container, reference in settings.edge.images.items():
        yield reference, "", _EDGE[container]
    positions = {app.name: index for index, app in enumerate(settings.app_settings)}
    for app in settings.apps:
        for service in app.services:
            if app.name == METRICS:
                setting = _setting_of_metrics(service)
            else:
                position = positions[app.name]
                setting = f"homeport:apps[{position}].{_key(service, settings.app_settings[position])}"
            image = service.image
            if isinstance(image, BuiltImage):
                yield image.base, image.name, setting
            else:
                yield image.reference, "", setting


def _key(service: Service, app: AppSettings) -> str:
    if service.name in _DATABASES:
        return f"{service.name}.version"
    return "image" if isinstance(app, WebSettings) else "version"


def _setting_of_metrics(service: Service) -> str:
    if service.name == "node":
        return "homeport:metrics.nodeExporter"
    # The forwarders have the nginx of the edge.
    return "homeport:metrics.postgresExporter" if service.name.startswith("postgres-") else _EDGE["nginx"]


def _running(image: StackImage, deployed: Iterable[ImageReference]) -> ImageReference | None:
    """The deployed one that this is, or that it will replace."""
    repository = image.built or image.current.repository
    same = [each for each in deployed if each.repository == repository]
    return image.current if image.current in same else next(iter(same), None)


def _deployed(image: StackImage, running: ImageReference) -> StackImage:
    # The tag of what is built begins with the version that it is built from.
    current = replace(image.current, tag=running.tag.partition("-")[0]) if image.built else running
    return replace(image, current=current, deployed=True)
