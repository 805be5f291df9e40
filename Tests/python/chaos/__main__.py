"""deploy/chaos: runs the proofs, long or short, and reports what they found."""

import argparse
import importlib
import pathlib
import secrets
import sys
import tempfile
import time
import traceback

from chaos import protos
from chaos.bench import Bench
from chaos.report import Report

# In the order in which they run; a module of chaos.scenarios each, with dashes for underscores.
NAMES = [
    "updater-killed", "workers-fail", "gateways-fail", "reads-in-order", "replicas-equal", "discovery-killed",
    "clocks-jump", "disk-full", "disk-damage", "overload", "garbage", "soak",
]
LONG_ONLY = {"soak"}


def arguments():
    parser = argparse.ArgumentParser(
        prog="deploy/chaos",
        description="Kills, stops, cuts off and floods real nodes and checks what they answered: docs/reliability.md.",
        epilog="Exit code 0: everything holds and every figure is reached (--quick judges no figures); else 1.",
    )
    parser.add_argument("--quick", action="store_true", help="the short form, as deploy/test runs it: a few minutes")
    known = ", ".join(NAMES)
    parser.add_argument("--only", action="append", metavar="NAME", choices=NAMES, help=f"one of {known}; repeatable")
    parser.add_argument("--seed", type=int, help="as an earlier run printed it; default: a new one")
    parser.add_argument("--json", action="store_true", help="one JSON object a scenario on stdout")
    parser.add_argument("--keep", metavar="DIR", help="keep the nodes' logs and data there")
    release = str(protos.ROOT / ".build/release/switchboard")
    parser.add_argument("--switchboard", default=release, metavar="FILE", help="the command to test")
    return parser.parse_args()


def run_one(name, switchboard, folder, seed, timed):
    """One scenario on a folder of its own. What goes wrong with the scenario itself is wrong, too."""
    scenario = importlib.import_module(f"chaos.scenarios.{name.replace('-', '_')}")
    report = Report(name, seed)
    folder = pathlib.Path(folder) / name
    folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(switchboard, folder, seed, timed)
    try:
        scenario.run(bench, report, scenario.LONG if timed else scenario.SHORT)
    except Exception as error:  # noqa: BLE001 - the other scenarios are to run
        report.wrong(f"it could not be run to its end: {type(error).__name__}: {error}")
        print(traceback.format_exc(), file=sys.stderr)
    finally:
        report.wrong(bench.faults)
        report.seconds = round(time.monotonic() - bench.began, 1)
        bench.close()
    return report


def main():
    options = arguments()
    if not pathlib.Path(options.switchboard).is_file():
        sys.exit(f"deploy/chaos: there is no {options.switchboard}; run swift build -c release --product switchboard")
    protos.make()
    seed = options.seed if options.seed is not None else secrets.randbelow(2**31)
    names = options.only or [name for name in NAMES if not (options.quick and name in LONG_ONLY)]
    failed = 0
    with tempfile.TemporaryDirectory(prefix="switchboard-chaos-") as temporary:
        for name in names:
            print(f"{name}, seed {seed}", file=sys.stderr, flush=True)
            report = run_one(name, options.switchboard, options.keep or temporary, seed, timed=not options.quick)
            failed += report.failed(timed=not options.quick)
            print(report.line() if options.json else report.words(), flush=True)
    print(f"{len(names) - failed} of {len(names)} hold; again with --seed {seed}", file=sys.stderr)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
