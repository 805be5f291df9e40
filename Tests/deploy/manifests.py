"""What the tests of the manifests share: where they lie, and how they are read."""

import pathlib
import re

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

ADDRESS = re.compile(r"tcp://([^:/#]+):(\d+)(?:#(.*))?")


def documents(path):
    """All YAML documents of a file; an error names the file."""
    try:
        return [document for document in yaml.safe_load_all(path.read_text()) if document is not None]
    except yaml.YAMLError as error:
        raise AssertionError(f"{path} is no YAML: {error}") from error


def document(path):
    found = documents(path)
    assert len(found) == 1, f"{path} holds {len(found)} documents instead of one"
    return found[0]


def listed(value):
    """A config file's list, one of which may stand without brackets."""
    return value if isinstance(value, list) else [] if value is None else [value]


def elsewhere(config):
    """(host, port, public key or None) of each other node that a config file names."""
    addresses = listed(config.get("connect")) + listed(config.get("updater"))
    return [ADDRESS.fullmatch(address).groups() for address in addresses]


def ports(config):
    """The ports on which a config file lets a node listen, by service."""
    found = {}
    for address in listed(config.get("listen")):
        service, place = address.split("=", 1)
        found[service] = int(place.rsplit(":", 1)[1])
    return found


# Which service of a node is asked by the key of a config file.
ASKED = {7701: "worker", 7702: "index"}
