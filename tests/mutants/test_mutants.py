"""The tool for mutation testing: its changes, its copy of the project, its choice of tests."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import textwrap
from pathlib import Path

from tests.mutants.operators import Mutant, mutants
from tests.mutants.reach import Reached, functions, place
from tests.mutants.run import chosen, read
from tests.mutants.sample import by_folder, drawn
from tests.mutants.tree import PROJECT, Tree

SOURCE = textwrap.dedent('''\
    """Only documents."""
    LIMIT = 5

    def first(a, b=2):
        """Only documents."""
        if a < LIMIT and b:
            log.debug("said", a)
            raise ValueError("a sentence of words")
        try:
            run(a, fast=True)
        except (OSError, KeyError):
            return None
        return not b

    class Kind:
        name: str = "kind"

        def second(self):
            self.done = True
            self.done = True
    ''')


def found(source: str = SOURCE) -> list[Mutant]:
    return list(mutants("ecs_tui/x.py", source.encode()))


def test_the_changes_of_a_file() -> None:
    texts = {(each.function, each.kind, each.old, each.new) for each in found()}
    assert texts == {
        ("", "constant", "5", "6"),
        ("", "constant", "2", "3"),
        ("", "constant", '"kind"', "'XXkind'"),
        ("first", "condition turned", "a < LIMIT and b", "not (a < LIMIT and b)"),
        ("first", "and/or", "a < LIMIT and b", "(a < LIMIT or b)"),
        ("first", "one part less", "a < LIMIT and b", "((b))"),
        ("first", "one part less", "a < LIMIT and b", "((a < LIMIT))"),
        ("first", "comparison", "a < LIMIT", "(a <= LIMIT)"),
        ("first", "left out", 'raise ValueError("a sentence of words")', "pass"),
        ("first", "left out", "run(a, fast=True)", "pass"),
        ("first", "without fast", "run(a, fast=True)", "(run(a))"),
        ("first", "constant", "True", "False"),
        ("first", "one exception less", "(OSError, KeyError)", "((KeyError,))"),
        ("first", "one exception less", "(OSError, KeyError)", "((OSError,))"),
        ("first", "None returned", "return not b", "return None"),
        ("first", "sign", "not b", "(b)"),
        ("Kind.second", "left out", "self.done = True", "pass"),
        ("Kind.second", "constant", "True", "False"),
    }
    for each in found():
        changed = each.applied(SOURCE.encode())
        assert ast.dump(ast.parse(changed)) != ast.dump(ast.parse(SOURCE))


def test_a_key_names_one_mutant_and_does_not_depend_on_lines() -> None:
    keys = [each.key for each in found()]
    assert len(set(keys)) == len(keys)
    assert [each.key for each in found("\n\n" + SOURCE)] == keys
    assert {each.number for each in found() if each.function == "Kind.second"} == {1, 2}


def test_mutants_of_the_program_are_python_and_a_sample_resumes(tmp_path: Path) -> None:
    program = tmp_path / "program"
    for path in sorted((PROJECT / "ecs_tui").rglob("*.py"))[::4]:  # all of it takes 12 s
        copy = program / path.relative_to(PROJECT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(path, copy)
    kept = tmp_path / "sample.json"
    some = drawn(program, 60, 7, kept)
    assert len({each.key for each in some}) == len(some) > 50
    for each in some:
        ast.parse(each.applied((program / each.path).read_bytes()))
    assert len({each.path.split("/")[1] for each in some}) > 5
    assert drawn(program, 60, 7, kept) == some
    old = json.loads(kept.read_text())
    old["keys"] = ["gone", *old["keys"][:3]]
    kept.write_text(json.dumps(old))
    assert drawn(program, 60, 7, kept) == some[:3]


def test_lines_belong_to_the_innermost_function() -> None:
    known = functions(SOURCE.encode())
    assert [name for _, _, name in known] == ["first", "Kind.second"]
    assert place(1, known) == ("", 0)
    assert place(4, known) == ("", 0)  # the line of `def` runs outside
    assert place(6, known) == ("first", 2)
    assert place(20, known) == ("Kind.second", 2)


def test_tests_are_chosen_by_line_then_statement_then_function() -> None:
    near, far = {"tests/test_x.py::near"}, {"tests/test_far.py::far"}
    reached = Reached(
        {"ecs_tui/x.py": {"first": {2: near, 6: far}, "": {0: far}}},
        {"tests/test_x.py::near": 9.0, "tests/test_far.py::far": 0.1},
        {"tests/test_x.py": 1.0, "tests/test_far.py": 1.0},
    )
    by_kind = {(each.kind, each.old): each for each in found()}
    assert reached.tests(by_kind["comparison", "a < LIMIT"]) == near
    assert reached.tests(by_kind["without fast", "run(a, fast=True)"]) == far
    assert reached.tests(by_kind["sign", "not b"]) == near | far  # the line is not recorded
    assert reached.tests(by_kind["constant", "5"]) == near | far
    several = chosen(by_kind["constant", "5"], reached, without=set(), again=False)
    assert several == [*near, *far]  # the module of the file's name first
    assert chosen(by_kind["constant", "5"], reached, without=near, again=False) == [*far]


def test_a_change_reaches_children_of_every_kind_and_is_undone(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "tree")
    (mutant,) = [
        each
        for each in by_folder(PROJECT)["(files)"]
        if each.path == "ecs_tui/__init__.py" and each.kind == "constant"
    ]

    def versions() -> set[str]:
        show = "import ecs_tui; print(ecs_tui.__version__)"
        return {
            subprocess.run(
                [tree.python, *options, "-c", show],
                env={}, cwd="/", capture_output=True, text=True, check=True,
            ).stdout.strip()
            for options in ([], ["-I"], ["-P"])
        }  # fmt: skip

    (before,) = versions()
    source = tree.put(mutant)
    assert versions() == {f"XX{before}"}
    tree.restore(mutant, source)
    assert versions() == {before}


def test_the_last_verdict_counts(tmp_path: Path) -> None:
    results = tmp_path / "results.jsonl"
    assert read(results) == {}
    rows = [{"key": "a", "verdict": "survived"}, {"key": "b", "verdict": "noticed"}]
    rows.append({"key": "a", "verdict": "noticed"})
    results.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert {key: row["verdict"] for key, row in read(results).items()} == {
        "a": "noticed", "b": "noticed",
    }  # fmt: skip
