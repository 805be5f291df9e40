"""A network namespace for a worker, which can be cut off as by a pulled cable: nothing is said to either side."""

import itertools
import os
import shutil
import subprocess

_numbers = itertools.count()


def why_not():
    """None where namespaces can be made; else what is missing."""
    if os.geteuid() != 0:
        return "network namespaces need root"
    if shutil.which("ip") is None:
        return "network namespaces need the program ip (apt package iproute2)"
    probe = f"sbprobe{os.getpid()}"
    if subprocess.run(["ip", "netns", "add", probe], capture_output=True).returncode != 0:
        return "this system does not let root make a network namespace"
    subprocess.run(["ip", "netns", "del", probe], capture_output=True)
    return None


class Namespace:
    """A namespace and its one link to the host. `host` and `inside` are the two ends' addresses."""

    def __init__(self):
        number = next(_numbers)
        self.name = f"sb{os.getpid()}n{number}"
        # At most 15 characters for a link.
        self.link = f"sb{os.getpid() % 100_000}h{number}"
        self.peer = peer = f"sb{os.getpid() % 100_000}i{number}"
        block = (os.getpid() * 7 + number) % 16_000
        base = f"10.{200 + block // 4_096}.{block // 64 % 64}"
        first = 4 * (block % 64)
        self.host, self.inside = f"{base}.{first + 1}", f"{base}.{first + 2}"
        self._ip("netns", "add", self.name)
        self._ip("link", "add", self.link, "type", "veth", "peer", "name", peer, "netns", self.name)
        self._ip("addr", "add", f"{self.host}/30", "dev", self.link)
        self._ip("link", "set", self.link, "up")
        self._ip("-n", self.name, "addr", "add", f"{self.inside}/30", "dev", peer)
        self._ip("-n", self.name, "link", "set", peer, "up")
        self._ip("-n", self.name, "link", "set", "lo", "up")

    @property
    def prefix(self):
        """What goes before a command that is to run inside."""
        return ("ip", "netns", "exec", self.name)

    def cut(self):
        # The inner end: the host keeps its route, so what it sends is lost without a word and goes nowhere else.
        self._ip("-n", self.name, "link", "set", self.peer, "down")

    def mend(self):
        self._ip("-n", self.name, "link", "set", self.peer, "up")

    def remove(self):
        subprocess.run(["ip", "link", "del", self.link], capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], capture_output=True)

    @staticmethod
    def _ip(*words):
        subprocess.run(["ip", *words], check=True, capture_output=True)
