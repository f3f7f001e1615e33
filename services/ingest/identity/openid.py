"""OpenID Connect: authorization code with PKCE, state and nonce; what comes back is checked in every claim.

The rules are those of OpenID Connect Core 1.0 §3.1.3.7 (id_token), RFC 7636 (PKCE) and RFC 9207 (`iss` in the answer).
"""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Any

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from services.ingest.domain.access import Arrival, Provider
from services.ingest.identity.answers import SECONDS, ProviderAway, fetched, safe
from shared.errors import Unauthenticated

BACK = "/ingest/sign-in/oidc/back"
KEPT_SECONDS = 600.0
"""How long the provider's description and keys are believed; an unknown key asks again at once, but not more often."""

PATIENCE_SECONDS = 10.0
LEEWAY_SECONDS = 60
_DISCOVERY = "/.well-known/openid-configuration"


class SignInRefused(Unauthenticated):
    """What the identity provider sent back does not prove who this is."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a browser is sent away with: where to, and what the answer must fit."""

    url: str
    state: str
    nonce: str
    verifier: str


@dataclass(slots=True)
class _Known:
    about: Mapping[str, Any]
    keys: KeySet
    at: float


class OpenId:
    """Ask an identity provider who somebody is."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        """Know no provider yet; `clock` tells whether an id_token is still good."""
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._lock = threading.Lock()

    def ask(self, provider: Provider) -> Question:
        """Return where to send the browser; raises ProviderAway."""
        about = self._provider(provider).about
        state, nonce, verifier = generate_token(43), generate_token(43), generate_token(64)
        with _client(provider, about) as client:
            endpoint = safe(about.get("authorization_endpoint"))
            url, _ = client.create_authorization_url(endpoint, state=state, code_verifier=verifier, nonce=nonce)
        return Question(url, state, nonce, verifier)

    def arrived(self, provider: Provider, answer: Mapping[str, str], asked: Question) -> Arrival:
        """Return whom the provider vouches for in its answer; raises SignInRefused, ProviderAway."""
        known = self._provider(provider)
        if answer.get("state") != asked.state:
            raise SignInRefused("state")
        if "iss" in answer and answer["iss"].rstrip("/") != provider.issuer:
            raise SignInRefused("iss")
        if "code" not in answer:
            raise SignInRefused(answer.get("error", "no code")[:100])
        token = _exchanged(provider, known.about, answer["code"], asked)
        claims = self._checked(provider, known, token, asked)
        return _arrival(provider, claims, _more(provider, known.about, claims, token))

    def _checked(self, provider: Provider, known: _Known, token: Mapping[str, Any], asked: Question) -> dict[str, Any]:
        """Return the claims of an id_token that is signed, meant for us, in answer to this question, and not over."""
        registry = JWSRegistry(algorithms=list(provider.algorithms), strict_check_header=False)
        text = token.get("id_token", "")
        wanted = {
            "iss": {"essential": True, "value": known.about["issuer"]},
            "aud": {"essential": True, "value": provider.client_id},
            "sub": {"essential": True},
            "exp": {"essential": True},
        }
        given = {"nonce": asked.nonce, "client_id": provider.client_id, "access_token": token.get("access_token")}
        try:
            try:
                signed = jwt.decode(text, known.keys, registry=registry)
            except InvalidKeyIdError:
                signed = jwt.decode(text, self._provider(provider, again=True).keys, registry=registry)
            claims = CodeIDToken(signed.claims, signed.header, wanted, given)
            claims.validate(now=int(self._clock().timestamp()), leeway=LEEWAY_SECONDS)
        except (JoseError, AuthlibBaseError, ValueError, TypeError, KeyError) as error:
            raise SignInRefused(f"id_token: {type(error).__name__}") from error
        return dict(claims)

    def _provider(self, provider: Provider, *, again: bool = False) -> _Known:
        """Return what the provider says of itself, and its keys."""
        with self._lock:
            known, now = self._known.get(provider.issuer), monotonic()
            if known is None or now - known.at > (PATIENCE_SECONDS if again else KEPT_SECONDS):
                about = fetched(f"{provider.issuer}{_DISCOVERY}")
                if str(about.get("issuer", "")).rstrip("/") != provider.issuer:
                    raise ProviderAway("the provider calls itself by another name than the document access does")
                known = _Known(about, _keys(about), now)
                self._known[provider.issuer] = known
            return known


def _keys(about: Mapping[str, Any]) -> KeySet:
    told: Any = fetched(about.get("jwks_uri", ""))
    try:
        return KeySet.import_key_set(told)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise ProviderAway("the provider's keys cannot be read") from error


def _client(provider: Provider, about: Mapping[str, Any]) -> OAuth2Session:
    methods = about.get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
    basic = "client_secret_basic" in methods or "client_secret_post" not in methods
    method = "none" if provider.client_secret is None else "client_secret_basic" if basic else "client_secret_post"
    client = OAuth2Session(
        provider.client_id,
        provider.client_secret,
        token_endpoint_auth_method=method,
        scope=" ".join(provider.scopes),
        redirect_uri=f"{provider.public_url}{BACK}",
        code_challenge_method="S256",
    )
    client.trust_env = False
    return client


def _exchanged(provider: Provider, about: Mapping[str, Any], code: str, asked: Question) -> dict[str, Any]:
    with _client(provider, about) as client:
        try:
            return dict(
                client.fetch_token(
                    safe(about.get("token_endpoint")),
                    code=code,
                    code_verifier=asked.verifier,
                    grant_type="authorization_code",
                    timeout=SECONDS,
                    allow_redirects=False,
                )
            )
        except AuthlibBaseError as error:
            raise SignInRefused(f"the code was refused: {str(error.error)[:100]}") from error
        except (requests.RequestException, ValueError, TypeError) as error:
            raise ProviderAway(type(error).__name__) from error


def _more(
    provider: Provider, about: Mapping[str, Any], claims: Mapping[str, Any], token: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return what the provider tells only when asked, where the id_token lacks it; it must be of the same person."""
    wanted = ("email", provider.groups_claim) if provider.rules else ("email",)
    if all(name in claims for name in wanted) or "userinfo_endpoint" not in about or "access_token" not in token:
        return {}
    told = fetched(about["userinfo_endpoint"], {"authorization": f"Bearer {token['access_token']}"})
    if told.get("sub") != claims["sub"]:
        raise SignInRefused("userinfo is of somebody else")
    return told


def _arrival(provider: Provider, claims: Mapping[str, Any], more: Mapping[str, Any]) -> Arrival:
    said = {**more, **claims}
    groups = said.get(provider.groups_claim, ())
    email, name = said.get("email"), said.get("name") or said.get("preferred_username")
    return Arrival(
        provider.issuer,
        str(claims["sub"]),
        email if isinstance(email, str) else None,
        said.get("email_verified", provider.trusts_email) in (True, "true"),
        name if isinstance(name, str) else "",
        tuple(str(group) for group in groups) if isinstance(groups, list) else (str(groups),) if groups else (),
    )
