"""Who may come in: tokens of one start of the server, cookies for browsers, hosts it answers for."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, get_args

__all__ = ["ROLES", "Access", "Role", "parse_host"]

Role = Literal["edit", "view"]

ROLES: tuple[Role, ...] = get_args(Role)

_TOKEN_BYTES = 32
_HOST = re.compile(
    r"(?P<name>\[[0-9a-f:.]{2,45}\]|[a-z0-9](?:[a-z0-9.-]{0,252}[a-z0-9])?)(?::(?P<port>[0-9]{1,5}))?"
)


def parse_host(text: str, default_port: int = 80) -> tuple[str, int] | None:
    """Return name and port of a Host header, or None for what is none. Names are in lower case."""
    match = _HOST.fullmatch(text.strip().lower())
    if match is None:
        return None
    port = int(match["port"]) if match["port"] else default_port
    return (match["name"], port) if 0 < port < 65536 else None


def _secret() -> str:
    return secrets.token_urlsafe(_TOKEN_BYTES)


@dataclass
class Access:
    """The secrets of one start, and the hosts that the server answers for.

    ``token`` lets in who may edit, ``view_token`` who may look; ``port`` is the one it listens on, ``hosts``
    are (name, port) pairs. Cookies hold other secrets than the links (``keys``, by role), so that a link in a
    history is no key to a session.
    """

    port: int
    hosts: frozenset[tuple[str, int]]
    token: str = field(default_factory=_secret, repr=False)
    view_token: str = field(default_factory=_secret, repr=False)
    keys: dict[str, str] = field(default_factory=lambda: {"edit": _secret(), "view": _secret()}, repr=False)
    _launch: str = field(default_factory=_secret, repr=False)

    @classmethod
    def on(cls, port: int, names: Iterable[str] = (), keys: dict[str, str] | None = None) -> "Access":
        """Return access for a port under the loopback names and these further ones (``name[:port]``).

        ``keys`` are those of sessions that were there before. Raises ValueError for what is no host.
        """
        hosts = {("localhost", port), ("127.0.0.1", port), ("[::1]", port)}
        for name in names:
            host = parse_host(name, port)
            if host is None:
                raise ValueError(f"{name!r} is no host name: expected such as lab-pc or lab-pc:8710")
            hosts.add(host)
        access = cls(port, frozenset(hosts))
        access.keys = dict(keys or access.keys)
        return access

    @property
    def cookie(self) -> str:
        """The name of the cookie: cookies do not know ports, so its name does."""
        return f"streamlab_{self.port}"

    def allows_host(self, header: str) -> bool:
        """Whether a Host header is one of ours, exactly."""
        return parse_host(header) in self.hosts

    def launch_code(self) -> str:
        """Return a code that works once in place of the token.

        For the command line of a browser, which other users of the machine can read.
        """
        self._launch = _secret()
        return self._launch

    def link(self, host: str, role: Role = "edit") -> str:
        """Return the address that lets a browser in, on one of our hosts."""
        return f"http://{host}/?token={self.token if role == 'edit' else self.view_token}"

    def role_of_link(self, token: str) -> Role | None:
        """Return the role that the token of a link gives; a launch code is used up by it."""
        if _same(token, self.token):
            return "edit"
        if _same(token, self._launch):
            self._launch = _secret()
            return "edit"
        return "view" if _same(token, self.view_token) else None

    def role_of_bearer(self, header: str) -> Role | None:
        """Return the role of an Authorization header."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            return None
        if _same(token.strip(), self.token):
            return "edit"
        return "view" if _same(token.strip(), self.view_token) else None

    def role_of_cookie(self, header: str) -> Role | None:
        """Return the role of a Cookie header."""
        # Cookies of other programs on this host come along, in whatever form: each is looked at on its own.
        for part in header.split(";"):
            name, _, value = part.strip().partition("=")
            if name == self.cookie:
                for role in ROLES:
                    if _same(value, self.keys[role]):
                        return role
        return None

    def set_cookie(self, role: Role) -> str:
        """Return the Set-Cookie header of a session; it ends with the browser, or with this server."""
        return f"{self.cookie}={self.keys[role]}; Path=/; HttpOnly; SameSite=Strict"


def _same(given: str, secret: str) -> bool:
    """Compare in a time that says nothing about the secret, its length included."""
    hashed = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in (given, secret)]
    return hmac.compare_digest(*hashed)
