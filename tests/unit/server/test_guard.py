"""The security checklist, a line a test: who is let in, and what nobody can do."""

from __future__ import annotations

import json
import socket
import stat
from pathlib import Path
from typing import Any

import pytest
from fastapi.routing import APIRoute, APIWebSocketRoute
from starlette.routing import Route, WebSocketRoute

from asgi import HOST, ORIGIN, PORT, App
from streamlab.server.access import Access, parse_host
from streamlab.server.app import make_inner_app
from streamlab.server.guard import CSP
from streamlab.server.run import bind, is_loopback

GRAPH = {"nodes": [{"id": "a", "type": "SineGenerator"}]}


@pytest.fixture
def app(tmp_path: Path) -> App:
    (tmp_path / "hum.json").write_text(json.dumps(GRAPH))
    return App(tmp_path)


# ---------------------------------------------------------------------------------------- where it listens


@pytest.mark.contract("X1")
def test_it_listens_on_loopback_alone_unless_it_is_told_otherwise() -> None:
    listener = bind("127.0.0.1", 0)
    try:
        addresses = {each.getsockname()[0] for each in listener.sockets}
        assert addresses <= {"127.0.0.1", "::1"}
        assert {each.getsockname()[1] for each in listener.sockets} == {listener.port}
        assert {each.proto for each in listener.sockets} == {socket.IPPROTO_TCP}
        assert listener.names == []
    finally:
        listener.close()
    assert all(is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "127.0.0.5"))
    assert not any(is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.2", "lab-pc"))


@pytest.mark.contract("X1")
def test_a_start_always_has_a_token() -> None:
    """There is no way to leave it out, on whatever host."""
    assert len({Access.on(PORT, ["lab-pc"]).token for _ in range(4)}) == 4


# ----------------------------------------------------------------------------------------------- the token


@pytest.mark.contract("X2")
def test_tokens_have_256_bits_and_are_shown_by_nothing(app: App) -> None:
    access = app.access
    secrets = [access.token, access.view_token, access.launch_code()]
    assert len(set(secrets)) == 3
    assert all(len(secret) == 43 for secret in secrets)  # 32 bytes in base 64
    assert not any(secret in repr(access) for secret in secrets)
    for path in ("/", "/api/hello", "/api/openapi.json"):
        answer = app.call("GET", path, app.cookie)
        told = answer.body.decode() + str(answer.headers)
        assert not any(secret in told for secret in secrets)


@pytest.mark.contract("X2")
def test_the_link_gives_a_cookie_and_an_address_without_the_token(app: App) -> None:
    answer = app.call("GET", f"/?token={app.access.token}&theme=dark")
    assert (answer.status, answer.headers["location"]) == (303, "/?theme=dark")
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith(f"streamlab_{PORT}=")
    assert {part.strip() for part in cookie.split(";")[1:]} == {"Path=/", "HttpOnly", "SameSite=Strict"}
    assert app.access.token not in cookie
    assert answer.headers["cache-control"] == "no-store"
    assert app.call("GET", "/api/hello", {"cookie": cookie.partition(";")[0]}).json["role"] == "edit"


@pytest.mark.contract("X2")
def test_a_wrong_link_is_no_link(app: App) -> None:
    for token in ("", "x", app.access.token[:-1], app.access.token + "x", "é"):
        answer = app.call("GET", f"/?token={token}")
        assert answer.status == 401
        assert "set-cookie" not in answer.headers
    assert app.call("HEAD", f"/?token={app.access.token}").status == 401  # a look ahead is no visit


@pytest.mark.contract("X2")
def test_the_code_that_opens_the_browser_works_once(app: App) -> None:
    code = app.access.launch_code()
    assert app.call("GET", f"/?token={code}").status == 303
    assert app.call("GET", f"/?token={code}").status == 401


@pytest.mark.contract("X2")
def test_a_view_link_lets_look_and_does_not_take_the_editors_rights(app: App) -> None:
    link = app.call("GET", "/api/view-link", app.cookie).json["url"]
    path = link.removeprefix(ORIGIN)
    assert link.startswith(ORIGIN)
    viewer = {"cookie": app.call("GET", path).headers["set-cookie"].partition(";")[0], "origin": ORIGIN}
    assert app.call("GET", "/api/hello", viewer).json["role"] == "view"
    assert app.connect("/api/control", viewer).status == 101
    for method, where in (("POST", "/api/pipelines"), ("PUT", "/api/graphs/hum.json"), ("DELETE", "/api/x")):
        answer = app.call(method, where, viewer, {})
        assert (answer.status, answer.code) == (403, "view-only")
    assert app.call("GET", "/api/view-link", viewer).status == 403
    answer = app.call("GET", path, {"cookie": app.cookie["cookie"]})
    assert answer.status == 303
    assert "set-cookie" not in answer.headers


@pytest.mark.contract("X2")
def test_a_token_file_is_for_its_owner_alone(tmp_path: Path) -> None:
    from streamlab.cli.serve import _token_file

    path = tmp_path / "token"
    path.write_text("an older one that all can read")
    path.chmod(0o666)
    app = App(tmp_path)
    listener: Any = type("Listener", (), {"address": HOST})
    with _token_file(path, app.service, listener):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert json.loads(path.read_text())["token"] == app.access.token
    assert not path.exists()


# --------------------------------------------------------------------------------------------- every route


def every_route(app: App) -> list[tuple[str, str, str]]:
    """Return (scope, method, path) of all routes, places filled in."""
    found = []
    waiting = list(make_inner_app(app.service).routes)
    for route in waiting:
        if hasattr(route, "original_router"):
            waiting += route.original_router.routes
        elif isinstance(route, APIWebSocketRoute | WebSocketRoute):
            found.append(("websocket", "GET", route.path))
        elif isinstance(route, APIRoute | Route):
            found += [("http", method, route.path) for method in route.methods or ()]
        else:
            raise AssertionError(f"a kind of route that is not looked at: {route!r}")
    filled = {"{path:path}": "hum.json", "{name}": "p1", "{node:path}": "a", "{asset}": "x.js"}
    listed = []
    for kind, method, path in found:
        for place, value in filled.items():
            path = path.replace(place, value)
        assert "{" not in path, path
        listed.append((kind, method, path))
    return listed


@pytest.mark.contract("X3")
def test_no_route_answers_without_a_token(app: App) -> None:
    routes = every_route(app)
    assert len(routes) > 30
    assert {kind for kind, _, _ in routes} == {"http", "websocket"}
    bad = [
        {},
        {"authorization": "Bearer wrong"},
        {"authorization": f"Basic {app.access.token}"},
        {"authorization": "Bearer wrong", "cookie": app.cookie["cookie"]},  # a wrong one is not made good
        {"cookie": f"streamlab_{PORT}=wrong"},
        {"cookie": f"streamlab_{PORT + 1}={app.cookie['cookie'].partition('=')[2]}"},
        {"cookie": f"streamlab_{PORT}={app.access.token}"},  # the link's token is no session
    ]
    for headers in bad:
        for kind, method, path in [*routes, ("http", "GET", "/nothing/here"), ("websocket", "GET", "/api/x")]:
            sent = {"origin": ORIGIN, **headers}
            answer = app.connect(path, sent) if kind == "websocket" else app.call(method, path, sent, {})
            assert answer.status in (401, 403), (kind, method, path, headers)


@pytest.mark.contract("X3")
def test_with_a_token_they_do(app: App) -> None:
    """Else the walk above would show nothing."""
    for headers in (
        app.bearer,
        app.cookie,
        app.cookie | {"cookie": f'a={{"x": 1}}; {app.cookie["cookie"]}; b'},
    ):
        assert app.call("GET", "/api/hello", headers).status == 200
        assert app.connect("/api/control", headers).status == 101
    assert app.call("GET", "/", app.cookie).status in (200, 503)
    assert app.connect("/api/data?session=none", app.cookie).status == 403


# --------------------------------------------------------------------------------------- hosts and origins

STRANGE_HOSTS = [
    None,
    "",
    "localhost",
    "127.0.0.1",
    f"127.0.0.1:{PORT + 1}",
    f"localhost.attacker.com:{PORT}",
    f"attacker.com:{PORT}",
    f"127.0.0.1.attacker.com:{PORT}",
    f"[::1]evil:{PORT}",
    f"[::1]:{PORT}:80",
    f"attacker.com@127.0.0.1:{PORT}",
    f"127.0.0.1:{PORT}@attacker.com",
    f"127.0.0.1:{PORT} attacker.com",
    f"127.1:{PORT}",
    f"2130706433:{PORT}",
    f"0.0.0.0:{PORT}",
    f"localhost.:{PORT}",
    f"127.0.0.1:0{PORT}x",
]


@pytest.mark.contract("X4")
@pytest.mark.parametrize("host", STRANGE_HOSTS)
def test_a_host_that_is_not_ours_gets_nothing(app: App, host: str | None) -> None:
    """Also who only reads: a rebound name sends no origin."""
    for headers in (app.bearer, {"cookie": app.cookie["cookie"]}):
        answer = app.call("GET", "/api/hello", headers, host=host)
        assert (answer.status, answer.code) == (403, "host")
        assert app.connect("/api/control", headers, host=host).status == 403
    assert app.call("GET", f"/?token={app.access.token}", host=host).status == 403


@pytest.mark.contract("X4")
def test_our_hosts_are_exact_and_may_be_named(tmp_path: Path) -> None:
    app = App(tmp_path, names=["lab-pc", "page.example:80"])
    for host in (f"127.0.0.1:{PORT}", f"localhost:{PORT}", f"[::1]:{PORT}", f"LAB-PC:{PORT}", "page.example"):
        assert app.call("GET", "/api/hello", app.bearer, host=host).status == 200
    twice = [("host", HOST), *app.bearer.items()]
    assert app.call("GET", "/api/hello", twice).status == 403
    with pytest.raises(ValueError, match="is no host name"):
        Access.on(PORT, ["lab pc"])
    assert parse_host("a:99999") is None


@pytest.mark.contract("X5")
@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "http://attacker.com",
        "https://127.0.0.1:8710",
        "http://127.0.0.1",
        "http://127.0.0.1:8711",
        "http://localhost:8710",
        "http://127.0.0.1:8710.attacker.com",
        "http://127.0.0.1:8710/",
        "",
    ],
)
def test_another_origin_gets_nothing_token_or_not(app: App, origin: str) -> None:
    for headers in (app.bearer, {"cookie": app.cookie["cookie"]}):
        sent = headers | {"origin": origin}
        answer = app.call("GET", "/api/hello", sent)
        assert (answer.status, answer.code) == (403, "origin")
        assert app.call("POST", "/api/pipelines", sent, {"path": "hum.json"}).status == 403
        assert app.connect("/api/control", sent).status == 403


