"""The keys of a node that takes clients with keys only, made and added as its admin does it."""

import json
import os
import subprocess
import time

from switchboard_client import KeyFile


class NodeKeys:
    """Made before the node's first start; from then on its addresses carry its public key, as clients name them."""

    def __init__(self, command, folder, node):
        self.command, self.folder, self.node = command, folder, node
        made = json.loads(self._run("keys", "generate", "--role", "admin", "--data", str(node.data), "--json"))
        self.admin_file = made["file"]
        self.admin = KeyFile(self.admin_file)
        for service in ("router", "worker", "index"):
            setattr(node, service, f"{getattr(node, service)}#{made['node_public_key']}")

    def add(self, name, role):
        """A new key that the running node takes."""
        file = self.file(name)
        made = json.loads(self._run("keys", "generate", "--out", str(file), "--json"))
        # At once after a start: the node may not be there yet.
        self._as_admin("keys", "add", name, "--role", role, "--public-key", made["public_key"], limit=30)
        return KeyFile(file)

    def file(self, name):
        """Where the pair of a key lies that was added."""
        return self.folder / f"{self.node.name}-{name}.key"

    def revoke(self, name):
        self._as_admin("keys", "revoke", name)

    def _as_admin(self, *words, limit=0):
        deadline = time.monotonic() + limit
        while True:
            try:
                return self._run(
                    *words, "--connect", self.node.router, "--updater", self.node.index, "--key", self.admin_file
                )
            except RuntimeError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _run(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        done = subprocess.run([self.command, *words], capture_output=True, text=True, env=environment, timeout=60)
        if done.returncode:
            raise RuntimeError(f"switchboard {' '.join(words[:2])}: {done.stderr}")
        return done.stdout
