"""Keycloak, a real identity provider: its own distribution from Maven Central, run with Java in memory.

The realm `office` has one person and one client, and groups in the id_token.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

import requests

from tests.engines.engine import Engine, EngineMissing, free_port
from tests.engines.kafka import _java
from tests.engines.process import Recipe, new_folder, start_local

VERSION = "26.0.7"
ARTIFACT = f"org.keycloak:keycloak-quarkus-dist:{VERSION}:zip"
GET = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy"
DOWNLOAD_SECONDS = 600
CLIENT, SECRET = "samenspel", "a-secret-of-the-test"
PERSON, PASSWORD = "sanne", "a-password-of-the-test"
JVM = "-Xmx384m -XX:+UseSerialGC -XX:TieredStopAtLevel=1"

REALM: dict[str, Any] = {
    "realm": "office",
    "enabled": True,
    "groups": [{"name": "sales"}, {"name": "leads-noord"}],
    "users": [
        {
            "username": PERSON,
            "enabled": True,
            "email": "sanne@example.nl",
            "emailVerified": True,
            "firstName": "Sanne",
            "lastName": "de Vries",
            "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
            "groups": ["/leads-noord"],
        }
    ],
    "clients": [
        {
            "clientId": CLIENT,
            "secret": SECRET,
            "redirectUris": ["http://localhost/ingest/sign-in/oidc/back"],
            "attributes": {"pkce.code.challenge.method": "S256"},
            "protocolMappers": [
                {
                    "name": "groups",
                    "protocol": "openid-connect",
                    "protocolMapper": "oidc-group-membership-mapper",
                    "config": {"claim.name": "groups", "full.path": "false", "id.token.claim": "true"},
                }
            ],
        }
    ],
}


def start() -> Engine:
    """Return a running Keycloak, its URL that of the issuer. Raises EngineMissing."""
    java, folder, port = _java(), new_folder("keycloak"), free_port()
    with zipfile.ZipFile(_distribution()) as packed:
        packed.extractall(folder)
    home = folder / f"keycloak-{VERSION}"
    (home / "data" / "import").mkdir(parents=True)
    (home / "data" / "import" / "office-realm.json").write_text(json.dumps(REALM), encoding="utf-8")
    environment = ["env", f"JAVA={java}", f"JAVA_OPTS={JVM}"]
    listen = ["--http-host=127.0.0.1", f"--http-port={port}"]
    kc = ["sh", str(home / "bin" / "kc.sh"), "start-dev", "--db=dev-mem", "--cache=local", "--import-realm", *listen]
    url = f"http://127.0.0.1:{port}/realms/office"
    recipe = Recipe([*environment, *kc], lambda: _answers(url), seconds_to_start=120)
    return start_local(url, folder, recipe)


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/.well-known/openid-configuration", timeout=2).ok
    except requests.RequestException:
        return False


def _distribution() -> Path:
    """Return the packed distribution, downloaded once per user and version."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "samenspel"
    packed = cache / f"keycloak-{VERSION}" / f"keycloak-quarkus-dist-{VERSION}.zip"
    if not packed.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _download(cache, packed.parent)
    return packed


def _download(cache: Path, folder: Path) -> None:
    maven = shutil.which("mvn")
    if maven is None:
        raise EngineMissing("no mvn on the PATH to get Keycloak's distribution")
    draft = Path(tempfile.mkdtemp(dir=cache))
    command = [maven, "-q", "-B", GET, f"-Dartifact={ARTIFACT}", f"-DoutputDirectory={draft}"]
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=DOWNLOAD_SECONDS, cwd=draft)
    except subprocess.SubprocessError as error:
        shutil.rmtree(draft)
        raise EngineMissing(f"Keycloak could not be downloaded: {getattr(error, 'stdout', error)}") from error
    with suppress(OSError):  # another run may have been quicker
        draft.rename(folder)
