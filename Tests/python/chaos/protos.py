"""Makes the Python classes of Protos/ and lets them be imported."""

import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]


def make():
    made = ROOT / ".build" / "python-protos"
    made.mkdir(parents=True, exist_ok=True)
    protos = sorted(str(path) for path in (ROOT / "Protos").rglob("*.proto"))
    subprocess.run(["protoc", f"-I{ROOT / 'Protos'}", f"--python_out={made}", *protos], check=True)
    for folder in (made, ROOT / "Tests" / "python"):
        if str(folder) not in sys.path:
            sys.path.insert(0, str(folder))
