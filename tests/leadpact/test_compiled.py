"""Compiled functions run where the compiler is missing, switched off, or can't keep its work."""

import os
import subprocess
import sys

import pytest

from leadpact.compiled import compiled

FLOOR = """
from leadpact.compiled import compiled

@compiled
def step(n):
    return n + 1
"""
STAIRS = """
import sys
from leadpact.compiled import compiled, is_compiled
import floor_of
from floor_of import step

@compiled
def stairs(n):
    total = 0
    for _ in range(n):
        total = step(total)
    return total + floor_of.step(0) - 1
"""
RUN = "import stairs_of as s; print('numba' in s.sys.modules, s.stairs(5), s.is_compiled())"


@pytest.fixture
def house(tmp_path):
    (tmp_path / "floor_of.py").write_text(FLOOR)
    (tmp_path / "stairs_of.py").write_text(STAIRS)
    return tmp_path


def run(house, code=RUN, **settings):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        cwd=house,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(house), **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_compiled_function_is_kept_and_imports_nothing_before_it_runs(house):
    assert run(house) == "False 5 True"
    assert list(house.glob("__pycache__/*.nbc"))
    assert run(house) == "False 5 True"


def test_a_change_in_a_called_file_is_seen(house):
    assert run(house) == "False 5 True"
    # Of another length: Python tells a changed file from its .pyc by whole seconds and size.
    (house / "floor_of.py").write_text(FLOOR.replace("n + 1", "n + 1 + 1"))
    assert run(house) == "False 11 True"


@pytest.mark.parametrize("switch", ["LEADPACT_UNCOMPILED", "NUMBA_DISABLE_JIT"])
def test_the_compiler_can_be_switched_off(house, switch):
    assert run(house, **{switch: "1"}) == "False 5 False"
    assert run(house, **{switch: "0"}) == "False 5 True"


def test_a_cache_that_cant_be_written_is_done_without(house):
    (house / "a file").write_text("")
    code = f"import os; os.environ['NUMBA_CACHE_DIR'] = {str(house / 'a file' / 'cache')!r}\n"
    code += "import numba.core.caching as c\n"
    code += "c.CacheImpl._locator_classes = c.CacheImpl._locator_classes[:1]\n" + RUN
    assert run(house, code) == "True 5 True"
    assert not list(house.glob("**/*.nbc"))


def test_a_compiler_that_cant_be_imported_is_done_without(house):
    (house / "numba.py").write_text("raise ImportError('built for another Python')")
    assert run(house) == "False 5 False"


def test_the_plain_function_stays_at_hand():
    @compiled
    def double(n):
        """Twice `n`."""
        return 2 * n

    assert double.__doc__ == "Twice `n`."
    assert double(4) == getattr(double, "py_func", double)(4) == 8