@pytest.mark.contract("X5")
def test_a_socket_needs_an_origin_unless_a_program_opens_it(app: App) -> None:
    assert app.connect("/api/control", {"cookie": app.cookie["cookie"]}).status == 403
    assert app.connect("/api/control", app.bearer).status == 101


@pytest.mark.contract("X5")
def test_what_another_site_makes_the_browser_do_is_refused(app: App) -> None:
    sent = {"cookie": app.cookie["cookie"], "sec-fetch-site": "cross-site"}
    for path in ("/", "/api/hello", f"/?token={app.access.token}"):
        answer = app.call("GET", path, sent)
        assert answer.status == 403
        assert "set-cookie" not in answer.headers
    for site in ("same-origin", "none"):
        assert app.call("GET", "/api/hello", sent | {"sec-fetch-site": site}).status == 200


@pytest.mark.contract("X5")
def test_no_answer_invites_other_origins(app: App) -> None:
    for method, path in (("GET", "/api/hello"), ("OPTIONS", "/api/hello"), ("GET", "/nothing")):
        headers = app.call(method, path, app.cookie).headers
        assert not [name for name in headers if name.startswith("access-control-")]


# ---------------------------------------------------------------------------------- what is sent, how much


@pytest.mark.contract("X6")
@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
@pytest.mark.parametrize(("method", "path"), [("POST", "/api/pipelines"), ("PUT", "/api/graphs/hum.json")])
def test_a_form_of_another_site_changes_nothing(app: App, kind: str | None, method: str, path: str) -> None:
    headers = app.cookie | ({"content-type": kind} if kind else {})
    answer = app.call(method, path, headers, json.dumps({"path": "hum.json"}).encode())
    assert (answer.status, answer.code) == (415, "content-type")


