"""One node as a process on fixed ports, so that it can die and come back at the same place."""

import os
import pathlib
import secrets
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request

from chaos.cluster import gauges

LOWEST_PORT = 10_000
# What was given out is not given out again, though nobody listens there yet: of some forty that are drawn at random two would
# be the same once in thirty scenarios.
given_ports = set()
# A node that crashes writes into its log where; the crashed thread alone, as there are many.
BACKTRACE = "enable=yes,interactive=no,color=no,threads=crashed,images=none,registers=none"


def free_port(host="127.0.0.1"):
    """A port that nobody listens on now, and that was not given out before.

    Below those that the kernel gives to connections where there are such: while a node is away somebody who tries to
    connect to it may be given its very port, and it could not listen there any more.
    """
    first = int(pathlib.Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    while True:
        port = LOWEST_PORT + secrets.randbelow(first - LOWEST_PORT) if first > 2 * LOWEST_PORT else 0
        with socket.socket() as probe:
            try:
                probe.bind((host, port))
            except OSError:
                continue
            port = probe.getsockname()[1]
            if port not in given_ports:
                given_ports.add(port)
                return port


class NodeDied(Exception):
    pass


class NodeProcess:
    """A `switchboard node` with some roles. Addresses are fixed at the first start; ports are free ones of the host.

    `environment`: variables that it has besides those of this process.
    """

    def __init__(
        self, command, folder, name, roles, arguments=(), host="127.0.0.1", prefix=(), data=None, environment=None
    ):
        self.name = name
        self.environment = {"SWIFT_BACKTRACE": BACKTRACE, **os.environ, **(environment or {})}
        self.log_path = folder / f"{name}.log"
        self.data = data or folder / f"{name}-data"
        address = {service: f"tcp://{host}:{free_port()}" for service in ("router", "worker", "index", "discovery")}
        self.router, self.worker, self.index = address["router"], address["worker"], address["index"]
        self.discovery = address["discovery"]
        self.http = f"{host}:{free_port()}"
        listening = {"gateway": ("router", "worker"), "updater": ("index",), "clusterer": ("discovery",)}
        listens = [f"http={self.http}"]
        for role in roles:
            listens += [f"{service}={address[service]}" for service in listening.get(role, ())]
        self.argv = [
            *prefix, command, "node", "--roles", *roles, "--name", name, "--data", str(self.data),
            *(word for listen in listens for word in ("--listen", listen)), *arguments,
        ]
        self.process = None

    def start(self, wait=True):
        with open(self.log_path, "a") as log:
            # A group of its own: Ctrl-C ends the scenario, which ends its nodes in order.
            self.process = subprocess.Popen(
                self.argv, stdout=log, stderr=log, start_new_session=True, env=self.environment
            )
        if wait:
            self.wait_until_ready()

    @property
    def pid(self):
        return self.process.pid

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_until_ready(self, limit=120):
        deadline = time.monotonic() + limit
        reason = "no answer"
        while time.monotonic() < deadline:
            if not self.is_running():
                raise NodeDied(f"{self.name} ended with {self.process.returncode}: {self.last_words()}")
            try:
                with urllib.request.urlopen(f"http://{self.http}/readyz", timeout=5):
                    return
            except urllib.error.HTTPError as error:
                reason = error.read().decode()
            except OSError as error:
                reason = str(error)
            time.sleep(0.02)
        raise NodeDied(f"{self.name} was not ready within {limit} s: {reason}; {self.last_words()}")

    def signal(self, number):
        if self.is_running():
            os.kill(self.pid, number)

    def pause(self):
        self.signal(signal.SIGSTOP)

    def resume(self):
        self.signal(signal.SIGCONT)

    def kill(self):
        """As a power cut would: nothing is finished or flushed."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def ask_to_leave(self):
        self.signal(signal.SIGTERM)

    def stop(self, limit=30):
        """SIGTERM. Returns the exit code; one that does not leave is killed and gives None."""
        if not self.is_running():
            return self.process.returncode if self.process else 0
        self.resume()
        self.signal(signal.SIGTERM)
        try:
            return self.process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            self.kill()
            return None

    def metrics(self):
        """The figures of /metrics by name and labels, as they are written there."""
        with urllib.request.urlopen(f"http://{self.http}/metrics", timeout=10) as answer:
            return gauges.metrics(answer.read().decode())

    def last_words(self, characters=2_000):
        return self.log_path.read_text(errors="replace")[-characters:] if self.log_path.exists() else ""
