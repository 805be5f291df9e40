"""The keys of a node that takes clients with keys only, made and added as its admin does it."""

import json
import os
import subprocess

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
        file = self.folder / f"{self.node.name}-{name}.key"
        made = json.loads(self._run("keys", "generate", "--out", str(file), "--json"))
        self._run(
            "keys", "add", name, "--role", role, "--public-key", made["public_key"],
            "--connect", self.node.router, "--updater", self.node.index, "--key", self.admin_file,
        )
        return KeyFile(file)

    def _run(self, *words):
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SWITCHBOARD_")}
        done = subprocess.run([self.command, *words], capture_output=True, text=True, env=environment, timeout=60)
        if done.returncode:
            raise RuntimeError(f"switchboard {' '.join(words[:2])}: {done.stderr}")
        return done.stdout
