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
        self.began = time.monotonic()

    def say(self, words):
        """Progress, for whoever watches."""
        print(f"    {time.monotonic() - self.began:7.1f} s  {words}", file=sys.stderr, flush=True)

    def close(self):
        self.context.destroy(linger=0)
