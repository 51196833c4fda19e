"""Per-app settings of nginx, as files for nginx-proxy."""

from __future__ import annotations

from components.edge.virtual_host import virtual_host_files
from components.workload import Route


def test_a_route_says_how_much_may_be_uploaded_to_its_host() -> None:
    files = virtual_host_files([Route("chat.example.com", 8065, upload_limit=100)])
    assert files == {"chat.example.com": "client_max_body_size 100m;\n"}


def test_directives_of_the_root_are_in_the_location_file_of_the_host() -> None:
    route = Route("chat.example.com", 8065, location=("proxy_read_timeout 600s", "proxy_buffering off"))
    assert virtual_host_files([route]) == {
        "chat.example.com": "client_max_body_size 1m;\n",
        "chat.example.com_location": "proxy_read_timeout 600s;\nproxy_buffering off;\n",
    }


def test_directives_of_a_path_of_its_own_are_in_a_file_named_after_the_paths_hash() -> None:
    route = Route("chat.example.com", 4000, path="/api/v1/streaming", location=("proxy_buffering off",))
    # printf /api/v1/streaming | sha1sum
    hashed = "a855956849112e12077eea46ca3caeb17c8ad2d6"
    assert virtual_host_files([route])[f"chat.example.com_{hashed}_location"] == "proxy_buffering off;\n"


def test_a_host_with_several_paths_takes_the_largest_upload_of_them() -> None:
    routes = [
        Route("chat.example.com", 3000, upload_limit=10),
        Route("chat.example.com", 4000, path="/stream", upload_limit=50),
        Route("files.example.com", 3000, upload_limit=99),
    ]
    assert virtual_host_files(routes) == {
        "chat.example.com": "client_max_body_size 50m;\n",
        "files.example.com": "client_max_body_size 99m;\n",
    }


def test_no_routes_make_no_files() -> None:
    assert virtual_host_files([]) == {}


def test_a_redirect_stands_in_place_of_the_location_and_may_carry_headers() -> None:
    headers = ("add_header Access-Control-Allow-Origin *",)
    route = Route("example.com", 3000, location=headers, redirect="https://www.example.com")
    assert virtual_host_files([route])["example.com_location_override"] == (
        "location / {\n"
        "    add_header Access-Control-Allow-Origin *;\n"
        "    return 301 https://www.example.com$request_uri;\n"
        "}\n"
    )


def test_a_closed_host_name_asks_for_a_password_even_where_no_file_of_passwords_was_seen() -> None:
    files = virtual_host_files([Route("m.example.com", 9100, "/node")], closed=True)
    assert files == {
        "m.example.com": "client_max_body_size 1m;\n"
        'auth_basic "m.example.com";\n'
        "auth_basic_user_file /etc/nginx/htpasswd/m.example.com;\n"
    }
