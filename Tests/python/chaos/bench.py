"""Where a scenario works: the command, a folder of its own, a seed, and sockets."""

import pathlib
import random
import sys
import time

import zmq


class Bench:
    """`timed`: the long form, whose figures are judged too."""

    def __init__(self, switchboard, folder, seed, timed):
        self.switchboard = str(pathlib.Path(switchboard).resolve())
        self.folder = pathlib.Path(folder)
        self.seed, self.timed = seed, timed
        self.random = random.Random(seed)
        self.context = zmq.Context(io_threads=1)
        self.faults = []
        self.began = time.monotonic()

    def say(self, words):
        """Progress, for whoever watches."""
        print(f"    {time.monotonic() - self.began:7.1f} s  {words}", file=sys.stderr, flush=True)

    def stop(self, node):
        """SIGTERM, after which a node leaves with code 0. One that has left by itself is a fault."""
        had_left = not node.is_running()
        code = node.stop()
        if code != 0:
            how = "left by itself" if had_left else "did not leave cleanly on SIGTERM"
            # The log goes with the scenario's folder, and a crash may not come again.
            self.faults.append(f"{node.name} {how} (exit code {code}): {node.last_words(8_000)}")

    def close(self):
        self.context.destroy(linger=0)
