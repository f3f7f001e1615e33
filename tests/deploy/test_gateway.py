"""The gateway's own configuration under a real nginx, with a stub for the services behind it."""

import http.client
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import orjson
import pytest

from deploy.machine import free_port

ROOT = Path(__file__).parents[2]
STREAM = "/leaderboard/v1/screens/self/stream"


class Services(ThreadingHTTPServer):
    """All four services: each answers with what it was asked; the stream waits between its two events."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Service)
        self.go_on = threading.Event()


class Service(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path == STREAM:
            self.stream()
            return
        told = orjson.dumps({"path": self.path, "headers": dict(self.headers), "filler": "x" * 2000})
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_POST = do_GET  # noqa: N815  the name that http.server looks for

    def stream(self) -> None:
        assert isinstance(self.server, Services)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(b"event: snapshot\ndata: 1\n\n")
        self.server.go_on.wait(20)
        self.wfile.write(b"event: snapshot\ndata: 2\n\n")
        self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def services() -> Iterator[Services]:
    with Services() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def configured(folder: Path, port: int, upstream: int) -> Path:
    """Write the gateway's configuration with this machine's addresses in place of the containers'."""
    text = (ROOT / "deploy/gateway/nginx.conf").read_text(encoding="utf-8")
    text, services = re.subn(r"http://(ingest|scoring|leaderboard)-web:8000", f"http://127.0.0.1:{upstream}", text)
    text = text.replace("http://commission-web:8000", f"http://127.0.0.1:{free_port()}")  # commission is away
    text = text.replace("listen 8080 default_server", f"listen 127.0.0.1:{port}")
    for there, here in {" /tmp/": f" {folder}/", "/dev/stdout": f"{folder}/access", "/dev/stderr": "stderr"}.items():
        text = text.replace(there, here)
    assert services == 3
    user = "user root;\n" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(f"{user}daemon off;\nworker_shutdown_timeout 1s;\n{text}", encoding="utf-8")
    return folder / "nginx.conf"


@pytest.fixture(scope="module")
def gateway(services: Services, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    if shutil.which("nginx") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("no nginx on the PATH")
        pytest.skip("no nginx on the PATH")
    folder, port = tmp_path_factory.mktemp("gateway"), free_port()
    command = ["nginx", "-c", str(configured(folder, port, services.server_port)), "-p", str(folder)]
    with (folder / "said").open("wb") as said, subprocess.Popen(command, stderr=said) as nginx:
        deadline = time.monotonic() + 10
        while not listens(port):
            assert nginx.poll() is None, (folder / "said").read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield port, folder
        nginx.terminate()


def listens(port: int) -> bool:
    try:
        http.client.HTTPConnection("127.0.0.1", port, timeout=1).connect()
    except OSError:
        return False
    return True


def ask(
    gateway: tuple[int, Path], path: str, headers: dict[str, str] | None = None, body: bytes | None = None
) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", gateway[0], timeout=10)
    connection.request("GET" if body is None else "POST", path, body, headers or {})
    return connection.getresponse()


@pytest.mark.parametrize(
    "path", ["/ingest/v1/league/roster?at=1", "/scoring/docs", "/leaderboard/v1/x", "/tv", "/tv/enter"]
)
def test_paths_reach_their_service_whole(gateway: tuple[int, Path], path: str) -> None:
    assert orjson.loads(ask(gateway, path).read())["path"] == path


def test_the_front_leads_to_the_screen(gateway: tuple[int, Path]) -> None:
    answer = ask(gateway, "/")
    assert (answer.status, answer.headers["Location"]) == (302, "/tv")


def test_what_a_caller_says_of_itself_is_not_believed(gateway: tuple[int, Path]) -> None:
    forged = {"X-Forwarded-For": "10.0.0.1", "X-Request-ID": "bad id\twith spaces", "Host": "samenspel.example"}
    got = orjson.loads(ask(gateway, "/scoring/docs", forged).read())["headers"]
    assert got["X-Forwarded-For"] == "127.0.0.1"
    assert re.fullmatch(r"[0-9a-f]{32}", got["X-Request-ID"])
    assert got["Host"] == got["X-Forwarded-Host"] == "samenspel.example"
    assert got["X-Forwarded-Proto"] == "http"


def test_a_sane_request_id_and_outer_tls_are_passed_on(gateway: tuple[int, Path]) -> None:
    told = {"X-Request-ID": "from-the-crm-0001", "X-Forwarded-Proto": "https"}
    got = orjson.loads(ask(gateway, "/scoring/docs", told).read())["headers"]
    assert (got["X-Request-ID"], got["X-Forwarded-Proto"]) == ("from-the-crm-0001", "https")


def test_the_secret_in_the_address_of_a_hook_is_never_told(gateway: tuple[int, Path]) -> None:
    port, folder = gateway
    ask(gateway, "/ingest/v1/hooks/d365?code=geheim-1", body=b"x" * 500_000).read()  # large: nginx would warn of it
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/ingest/v1/hooks/d365?code=geheim-2", headers={"Content-Length": "3000000"})
    assert connection.getresponse().status == 413
    assert "geheim" not in (folder / "said").read_text() + (folder / "access").read_text()


def test_events_of_the_stream_arrive_as_they_are_sent(gateway: tuple[int, Path], services: Services) -> None:
    answer = ask(gateway, STREAM, {"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] is None
    assert answer.readline() + answer.readline() + answer.readline() == b"event: snapshot\ndata: 1\n\n"
    services.go_on.set()  # only now does the service send the second one
    assert b"data: 2" in answer.read()


def test_other_answers_are_compressed(gateway: tuple[int, Path]) -> None:
    assert ask(gateway, "/scoring/docs", {"Accept-Encoding": "gzip"}).headers["Content-Encoding"] == "gzip"


def problem(answer: http.client.HTTPResponse) -> int:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    status: int = orjson.loads(answer.read())["status"]
    return status


def test_a_service_that_is_away_is_said_so_with_when_to_try_again(gateway: tuple[int, Path]) -> None:
    answer = ask(gateway, "/commission/v1/payouts")
    assert answer.status == problem(answer) == 503
    assert answer.headers["Retry-After"] == "5"


def test_a_path_of_no_service_is_not_found(gateway: tuple[int, Path]) -> None:
    answer = ask(gateway, "/admin")
    assert answer.status == problem(answer) == 404


def test_a_body_that_no_service_would_take_is_refused_at_the_gate(gateway: tuple[int, Path]) -> None:
    answer = ask(gateway, "/ingest/v1/activities", body=b"x" * 2_200_000)
    assert answer.status == problem(answer) == 413


def test_failures_are_logged_without_the_path(gateway: tuple[int, Path]) -> None:
    ask(gateway, "/commission/v1/statements/sanne").read()
    ask(gateway, "/scoring/docs").read()
    deadline = time.monotonic() + 5
    while not (lines := (gateway[1] / "access").read_text().splitlines()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert {orjson.loads(line)["status"] for line in lines} == {503}
    assert "sanne" not in "".join(lines) + (gateway[1] / "said").read_text()
