"""The door as a browser sees it, and whether the other tests of this folder would see what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from page_server import RunningServer


@pytest.mark.contract("X2")
def test_the_link_becomes_a_cookie_that_no_script_sees(
    open_page: Callable[..., Any], server: RunningServer
) -> None:
    visit = open_page("#/somewhere")
    page = visit.page
    visit.expect("503")  # where the page itself was not built
    assert page.url == f"{server.base}/#/somewhere"  # no token in the address, nor in the history
    assert page.evaluate("document.cookie") == ""
    cookies = page.context.cookies()
    assert [(each["name"], each["httpOnly"], each["sameSite"]) for each in cookies] == [
        (f"streamlab_{server.port}", True, "Strict")
    ]
    assert page.evaluate("fetch('/api/hello').then(answer => answer.json())")["role"] == "edit"
    assert server.token not in page.content()


@pytest.mark.contract("X5")
def test_a_page_of_another_site_gets_nothing(open_page: Callable[..., Any], server: RunningServer) -> None:
    """What carries the cookie but comes from elsewhere: another name of this machine is another site."""
    visit = open_page()
    page = visit.page
    visit.expect("")  # all of it is refused, loudly
    page.goto(f"http://localhost:{server.port}/")  # another origin, without the cookie
    assert page.locator("h1").inner_text() == "StreamLab"
    for mode in ("cors", "no-cors"):
        done = page.evaluate(
            """([url, mode]) => fetch(url, {mode, credentials: 'include'})
                .then(answer => answer.text(), () => 'refused')""",
            [f"{server.base}/api/hello", mode],
        )
        assert done in ("refused", "")
    opened = page.evaluate(
        """url => new Promise(done => {
            const socket = new WebSocket(url);
            socket.onopen = () => done('open');
            socket.onerror = () => done('refused');
        })""",
        f"ws://127.0.0.1:{server.port}/api/control",
    )
    assert opened == "refused"


@pytest.mark.contract("X7")
def test_the_policy_stops_what_was_slipped_in(open_page: Callable[..., Any]) -> None:
    visit = open_page()
    page = visit.page
    visit.expect("503|Content Security Policy|violates|example.invalid")
    page.evaluate(
        """() => {
            window.reports = [];
            document.addEventListener(
                'securitypolicyviolation', event => window.reports.push(event.effectiveDirective));
            const script = document.createElement('script');
            script.textContent = 'window.slipped = true';
            document.body.append(script);
            const image = new Image();
            image.src = 'http://example.invalid/x.png';
            document.body.append(image);
            document.body.insertAdjacentHTML(
                'beforeend', '<button onclick="window.slipped = true">x</button>');
        }"""
    )
    page.locator("button", has_text="x").last.click()
    page.wait_for_function("window.reports.length >= 3")
    assert page.evaluate("window.slipped") is None
    assert set(page.evaluate("window.reports")) >= {"script-src-elem", "script-src-attr", "img-src"}


def test_the_harness_sees_errors_of_scripts_and_foreign_requests(open_page: Callable[..., Any]) -> None:
    visit = open_page()
    page = visit.page
    visit.expect("503")
    page.evaluate("setTimeout(() => { throw new Error('on purpose') })")
    page.wait_for_timeout(100)
    with pytest.raises(AssertionError, match="on purpose"):
        visit.check()
    visit.expect("on purpose")
    visit.check()
    visit._request(type("Request", (), {"url": "https://cdn.example.com/x.js"}))
    with pytest.raises(AssertionError, match="elsewhere"):
        visit.check()
    visit.expect("elsewhere")
