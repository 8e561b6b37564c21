"""Vault's transit engine and AWS KMS as far as sops talks to them, on this machine.

Each gives the data key back only to who asks with the same key, and for AWS
with the same encryption context.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    kept: dict[str, tuple[str, Any]]  # what was encrypted, and for what, by ciphertext

    def do_PUT(self) -> None:
        _, version, engine, verb, name = self.path.split("/")
        asked = self._asked()
        assert (version, engine) == ("v1", "transit")
        if verb == "encrypt":
            sealed = self._seal(asked["plaintext"], name)
            self._answer({"data": {"ciphertext": f"vault:v1:{sealed}"}})
        else:
            plain = self._open(asked["ciphertext"].removeprefix("vault:v1:"), name)
            self._answer({"data": {"plaintext": plain}} if plain else None)

    def do_POST(self) -> None:
        asked = self._asked()
        scope = [asked["KeyId"], asked.get("EncryptionContext")]
        if self.headers["X-Amz-Target"] == "TrentService.Encrypt":
            sealed = self._seal(asked["Plaintext"], scope)
            self._answer({"CiphertextBlob": sealed, "KeyId": asked["KeyId"]})
        else:
            plain = self._open(asked["CiphertextBlob"], scope)
            self._answer({"Plaintext": plain, "KeyId": asked["KeyId"]} if plain else None)

    def _seal(self, plain: str, scope: Any) -> str:
        sealed = base64.b64encode(f"sealed {len(self.kept)}".encode()).decode()
        self.kept[sealed] = (plain, scope)
        return sealed

    def _open(self, sealed: str, scope: Any) -> str | None:
        plain, wanted = self.kept.get(sealed, (None, None))
        return plain if wanted == scope else None

    def _asked(self) -> Any:
        return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

    def _answer(self, data: Any) -> None:
        body = json.dumps(data or {"errors": ["no"], "__type": "InvalidCiphertextException"})
        self.send_response(200 if data else 400)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


@contextmanager
def key_services() -> Iterator[str]:
    """The URL of both, until the end of the block."""
    handler = type("Handler", (_Handler,), {"kept": {}})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
