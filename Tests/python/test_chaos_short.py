"""The proofs of docs/reliability.md in their short form, without figures. `deploy/chaos` runs the long one."""

import pytest
from chaos.__main__ import LONG_ONLY, NAMES, run_one

# Printed where one fails; another seed is another run.
SEED = 20_261


@pytest.mark.parametrize("name", [name for name in NAMES if name not in LONG_ONLY])
def test_holds(request, tmp_path, name):
    report = run_one(name, request.config.getoption("--switchboard"), tmp_path, SEED, timed=False)
    print(report.words())
    assert not report.violations, report.words()
