"""Docker's resources that are used here, without the time that importing `pulumi_docker` takes.

A tenth of what the program takes until it asks for its first resource, half of that for the settings of
`buildx`, which nobody uses here. See `components/thin_resource.py`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from components.thin_resource import part, sdk_options, thin_resource

if TYPE_CHECKING:
    from pulumi_docker import (
        Container,
        ContainerCapabilitiesArgs,
        ContainerHealthcheckArgs,
        ContainerLabelArgs,
        ContainerNetworksAdvancedArgs,
        ContainerPortArgs,
        ContainerUploadArgs,
        ContainerVolumeArgs,
        DockerBuildArgs,
        Image,
        Network,
        Provider,
        RemoteImage,
        Volume,
    )
else:
    from pulumi import Alias, Input, Output, ProviderResource, ResourceOptions
    from pulumi.runtime import to_json

    class Provider(ProviderResource):
        """A Docker engine and the way to it."""

        def __init__(
            self,
            resource_name: str,
            *,
            host: Input[str],
            ssh_opts: Input[list[str]] | None = None,
            opts: ResourceOptions | None = None,
        ) -> None:
            # Of a provider's inputs all but texts are texts of JSON.
            words = None if ssh_opts is None else Output.from_input(ssh_opts).apply(to_json)
            options = ResourceOptions.merge(sdk_options("docker"), opts)
            super().__init__("docker", resource_name, part(host=host, ssh_opts=words), options)

    Container = thin_resource("docker:index/container:Container")
    Image = thin_resource(
        "docker:index/image:Image",
        options=ResourceOptions(aliases=[Alias(type_="docker:image:Image")]),
        defaults={"buildOnPreview": False},
    )
    Network = thin_resource("docker:index/network:Network", "name")
    RemoteImage = thin_resource("docker:index/remoteImage:RemoteImage", "imageId")
    Volume = thin_resource("docker:index/volume:Volume", "name")
    ContainerCapabilitiesArgs = part
    ContainerHealthcheckArgs = part
    ContainerLabelArgs = part
    ContainerNetworksAdvancedArgs = part
    ContainerPortArgs = part
    ContainerUploadArgs = part
    ContainerVolumeArgs = part
    DockerBuildArgs = part

__all__ = [
    "Container",
    "ContainerCapabilitiesArgs",
    "ContainerHealthcheckArgs",
    "ContainerLabelArgs",
    "ContainerNetworksAdvancedArgs",
    "ContainerPortArgs",
    "ContainerUploadArgs",
    "ContainerVolumeArgs",
    "DockerBuildArgs",
    "Image",
    "Network",
    "Provider",
    "RemoteImage",
    "Volume",
]
