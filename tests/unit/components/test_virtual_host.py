"""Per-app settings of nginx, as files for nginx-proxy."""

from __future__ import annotations

from components.confinement import Confinement
from components.edge.virtual_host import virtual_host_files
from components.workload import Access, App, GeneratedPassword, Memory, PublishedImage, Route, Service

ANSWER = "add_header X-Homeport-Answer-chat $homeport_answered always;\n"
"""Tells the update which app answered."""


def app(*routes: Route, access: Access | None = None) -> App:
    """An app with a service for each route."""
    services = tuple(
        Service(
            f"s{number}",
            PublishedImage("image:1.0"),
            Memory(64),
            Confinement(user="1000:1000"),
            routes=(route,),
        )
        for number, route in enumerate(routes)
    )
    return App("chat", "web", "1.0", "https://chat.example.com", services, access=access)


def files(*routes: Route) -> dict[str, str]:
    """What nginx includes for the first route's host name."""
    return virtual_host_files(app(*routes), routes[0].hostname)


def test_a_route_says_how_much_may_be_uploaded_to_its_host() -> None:
    assert files(Route("chat.example.com", 8065, upload_limit=100)) == {
        "chat.example.com": "client_max_body_size 100m;\n" + ANSWER
    }


def test_directives_of_the_root_are_in_the_location_file_of_the_host() -> None:
    route = Route("chat.example.com", 8065, location=("proxy_read_timeout 600s", "proxy_buffering off"))
    assert files(route) == {
        "chat.example.com": "client_max_body_size 1m;\n" + ANSWER,
        "chat.example.com_location": "proxy_read_timeout 600s;\nproxy_buffering off;\n",
    }


def test_directives_of_a_path_of_its_own_are_in_a_file_named_after_the_paths_hash() -> None:
    route = Route("chat.example.com", 4000, path="/api/v1/streaming", location=("proxy_buffering off",))
    # printf /api/v1/streaming | sha1sum
    hashed = "a855956849112e12077eea46ca3caeb17c8ad2d6"
    assert files(route)[f"chat.example.com_{hashed}_location"] == "proxy_buffering off;\n"


def test_a_host_with_several_paths_takes_the_largest_upload_of_them() -> None:
    found = files(
        Route("chat.example.com", 3000, upload_limit=10),
        Route("chat.example.com", 4000, path="/stream", upload_limit=50),
        Route("files.example.com", 3000, upload_limit=99),
    )
    assert found == {"chat.example.com": "client_max_body_size 50m;\n" + ANSWER}


def test_a_redirect_stands_in_place_of_the_location_and_may_carry_headers() -> None:
    headers = ("add_header Access-Control-Allow-Origin *",)
    route = Route("example.com", 3000, location=headers, redirect="https://www.example.com")
    assert files(route)["example.com_location_override"] == (
        "location / {\n"
        "    add_header Access-Control-Allow-Origin *;\n"
        f"    {ANSWER}"
        "    return 301 https://www.example.com$request_uri;\n"
        "}\n"
    )


def test_a_location_with_headers_of_its_own_tells_who_answered_all_the_same() -> None:
    route = Route("chat.example.com", 8065, location=("add_header X-Frame-Options DENY",))
    assert ANSWER in files(route)["chat.example.com_location"]


def test_a_closed_host_name_asks_for_a_password_even_where_no_file_of_passwords_was_seen() -> None:
    closed = app(
        Route("m.example.com", 9100, "/node"), access=Access("metrics", GeneratedPassword("password"))
    )
    assert virtual_host_files(closed, "m.example.com") == {
        "m.example.com": "client_max_body_size 1m;\n" + ANSWER + 'auth_basic "m.example.com";\n'
        "auth_basic_user_file /etc/nginx/htpasswd/chat;\n"
    }