@pytest.mark.contract("X6")
def test_reading_changes_nothing(app: App) -> None:
    for path in ("/api/pipelines/p1/start", "/api/graphs/hum.json/move", "/api/validate"):
        assert app.call("GET", path, app.cookie).status in (404, 405, 422)


@pytest.mark.contract("X6")
def test_a_body_that_is_too_large_is_not_read_to_its_end(app: App) -> None:
    large = b'{"document": {"name": "' + b"x" * (17 * 2**20) + b'"}, "base": null}'
    kind = {"content-type": "application/json"}
    answer = app.call("PUT", "/api/graphs/new.json", app.cookie | kind, large)
    assert (answer.status, answer.code) == (413, "too-large")
    lies = app.cookie | kind | {"content-length": "10"}
    assert app.call("PUT", "/api/graphs/new.json", lies, large).status == 413
    unsaid = app.cookie | kind | {"content-length": "1e3"}
    assert app.call("PUT", "/api/graphs/new.json", unsaid, large).status == 413
    assert not (app.service.project.folder / "new.json").exists()


@pytest.mark.contract("X6")
@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b'{"a": 1}', b'{"document": 1}', b"\xff\xfe", b"[" * 9999]
)
def test_a_body_that_is_none_is_an_error_in_words(app: App, body: bytes) -> None:
    for path in ("/api/validate", "/api/pipelines", "/api/connect"):
        answer = app.call("POST", path, app.cookie | {"content-type": "application/json"}, body)
        assert answer.status == 400, (path, body[:20], answer.body)
        assert answer.code == "bad-request"


