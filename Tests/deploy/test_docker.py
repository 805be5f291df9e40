"""The image's recipe, its health check and the compose file. Docker itself is not asked: nothing here builds or runs it."""

import fnmatch
import http.server
import re
import shlex
import subprocess
import threading

import pytest

from manifests import ASKED, DEPLOY, ROOT, document, elsewhere, listed, ports

FOLDER = DEPLOY / "docker"
COMPOSE = document(FOLDER / "compose.yaml")
SERVICES = COMPOSE["services"]
CONFIGS = {path.stem: document(path) for path in sorted((FOLDER / "config").glob("*.yaml"))}


def test_there_are_as_many_of_each_as_promised():
    counts = {name: service.get("deploy", {}).get("replicas", 1) for name, service in SERVICES.items()}
    assert counts == {"updater": 1, "gateway": 1, "retriever": 2, "scorer": 2, "clusterer": 1}


@pytest.mark.parametrize("role", sorted(SERVICES))
def test_each_role_is_told_its_own(role):
    service, config = SERVICES[role], CONFIGS[role]
    assert config["roles"] == role
    mounts = dict(volume.split(":")[:2] for volume in service["volumes"])
    assert mounts[f"./config/{role}.yaml"] == service["environment"]["SWITCHBOARD_CONFIG"]
    if role == "updater":
        # Its log outlives the container; its key lies there too.
        assert config["data"].startswith(mounts["log"] + "/") and "log" in COMPOSE["volumes"]
        assert "SWITCHBOARD_KEY" not in service["environment"]
    else:
        assert service["secrets"] == [role]
        assert COMPOSE["secrets"][role]["file"] == f"./keys/{role}.key"
        assert service["environment"]["SWITCHBOARD_KEY"] == f"/run/secrets/{role}"


@pytest.mark.parametrize("role", sorted(SERVICES))
def test_addresses_lead_to_services(role):
    assert elsewhere(CONFIGS[role])
    for host, port, key in elsewhere(CONFIGS[role]):
        assert ports(CONFIGS[host])[ASKED[int(port)]] == int(port)
        assert key == f"{host.upper()}-PUBLIC-KEY", "what is to be filled in, which a node refuses"
    for published in SERVICES[role].get("ports", []):
        address, outside, inside = published.rsplit(":", 2)
        assert address == "127.0.0.1" and outside == inside
        assert int(inside) in ports(CONFIGS[role]).values()


@pytest.mark.parametrize("role", sorted(SERVICES))
def test_containers_may_do_little(role):
    service = SERVICES[role]
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert listed(service["security_opt"]) == ["no-new-privileges:true"]


def instructions():
    text = (FOLDER / "Dockerfile").read_text()
    lines = re.sub(r"\\\n", " ", re.sub(r"(?m)^#.*\n", "", text)).splitlines()
    return [line.strip() for line in lines if line.strip()]


def test_what_the_recipe_copies_is_there_and_in_the_context():
    allowed = [line[1:] for line in (FOLDER / "Dockerfile.dockerignore").read_text().splitlines() if line[:1] == "!"]
    # Trained models need not be there.
    assert all((ROOT / path).exists() for path in allowed if path != "deploy/models")
    for line in instructions():
        words = shlex.split(line)
        if words[0] != "COPY" or words[1].startswith("--from"):
            continue
        for source in (word for word in words[1:-1] if not word.startswith("--")):
            assert (ROOT / source).exists(), source
            assert any(source == path or path.startswith(source + "/") for path in allowed), source
    keys = ["deploy/docker/keys/gateway.key", "deploy/kubernetes/keys/gateway.key", ".git", ".build"]
    assert not any(fnmatch.fnmatch(key, path + "*") for key in keys for path in allowed)


def test_the_image_runs_as_nobody_in_particular_and_everywhere():
    lines = instructions()
    users = [line.split()[1] for line in lines if line.startswith("USER ")]
    assert users == ["10001:10001"]
    assert any("deploy/setup --portable" in line for line in lines)
    assert any(line.startswith("HEALTHCHECK ") for line in lines)


@pytest.mark.parametrize("portable", [True, False])
def test_llama_is_built_for_one_cpu_or_for_all(portable):
    script = f"""
        set -euo pipefail
        source deploy/lib/llama.bash
        portable={str(portable).lower()} llama=/cache/llama llama_version=1
        llama_cpu_flags
        write_llama_pc
    """
    run = subprocess.run(["bash", "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=30)
    assert run.returncode == 0, run.stderr
    words = set(run.stdout.split())
    assert ("-DGGML_CPU_ALL_VARIANTS=ON" in words) == ("-DGGML_BACKEND_DIR=/cache/llama/lib" in words) == portable
    assert ("-DGGML_NATIVE=ON" in words) != portable
    # The CPU's part is loaded at run time, not linked, where there is one for each.
    assert ("-lggml-cpu" in words) != portable
    assert {"-lllama", "-lggml", "-lggml-base"} <= words


@pytest.fixture
def port():
    class Node(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 503)
            self.end_headers()
            self.wfile.write(b'{"good":true}\n')

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Node)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(("path", "is_well"), [("/healthz", True), ("/readyz", False)])
def test_the_health_check_says_what_the_node_says(port, path, is_well):
    run = subprocess.run([str(FOLDER / "healthcheck"), path, str(port)], timeout=30)
    assert (run.returncode == 0) == is_well


def test_the_health_check_fails_where_nobody_listens(port):
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as free:
        unused = free.server_port
    run = subprocess.run([str(FOLDER / "healthcheck"), "/healthz", str(unused)], stderr=subprocess.PIPE, timeout=30)
    assert run.returncode != 0
