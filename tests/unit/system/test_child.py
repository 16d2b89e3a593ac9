"""Children inherit no terminal and no descriptor, and import nothing from the working directory."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ecs_tui.system.child import PIPE, STDOUT, open_child, python_child, start_child

STREAMS = "import os; print([os.isatty(n) or os.readlink(f'/proc/self/fd/{n}') for n in range(3)])"
BOTH = "import sys; print('out', flush=True); print('err', file=sys.stderr)"


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_streams_that_are_not_named_are_the_null_device() -> None:
    with open_child([sys.executable, "-c", STREAMS], stdout=PIPE) as child:
        out, _ = child.communicate(timeout=20)
    assert out.count(b"/dev/null") == 2


def test_it_may_lead_a_session_of_its_own() -> None:
    code = "import os; print(os.getsid(0) == os.getpid())"
    for own in (True, False):
        with open_child([sys.executable, "-c", code], stdout=PIPE, own_session=own) as child:
            assert child.communicate(timeout=20)[0].strip() == str(own).encode()


def test_no_other_descriptor_is_inherited(tmp_path: Path) -> None:
    with (tmp_path / "open").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        code = f"import os; os.fstat({held.fileno()})"
        with open_child([sys.executable, "-c", code]) as child:
            assert child.wait(20) != 0


def test_the_environment_is_the_given_one() -> None:
    code = "import os; print(os.environ.get('PATH'), os.environ.get('ONE'))"
    with open_child([sys.executable, "-c", code], stdout=PIPE, env={"ONE": "1"}) as child:
        assert child.communicate(timeout=20)[0].split() == [b"None", b"1"]


@pytest.mark.asyncio
async def test_errors_may_go_where_the_output_goes() -> None:
    child = await start_child([sys.executable, "-c", BOTH], stdout=PIPE, stderr=STDOUT)
    out, _ = await child.communicate()
    assert out.split() == [b"out", b"err"]


@pytest.mark.asyncio
async def test_a_program_that_is_not_there_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        await start_child(["/no/such/program"])
    with pytest.raises(FileNotFoundError):
        open_child(["/no/such/program"])


def test_a_module_of_ours_is_not_looked_for_in_the_current_folder() -> None:
    assert python_child("ecs_tui", "demo") == [sys.executable, "-P", "-m", "ecs_tui", "demo"]
