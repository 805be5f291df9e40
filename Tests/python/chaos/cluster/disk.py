"""A small disk in memory, and what happens to files on worse ones."""

import os
import pathlib
import subprocess


def why_not():
    """None where a file system can be mounted; else what is missing."""
    if os.geteuid() != 0:
        return "mounting a small disk needs root"
    probe = pathlib.Path(f"/tmp/switchboard-mount-{os.getpid()}")
    probe.mkdir()
    try:
        if subprocess.run(["mount", "-t", "tmpfs", "none", str(probe)], capture_output=True).returncode != 0:
            return "this system does not let root mount a tmpfs"
        subprocess.run(["umount", str(probe)], check=True)
        return None
    finally:
        probe.rmdir()


class SmallDisk:
    """A tmpfs at `path`, gone after `with`."""

    def __init__(self, path, mebibytes):
        self.path, self.mebibytes = path, mebibytes

    def __enter__(self):
        self.path.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={self.mebibytes}m", "none", str(self.path)], check=True)
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", str(self.path)], check=True)

    def remount(self, options):
        subprocess.run(["mount", "-o", f"remount,{options}", str(self.path)], check=True)


def tear(wal, random):
    """Adds a part of a frame to a write-ahead log: what a power cut in the middle of a write leaves."""
    with open(wal, "r+b") as file:
        content = file.read()
        # 24 bytes before each page of 4 KiB, 32 before all.
        last = content[-(4_096 + 24):] if len(content) > 4_096 + 56 else random.randbytes(4_096 + 24)
        file.write(last[:random.randrange(1, len(last))])


def flip_bit(path, content, random):
    """One bit inside the first occurrence of `content` in a file; False where it is not there."""
    data = bytearray(path.read_bytes())
    place = data.find(content)
    if place < 0:
        return False
    data[place + random.randrange(len(content))] ^= 1 << random.randrange(8)
    path.write_bytes(data)
    return True
