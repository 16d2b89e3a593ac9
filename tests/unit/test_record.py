"""`record.dataclass` makes what `dataclasses.dataclass` makes."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

import msgspec
import pytest

from ecs_tui import record

Decorator = Callable[..., Any]
ItemT = TypeVar("ItemT")


def classes(dataclass: Decorator) -> dict[str, type]:
    """The same classes, made by one decorator."""

    @dataclass(frozen=True, slots=True)
    class Empty:
        """No field."""

    @dataclass(frozen=True, slots=True)
    class One:
        """One field, and what is none."""

        name: str
        KIND: ClassVar[str] = "one"

        @property
        def upper(self) -> str:
            return self.name.upper()

    @dataclass(frozen=True, slots=True)
    class Many(Generic[ItemT]):
        """Each kind of field."""

        name: str
        count: int = 0
        items: tuple[ItemT, ...] = ()
        made: list[int] = dataclasses.field(default_factory=list, hash=False)
        aside: object = dataclasses.field(default=None, compare=False)
        hidden: str = dataclasses.field(default="", repr=False)
        later: int = dataclasses.field(default=7, kw_only=True)

    @dataclass(frozen=True, slots=True)
    class Below(One):
        """Inherits."""

        more: str = "more"
        once: str = dataclasses.field(init=False, default="once")
        parts: list[str] = dataclasses.field(init=False, default_factory=list, hash=False)

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Named:
        """Fields by name only."""

        name: str = "name"
        count: int

    @dataclass(frozen=True, slots=True)
    class Checked:
        """With methods of its own."""

        value: int

        def __post_init__(self) -> None:
            if self.value < 0:
                raise ValueError(self.value)

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Checked) and self.value % 10 == other.value % 10

        def __hash__(self) -> int:
            return self.value % 10

        def __repr__(self) -> str:
            return f"<{self.value}>"

    return {each.__name__: each for each in (Empty, One, Many, Below, Named, Checked)}


OURS, THEIRS = classes(record.dataclass), classes(dataclasses.dataclass)
SAMPLES: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("Empty", (), {}),
    ("One", ("a",), {}),
    ("Many", ("a",), {}),
    ("Many", ("a", 1, (2,), [3], "aside", "hidden"), {"later": 4}),
    ("Many", (), {"name": "a", "items": ("x",)}),
    ("Below", ("a", "b"), {}),
    ("Below", ("a",), {}),
    ("Named", (), {"count": 1}),
    ("Named", (), {"count": 1, "name": "a"}),
    ("Checked", (12,), {}),
]


def both(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> list[Any]:
    """The same object of both."""
    return [made[name](*args, **options) for made in (OURS, THEIRS)]


@pytest.mark.parametrize(("name", "args", "options"), SAMPLES)
def test_objects_are_alike(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    ours, theirs = both(name, args, options)
    assert repr(ours) == repr(theirs)
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert [each.name for each in dataclasses.fields(ours)] == [
        each.name for each in dataclasses.fields(theirs)
    ]
    assert inspect.signature(type(ours)).parameters.keys() == (
        inspect.signature(type(theirs)).parameters.keys()
    )
    assert hash(ours) == hash(theirs)
    again = OURS[name](*args, **options)
    assert again == ours and hash(again) == hash(ours)
    assert ours != theirs, "another class"
    for way in (copy.copy, copy.deepcopy):
        assert way(ours) == ours and way(ours) is not ours
    assert not hasattr(ours, "__dict__")
    assert type(ours).__match_args__ == type(theirs).__match_args__
    for each in dataclasses.fields(ours):
        with pytest.raises(
            dataclasses.FrozenInstanceError, match=f"cannot assign to field '{each.name}'"
        ):
            setattr(ours, each.name, 1)
        with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete"):
            delattr(ours, each.name)


def test_what_counts_in_a_comparison() -> None:
    for made in (OURS, THEIRS):
        many = made["Many"]
        assert many("a", aside=1) == many("a", aside=2)
        assert many("a", made=[1]) != many("a", made=[2])
        assert hash(many("a", made=[1])) == hash(many("a", made=[2]))
        assert many("a").made is not many("a").made
        assert dataclasses.replace(many("a", 1), count=2) == many("a", 2)
        with pytest.raises(TypeError):
            many()
        with pytest.raises(TypeError):
            many("a", unknown=1)
        with pytest.raises(ValueError, match="-1"):
            made["Checked"](-1)


@record.dataclass(frozen=True, slots=True)
class Kept:
    """A class of this module: pickle finds it by its name."""

    name: str
    parts: tuple[int, ...] = ()


def test_it_is_read_and_written() -> None:
    kept = Kept("a", (1, 2))
    assert pickle.loads(pickle.dumps(kept)) == kept
    assert msgspec.json.encode(kept) == b'{"name":"a","parts":[1,2]}'
    assert msgspec.json.decode(b'{"name":"a","parts":[1,2]}', type=Kept) == kept
    assert msgspec.convert({"name": "b"}, Kept) == Kept("b")


def changeable(dataclass: Decorator) -> list[Any]:
    """An object of each kind of class that is not frozen."""

    @dataclass
    class Plain:
        count: int = 0

    @dataclass(slots=True)
    class Slotted:
        count: int = 0

    @dataclass(slots=True, eq=False)
    class Itself:
        count: int = 0

    @dataclass(slots=True, repr=False)
    class Unnamed:
        count: int = 0

    @dataclass(slots=True)
    class Inside:
        start: int = 0
        count: int = dataclasses.field(init=False, default=0)
        found: list[int] = dataclasses.field(init=False, default_factory=list)
        total: int = dataclasses.field(init=False)

        def __post_init__(self) -> None:
            self.total = self.start + len(self.found)

    return [Plain(), Slotted(), Itself(), Unnamed(), Inside()]


@pytest.mark.parametrize("number", range(5))
def test_what_is_not_frozen_can_be_changed(number: int) -> None:
    for dataclass in (record.dataclass, dataclasses.dataclass):
        one, other = changeable(dataclass)[number], copy.copy(changeable(dataclass)[number])
        assert hasattr(one, "__dict__") == (number == 0)
        assert (one == copy.copy(one)) == (number != 2)
        assert (type(one).__hash__ is None) == (number != 2)
        assert ("count=0" in repr(one)) == (number != 3)
        one.count = 2
        assert one.count == 2 and other.count == 0
