"""A small identity provider of our own, that can also be told to lie."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from flask import Flask, Response, jsonify, request
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

CLIENT, SECRET = "samenspel", "a-secret-of-the-test"


def encoded(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@dataclass
class Provider:
    """What it says of the person, and how it lies: `claims` stand over the right ones, None takes one away."""

    url: str = ""
    claims: dict[str, Any] = field(default_factory=dict)
    person: dict[str, Any] = field(
        default_factory=lambda: {
            "sub": "u-1",
            "email": "sanne@example.nl",
            "email_verified": True,
            "name": "Sanne de Vries",
            "groups": ["sales"],
        }
    )
    about: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    shown: RSAKey | None = None
    away: bool = False
    asked: dict[str, str] = field(default_factory=dict)

    def answer(self, url: str) -> dict[str, str]:
        """Let the person agree: return what the browser brings back."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        return {"code": "the-code", "state": self.asked["state"]}

    def id_token(self) -> str:
        """Return the token, right but for what it was told to say otherwise."""
        now = int(time.time())
        said = {
            **self.person,
            "iss": self.url,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 60,
            "nonce": self.asked["nonce"],
            **self.claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        header = {"alg": self.algorithm, "kid": self.key.kid}
        if self.algorithm == "RS256":
            return jwt.encode(header, said, self.key)
        text = ".".join(encoded(json.dumps(part).encode()) for part in (header, said))
        public = self.key.as_pem(private=False)
        mac = b"" if self.algorithm == "none" else hmac.digest(public, text.encode(), "sha256")
        return f"{text}.{encoded(mac)}"

    def app(self) -> Flask:
        """Return the provider's side."""
        app = Flask("provider")

        @app.get("/.well-known/openid-configuration")
        def about() -> Response:
            if self.away:
                return Response("away", status=503)
            said = {name: f"{self.url}/{name}" for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
            return jsonify({"issuer": self.url, **said, "userinfo_endpoint": f"{self.url}/me", **self.about})

        @app.get("/jwks_uri")
        def keys() -> Response:
            return jsonify({"keys": [(self.shown or self.key).as_dict(private=False)]})

        @app.post("/token_endpoint")
        def token() -> tuple[Response, int]:
            digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
            right = (
                encoded(digest) == self.asked.get("code_challenge"),
                request.form.get("code") == "the-code",
                request.form.get("redirect_uri") == self.asked.get("redirect_uri"),
                request.authorization is not None and request.authorization.password == SECRET,
            )
            if not all(right):
                return jsonify(error="invalid_grant"), 400
            return jsonify(access_token="opens", token_type="Bearer", id_token=self.id_token()), 200

        @app.get("/me")
        def me() -> Response:
            return jsonify({"sub": self.person["sub"], **self.userinfo})

        return app


@contextmanager
def running() -> Iterator[Provider]:
    """Give a provider that answers on this machine."""
    provider = Provider()
    server = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
