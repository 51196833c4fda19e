"""What the sandbox's images are made from."""

from __future__ import annotations

import pytest

from sandbox.engine import REPOSITORY
from sandbox.images.catalogue import PUBLISHED

MINIFLUX, VERSIONS = PUBLISHED["miniflux/miniflux"]


@pytest.mark.parametrize("version", VERSIONS)
def test_each_version_of_miniflux_is_built_from_the_release_of_that_number(version: str) -> None:
    (package,) = MINIFLUX.programs.values()
    folder = REPOSITORY / "sandbox" / "images" / MINIFLUX.folder / MINIFLUX.module.format(version=version)
    assert f"\t{package} v{version} " in (folder / "go.mod").read_text()
    assert f"\n{package} v{version} h1:" in (folder / "go.sum").read_text()
