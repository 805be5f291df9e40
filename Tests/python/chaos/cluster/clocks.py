"""Clocks of single nodes that can be set, while the machine's own is left alone."""

import pathlib
import shutil
import struct
import subprocess
import time

from chaos.checks.clocks import ClockHistory

SOURCE = pathlib.Path(__file__).with_name("clock_shim.c")


def build_shim(folder):
    """Compiles what stands between a node and the clock. Returns the library."""
    swift = shutil.which("swift")
    beside = pathlib.Path(swift).resolve().with_name("clang") if swift else "clang"
    compiler = shutil.which("cc") or shutil.which("clang") or shutil.which(beside)
    if compiler is None:
        raise FileNotFoundError("there is no C compiler (cc, clang, that of the Swift toolchain) for clock_shim.c")
    library = folder / "clock_shim.so"
    subprocess.run(
        [compiler, "-std=c11", "-shared", "-fPIC", "-O2", "-o", str(library), str(SOURCE)], check=True, timeout=60
    )
    return library


class Clock:
    """The time of day of a node that was started with `environment`. `ahead`: seconds before the machine's."""

    def __init__(self, library, path):
        self.path, self.ahead = path, 0.0
        path.write_bytes(bytes(8))
        self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK_OFFSET": str(path)}
        self.history = ClockHistory(time.time())

    def set(self, ahead):
        self.ahead = ahead
        # In place, since the node has the file mapped: one write of 8 bytes is never seen half.
        with open(self.path, "r+b", buffering=0) as file:
            file.write(struct.pack("<q", int(ahead * 1e9)))
        self.history.set(time.time(), ahead)
