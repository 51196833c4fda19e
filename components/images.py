"""The images of an app, present on the machine."""

from __future__ import annotations

from pulumi import Output, ResourceOptions

from components import docker
from components.workload import BuiltImage, Image


class Images:
    """Each image once, pulled or built when it is first asked for."""

    def __init__(self, name: str, opts: ResourceOptions) -> None:
        self._name = name
        self._opts = opts
        self._present: dict[str, Output[str]] = {}

    def __getitem__(self, image: Image) -> Output[str]:
        """What to start a container from: the id or reference of the image on the machine."""
        if image.reference not in self._present:
            self._present[image.reference] = (
                self._build(image) if isinstance(image, BuiltImage) else self._pull(image.reference)
            )
        return self._present[image.reference]

    def _build(self, image: BuiltImage) -> Output[str]:
        built = docker.Image(
            f"{self._name}-{image.name.rsplit('/', 1)[-1]}",
            image_name=image.reference,
            # No platform: the machine's own. Left out, the provider takes that of the deploying computer.
            build=docker.DockerBuildArgs(context=str(image.context), args=dict(image.arguments), platform=""),
            skip_push=True,
            opts=self._opts,
        )
        return built.image_name

    def _pull(self, reference: str) -> Output[str]:
        repository = reference.rsplit(":", 1)[0].rsplit("/", 1)[-1]
        pulled = docker.RemoteImage(
            f"{self._name}-{repository}", name=reference, keep_locally=True, opts=self._opts
        )
        return pulled.image_id
