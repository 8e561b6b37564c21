"""A server on loopback that plays any number of registries, and their token services.

The `Host` header says which of them is meant, over TLS as well as without, so that a client
which is led here for every host believes to talk to many. They know any user whose password is
`password(user)` and whose identity token is `identity_token(user)`, and hold no image: whoever
is let in is told 404.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import socket
import ssl
import sys
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import TCPServer, ThreadingMixIn
from typing import Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

TOKEN_SERVICE = "auth."  # before the name of a registry
ANONYMOUS = "anonymous"
TIMEOUT_SECONDS = 20
LONGEST_BODY = 65536


def password(user: str) -> str:
    return f"password-of-{user}"


def identity_token(user: str) -> str:
    return f"identity-of-{user}"


@dataclass(frozen=True)
class Registry:
    """How a registry authenticates.

    `auth` is what it asks for. With a token service, `basic` is what becomes of a user name and
    password sent along with a request, and `bearer` whether an identity token is taken as it is;
    `exchange` says whether the token service takes one.
    """

    auth: Literal["token", "basic", "none"] = "token"
    basic: Literal["accepted", "challenged", "refused"] = "challenged"
    bearer: Literal["accepted", "refused"] = "refused"
    exchange: Literal["yes", "no"] = "no"


@dataclass
class Visit:
    """What a registry saw of one host on the way of a pull.

    `sent` is whose credentials were sent, also to its token service; `let_in` who the registry
    took the client for in the end, and None where it let nobody in.
    """

    place: str
    url: str
    sent: str | None = None
    let_in: str | None = None


@dataclass(frozen=True)
class _Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""


class RegistryServer:
    """The server as a context manager; `registry` says how the one of a host authenticates."""

    def __init__(self, registry: Callable[[str], Registry]) -> None:
        self.registry = registry
        self._visits: list[Visit] = []
        self._tokens: dict[str, str] = {}
        self._tls = _Server(self, _tls_context())
        self._plain = _Server(self, None)

    @property
    def address(self) -> str:
        """Speaks TLS, and plain HTTP to those who begin so."""
        return self._tls.address

    @property
    def plain_address(self) -> str:
        """Speaks no TLS."""
        return self._plain.address

    def visits(self) -> list[Visit]:
        """Those since the last time, in their order."""
        found, self._visits = self._visits, []
        return found

    def answer(self, request: _Handler) -> _Answer:
        scheme = "https" if isinstance(request.connection, ssl.SSLSocket) else "http"
        host = request.headers["Host"]
        if host.startswith(TOKEN_SERVICE):
            return self._token(self._visits[-1], self.registry(_name(host)), request)
        url, place = f"{scheme}://{host}", request.headers["Place"]
        if not self._visits or self._visits[-1].place != place:
            self._visits.append(Visit(place, url))
        return self._registry(self._visits[-1], self.registry(_name(host)), request)

    def _registry(self, visit: Visit, registry: Registry, request: _Handler) -> _Answer:
        kind, value = _authorization(request)
        user = _user_of(kind, value)
        visit.sent = user or visit.sent
        if "/v2/" not in urlsplit(request.path).path:
            return _Answer(404)
        if registry.auth == "none":
            visit.let_in = ANONYMOUS
        elif registry.auth == "basic":
            visit.let_in = user if kind == "basic" else None
        elif kind == "basic":
            if registry.basic == "refused":
                return _Answer(400)
            visit.let_in = user if registry.basic == "accepted" else None
        else:
            visit.let_in = self._tokens.get(value, user if registry.bearer == "accepted" else None)
        if visit.let_in:
            return _Answer(404)
        realm = f"{visit.url.replace('://', f'://{TOKEN_SERVICE}')}/token"
        wanted = f'Bearer realm="{realm}"' if registry.auth == "token" else 'Basic realm="x"'
        return _Answer(401, {"WWW-Authenticate": wanted})

    def _token(self, visit: Visit, registry: Registry, request: _Handler) -> _Answer:
        if request.command == "POST":
            length = min(int(request.headers["Content-Length"]), LONGEST_BODY)
            form = parse_qs(request.rfile.read(length).decode())
            user = _user_of_secret(form.get("refresh_token", form.get("password", [""]))[0])
            visit.sent = user or visit.sent
            if registry.exchange == "no":
                return _Answer(405)
        else:
            kind, value = _authorization(request)
            user = _user_of(kind, value)
            visit.sent = user or visit.sent
            if kind != "basic":
                user = ANONYMOUS
        if not user:
            return _Answer(401)
        token = f"token-{len(self._tokens)}"
        self._tokens[token] = user
        body = json.dumps({"token": token, "access_token": token}).encode()
        return _Answer(200, {"Content-Type": "application/json"}, body)

    def __enter__(self) -> Self:
        for server in (self._tls, self._plain):
            threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for server in (self._tls, self._plain):
            server.shutdown()
            server.server_close()


def _name(host: str) -> str:
    return host.removeprefix(TOKEN_SERVICE).partition(":")[0]


def _authorization(request: BaseHTTPRequestHandler) -> tuple[str, str]:
    """Its kind and the rest of it."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    return kind.lower(), value


def _user_of(kind: str, value: str) -> str | None:
    """Whose credentials an Authorization has; None where they are of nobody."""
    if kind != "basic":
        return _user_of_secret(value)
    user, _, secret = base64.b64decode(value).decode().partition(":")
    return user if secret == password(user) else None


def _user_of_secret(secret: str) -> str | None:
    """The user of a password or of an identity token."""
    kind, _, user = secret.partition("-of-")
    return user if kind in ("password", "identity") else None


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = TIMEOUT_SECONDS
    disable_nagle_algorithm = True  # it makes short answers wait
    server: _Server

    def log_message(self, *_: object) -> None:
        """Nothing: visits are kept instead."""

    def do_HEAD(self) -> None:
        self._serve()

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def _serve(self) -> None:
        answer = self.server.owner.answer(self)
        self.send_response(answer.status)
        for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)


class _Server(ThreadingMixIn, TCPServer):
    daemon_threads = True
    request_queue_size = 32

    def __init__(self, owner: RegistryServer, tls: ssl.SSLContext | None) -> None:
        self.owner = owner
        self.tls = tls
        super().__init__(("127.0.0.1", 0), _Handler)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Speak what the client begins with: the first byte of TLS is no letter."""
        request.settimeout(TIMEOUT_SECONDS)
        if request.recv(1, socket.MSG_PEEK) != b"\x16":
            super().finish_request(request, client_address)
        elif self.tls is None:
            request.sendall(b"HTTP/1.0 400 Bad Request\r\n\r\n")
        else:
            with self.tls.wrap_socket(request, server_side=True) as secure:
                super().finish_request(secure, client_address)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that goes away is no error."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


@cache
def _tls_context() -> ssl.SSLContext:
    """One whose certificate is made here, for a name that nobody looks at."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "registry.test")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.TemporaryDirectory() as folder:
        pem = Path(folder, "both.pem")
        pem.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
            + certificate.public_bytes(serialization.Encoding.PEM)
        )
        context.load_cert_chain(pem)
    return context
