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


def serve(folder: Path, *arguments: str, read: str = "") -> None:
    """Run the script."""
    environment = {**os.environ, "FOLDER": str(folder), "ROOT": str(folder), "WAIT": "0"}
    subprocess.run(["sh", SCRIPT, *arguments], check=True, input=read, text=True, env=environment)


def served(folder: Path, **serving: str) -> str:
    """What nginx gets when each of these files names containers that serve."""
    (folder / "default.conf.generated").write_text(GENERATED)
    (folder / "serving").mkdir(exist_ok=True)
    for name, text in serving.items():
        (folder / "serving" / name).write_text(text)
    serve(folder)
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


NAME = "example.com"
A_OLD, A_NEW, B = "stack-a-1", "stack-a-2", "stack-b-1"


def generated(folder: Path, **upstreams: list[str]) -> None:
    """Upstreams with their containers, by host name with _ for a dot; an address is the container's name."""
    text = ""
    for name, containers in upstreams.items():
        text += f"upstream {name.replace('_', '.')} {{\n"
        for container in containers:
            text += f"    # Container: {container}\n    server {container}:80;\n"
        text += "}\n"
    (folder / "default.conf.generated").write_text(text)


def serves(folder: Path) -> dict[str, list[str]]:
    """The containers that get requests, by upstream."""
    found: dict[str, list[str]] = {}
    upstream = ""
    for line in (folder / "default.conf").read_text().splitlines():
        words = line.split()
        if words[0] == "upstream":
            upstream = words[1]
            found[upstream] = []
        elif words[0] == "server" and words[-1] != "down;":
            found[upstream].append(words[1].split(":")[0])
    return found


def files(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text() for file in (folder / "serving").iterdir()}


@pytest.mark.parametrize(
    "before", [f"{A_OLD}\n", f"{A_OLD} {NAME}\n"], ids=["a release before", "this release"]
)
def test_who_takes_a_name_from_another_app_serves_it_alone(tmp_path: Path, before: str) -> None:
    generated(tmp_path, example_com=[A_OLD, B])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "a").write_text(before)
    serve(tmp_path, "take", "b", A_OLD, B, read=f"{B}\n")
    assert serves(tmp_path) == {NAME: [B]}


def test_an_app_that_lost_one_name_serves_its_others_on(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[A_OLD, B], other_com=[A_OLD, A_NEW])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "a").write_text(f"{A_OLD}\n")
    serve(tmp_path, "take", "b", A_OLD, A_NEW, B, read=f"{B}\n")
    assert serves(tmp_path) == {NAME: [B], "other.com": [A_OLD]}


def test_who_leaves_a_name_first_serves_it_until_it_is_taken(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[A_OLD, B], other_com=[A_NEW])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "a").write_text(f"{A_OLD}\n")
    everyone = (A_OLD, A_NEW, B)
    serve(tmp_path, "take", "a", *everyone, read=f"{A_NEW}\n")
    assert serves(tmp_path) == {NAME: [A_OLD], "other.com": [A_NEW]}
    serve(tmp_path, "take", "b", *everyone, read=f"{B}\n")
    assert serves(tmp_path) == {NAME: [B], "other.com": [A_NEW]}


def test_two_apps_swap_their_names(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[A_OLD, "b-2"], other_com=[A_NEW, B])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "a").write_text(f"{A_OLD} {NAME}\n")
    (tmp_path / "serving" / "b").write_text(f"{B} other.com\n")
    everyone = (A_OLD, A_NEW, B, "b-2")
    serve(tmp_path, "take", "a", *everyone, read=f"{A_NEW}\n")
    assert serves(tmp_path) == {NAME: [A_OLD], "other.com": [A_NEW]}
    serve(tmp_path, "take", "b", *everyone, read="b-2\n")
    assert serves(tmp_path) == {NAME: ["b-2"], "other.com": [A_NEW]}


def test_a_takeover_clears_away_what_names_containers_that_are_gone(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[B])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "gone").write_text("stack-gone-1\n")
    serve(tmp_path, "take", "b", B, read=f"{B}\n")
    assert files(tmp_path) == {"b": f"{B} {NAME}\n"}


def test_a_container_that_restarts_meanwhile_keeps_its_requests(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[B])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "a").write_text(f"{A_OLD}\n")
    serve(tmp_path, "take", "b", A_OLD, B, read=f"{B}\n")
    generated(tmp_path, example_com=[B], other_com=[A_OLD, A_NEW])
    serve(tmp_path)
    assert serves(tmp_path)["other.com"] == [A_OLD]


def test_a_name_that_is_held_gives_a_container_that_comes_no_request(tmp_path: Path) -> None:
    path = f"{NAME}-{'0' * 40}"
    generated(tmp_path, **{NAME: [A_OLD], path: ["streaming"], "example.com-shop.org": ["shop"]})
    serve(tmp_path, "hold", "a", NAME)
    generated(
        tmp_path, **{NAME: [A_OLD, B], path: ["streaming", "other"], "example.com-shop.org": ["shop", "new"]}
    )
    serve(tmp_path)
    assert serves(tmp_path) == {
        NAME: [A_OLD],
        path: ["streaming"],
        "example.com-shop.org": ["shop", "new"],
    }


def test_a_name_that_is_held_waits_for_the_takeover_even_if_who_had_it_is_gone(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[A_OLD], other_com=["other"])
    serve(tmp_path, "hold", "a", NAME)
    generated(tmp_path, example_com=[B], other_com=["other"])
    serve(tmp_path, "take", "other", "other", B, read="other\n")
    assert serves(tmp_path) == {NAME: [], "other.com": ["other"]}
    serve(tmp_path, "take", "b", "other", B, read=f"{B}\n")
    assert serves(tmp_path) == {NAME: [B], "other.com": ["other"]}
    assert set(files(tmp_path)) == {"other", "b"}


def test_what_serves_a_held_name_serves_it_on_alone(tmp_path: Path) -> None:
    generated(tmp_path, example_com=[A_OLD, A_NEW])
    (tmp_path / "serving").mkdir()
    (tmp_path / "serving" / "a").write_text(f"{A_OLD}\n")
    for _ in range(2):
        serve(tmp_path, "hold", "a", NAME)
    assert files(tmp_path) == {"a": f"{A_OLD}\n{A_OLD} {NAME} held\n"}
    assert serves(tmp_path) == {NAME: [A_OLD]}


def test_an_app_that_is_gone_leaves_no_file(tmp_path: Path) -> None:
    served(tmp_path, a=f"{A_OLD}\n", b=f"{B}\n")
    serve(tmp_path, "drop", "a")
    assert list(files(tmp_path)) == ["b"]


def included(folder: Path, *names: str) -> None:
    """A configuration that includes these files of host names."""
    lines = "".join(f"include /etc/nginx/vhost.d/{name};\n" for name in names)
    (folder / "default.conf.generated").write_text(lines)


def test_a_configuration_that_includes_what_is_there_is_waited_for(tmp_path: Path) -> None:
    vhosts = tmp_path / "etc" / "nginx" / "vhost.d"
    vhosts.mkdir(parents=True)
    (vhosts / NAME).touch()
    included(tmp_path, NAME)
    serve(tmp_path, "await", NAME)
    included(tmp_path, NAME, f"{NAME}_location_override")
    with pytest.raises(subprocess.CalledProcessError):
        serve(tmp_path, "await")
    (vhosts / f"{NAME}_location").touch()
    included(tmp_path, NAME)
    with pytest.raises(subprocess.CalledProcessError):
        serve(tmp_path, "await", NAME)
