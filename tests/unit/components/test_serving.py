"""nginx's configuration from what docker-gen generated and which containers serve."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[3] / "components" / "edge" / "serving.sh"
OLD, NEW = "chat-mattermost-1111111", "chat-mattermost-2222222"
GENERATED = f"""\
# nginx-proxy version : 1.11.6
upstream chat.example.com {{
    # Container: {NEW}
    #     networks:
    #         front (reachable)
    #     using port: 8065
    server 172.18.0.6:8065;
    # Container: {OLD}
    #     networks:
    #         front (reachable)
    #     using port: 8065
    server 172.18.0.5:8065;
    keepalive 4;
}}
upstream social.example.com {{
    # Container: chat-web
    server 172.18.0.9:3000;
}}
server {{
    server_name chat.example.com;
}}
"""


def served(folder: Path, **serving: str) -> str:
    """What nginx gets when each of these files names containers that serve."""
    (folder / "default.conf.generated").write_text(GENERATED)
    (folder / "serving").mkdir(exist_ok=True)
    for name, text in serving.items():
        (folder / "serving" / name).write_text(text)
    subprocess.run(["sh", SCRIPT], check=True, env={**os.environ, "FOLDER": str(folder)})
    return (folder / "default.conf").read_text()


def down(text: str) -> list[str]:
    return [line.split()[1] for line in text.splitlines() if line.endswith(" down;")]


@pytest.mark.parametrize(("serving", "other"), [(OLD, "172.18.0.6:8065"), (NEW, "172.18.0.5:8065")])
def test_of_a_services_containers_only_the_one_that_serves_gets_requests(
    tmp_path: Path, serving: str, other: str
) -> None:
    assert down(served(tmp_path, mattermost=f"{serving}\n")) == [other]


def test_everything_else_is_as_it_was_generated(tmp_path: Path) -> None:
    assert served(tmp_path, mattermost=f"{OLD}\n").replace(" down;", ";") == GENERATED


def test_where_none_is_known_to_serve_all_get_requests(tmp_path: Path) -> None:
    assert served(tmp_path) == GENERATED


def test_names_of_containers_that_are_gone_change_nothing(tmp_path: Path) -> None:
    assert served(tmp_path, mattermost="chat-mattermost-0000000\n", other="gone\n") == GENERATED


def test_the_services_of_several_apps_are_known_side_by_side(tmp_path: Path) -> None:
    assert down(served(tmp_path, mastodon="chat-web\n", mattermost=f"{NEW}\n")) == ["172.18.0.5:8065"]


def test_who_serves_can_change_again_and_again(tmp_path: Path) -> None:
    served(tmp_path, mattermost=f"{OLD}\n")
    assert down(served(tmp_path, mattermost=f"{NEW}\n")) == ["172.18.0.5:8065"]
