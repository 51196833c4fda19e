"""The Redis service of an app."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from components.apps.redis import RedisSettings, redis
from components.default_images import default_tag
from components.workload import GeneratedPassword, Memory, Mount, PublishedImage, Volume, text


@pytest.mark.parametrize(
    ("settings", "image"),
    [
        (RedisSettings(), f"redis:{default_tag('redis')}"),
        (RedisSettings(version="7.4.11"), "redis:7.4.11"),
        (RedisSettings(engine="valkey"), f"valkey/valkey:{default_tag('valkey/valkey')}"),
        (RedisSettings(engine="valkey", version="8.1.10"), "valkey/valkey:8.1.10"),
    ],
)
def test_the_image_is_the_engines_official_one(settings: RedisSettings, image: str) -> None:
    assert redis(settings).image == PublishedImage(image)


@pytest.mark.parametrize("engine", ["redis", "valkey"])
def test_the_engines_have_a_volume_each(engine: str) -> None:
    settings = RedisSettings.model_validate({"engine": engine})
    assert redis(settings).mounts == (Mount(Volume(engine, owner="999:999"), "/data"),)


def test_the_server_demands_the_password_that_the_health_check_and_the_app_are_given() -> None:
    password = text(GeneratedPassword("redis-password"))
    assert redis(RedisSettings()).environment == {"REDIS_PASSWORD": password, "REDISCLI_AUTH": password}
    assert redis(RedisSettings()).command[-1].endswith('--requirepass "$REDIS_PASSWORD"')


def test_the_server_starts_by_its_entry_point_which_drops_root() -> None:
    shell, option, script = redis(RedisSettings(engine="valkey")).command
    assert (shell, option) == ("sh", "-c")
    assert script.startswith("exec docker-entrypoint.sh valkey-server ")


def test_queued_work_survives_a_crash() -> None:
    assert "--appendonly yes" in redis(RedisSettings()).command[-1]


def test_queued_work_is_never_thrown_away_when_memory_runs_out() -> None:
    script = redis(RedisSettings(memory=96)).command[-1]
    assert "--maxmemory 96mb --maxmemory-policy noeviction" in script


def test_there_are_never_two_servers_on_one_volume() -> None:
    assert redis(RedisSettings()).stateful


def test_memory_and_swap_are_those_of_the_settings() -> None:
    assert redis(RedisSettings(memory=128, swap=32)).memory == Memory(128, 32)


def test_a_version_that_mastodon_refuses_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"7\.0 or newer"):
        RedisSettings(version="6.2.14")