# ------------------------------------------------------------------------------------------------- headers


@pytest.mark.contract("X7")
def test_every_answer_has_the_policy(app: App) -> None:
    assert "unsafe" not in CSP
    assert "*" not in CSP
    answers = [
        app.call("GET", "/", app.cookie),
        app.call("GET", "/assets/none.js", app.cookie),
        app.call("GET", "/api/hello", app.cookie),
        app.call("GET", "/api/none", app.cookie),
        app.call("GET", "/"),
        app.call("GET", "/", host="attacker.com"),
        app.call("GET", f"/?token={app.access.token}"),
        app.call("GET", "/api/graphs/hum.json/download", app.cookie),
        app.connect("/api/control"),
    ]
    assert [answer.status for answer in answers[4:7]] == [401, 403, 303]
    for answer in answers:
        assert answer.headers["content-security-policy"] == CSP
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["cross-origin-opener-policy"] == "same-origin"
        assert "server" not in answer.headers


@pytest.mark.contract("X10")
def test_what_a_user_has_named_is_text_in_every_answer(app: App) -> None:
    name = "<script>alert(1)</script>"
    answer = app.call("GET", "/", host=name)
    assert answer.headers["content-type"].startswith("text/html")
    assert b"<script" not in answer.body
    graph = app.service.project.folder / "evil.json"
    graph.write_text(json.dumps({"name": name, "nodes": []}))
    listed = app.call("GET", "/api/graphs", app.cookie)
    assert listed.headers["content-type"] == "application/json"
    download = app.call("GET", "/api/graphs/evil.json/download", app.cookie)
    assert download.headers["content-disposition"].startswith("attachment")


@pytest.mark.contract("X10")
def test_what_a_run_has_written_is_saved_and_not_shown(app: App) -> None:
    outputs = app.service.project.outputs
    outputs.mkdir()
    (outputs / 'a "page".html').write_text("<script>alert(1)</script>")
    answer = app.call("GET", '/api/files/a "page".html?role=output', app.cookie)
    # The name cannot be one of a Windows file, so it is refused; another is sent as a file.
    assert answer.status == 422
    (outputs / "page.html").write_text("<script>alert(1)</script>")
    answer = app.call("GET", "/api/files/page.html?role=output", app.cookie)
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="page.html"')


@pytest.mark.contract("X9")
def test_a_graph_names_types_and_never_code(app: App) -> None:
    for kind in (
        "os.system",
        "builtins:eval",
        "streamlab.nodes.sinks.print:Print",
        "__import__('os')",
        "a;b",
    ):
        document = {"nodes": [{"id": "a", "type": kind, "config": {}}]}
        answer = app.call("POST", "/api/validate", app.cookie, {"document": document})
        assert [item["message"] for item in answer.json["problems"]] == [f"unknown node type {kind!r}"]
