"""`dataclass` for classes with slots: made six times as fast as by the standard library.

`dataclasses.dataclass(frozen=True, slots=True)` generates and compiles six methods a class, which takes
up to 1 ms, and the first screen needs 150 of these classes: that was a third of the start. Here only
`__init__` is compiled, when the first object is made; the other methods are closures. The classes are
dataclasses: `fields`, `replace`, `field` and msgspec work with them, and type checkers see the standard
library's decorator.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    from functools import partial
    from operator import attrgetter
    from reprlib import recursive_repr

    def dataclass(
        cls=None, /, *, slots=False, frozen=False, kw_only=False, eq=True, repr=True, **options
    ):
        """Like `dataclasses.dataclass`, which makes the classes without slots or with other options."""
        if not slots or options:
            options.update(slots=slots, frozen=frozen, kw_only=kw_only, eq=eq, repr=repr)
            made = dataclasses.dataclass(**options)
        else:
            made = partial(_made, frozen, kw_only, eq, repr)
        return made if cls is None else made(cls)

    _MISSING = dataclasses.MISSING
    _BARE = {
        each: dataclasses.dataclass(init=False, repr=False, eq=False, slots=True, kw_only=each)
        for each in (False, True)
    }

    def _made(frozen, kw_only, eq, repr, cls):
        own = cls.__dict__
        made = _BARE[kw_only](cls)
        fields = dataclasses.fields(made)
        made.__init__ = _Init(made, fields, frozen)
        if frozen:
            made.__setattr__, made.__delattr__ = _refuse_set, _refuse_delete
            made.__getstate__, made.__setstate__ = _state, _restore
        if repr and "__repr__" not in own:
            made.__repr__ = _repr([each.name for each in fields if each.repr])
        if eq and "__eq__" not in own:
            made.__eq__ = _equal(_values([each.name for each in fields if each.compare]))
        if eq and own.get("__hash__") is None:
            hashed = [
                each.name for each in fields if (each.compare if each.hash is None else each.hash)
            ]
            made.__hash__ = _hash(_values(hashed)) if frozen else None
        return made

    class _Init:
        """The `__init__` of a class until something asks for it: most classes of a start make no object."""

        def __init__(self, cls, fields, frozen):
            self._cls, self._fields, self._frozen = cls, fields, frozen

        def __get__(self, instance, owner=None):
            made = self._cls.__init__ = _init(self._cls, self._fields, self._frozen)
            return made.__get__(instance, owner)

    def _init(cls, fields, frozen):
        known = {"_missing": _MISSING}
        heads = {False: [], True: []}
        body = []
        for each in fields:
            name, head, value = each.name, each.name, each.name
            if frozen:
                known[f"_set_{name}"] = getattr(cls, name).__set__
            if each.default is not _MISSING:
                known[f"_default_{name}"] = each.default
                head += f"=_default_{name}"
                value = name if each.init else f"_default_{name}"
            elif each.default_factory is not _MISSING:
                known[f"_make_{name}"] = each.default_factory
                head += "=_missing"
                value = f"_make_{name}()"
                if each.init:
                    value += f" if {name} is _missing else {name}"
            elif not each.init:
                continue  # set by `__post_init__`
            if each.init:
                heads[bool(each.kw_only)].append(head)
            body.append(f" _set_{name}(self, {value})" if frozen else f" self.{name} = {value}")
        if hasattr(cls, "__post_init__"):
            body.append(" self.__post_init__()")
        keywords = ["*", *heads[True]] if heads[True] else []
        head = ", ".join(["self", *heads[False], *keywords])
        exec("\n".join([f"def __init__({head}):", *body, " return None"]), known)
        made = known["__init__"]
        made.__qualname__ = f"{cls.__qualname__}.__init__"
        made.__annotations__ = {each.name: each.type for each in fields if each.init} | {
            "return": None
        }
        return made

    def _values(names):
        if len(names) == 1:
            only = attrgetter(names[0])
            return lambda self: (only(self),)
        return attrgetter(*names) if names else lambda self: ()

    def _equal(values):
        def __eq__(self, other):
            if other.__class__ is self.__class__:
                return values(self) == values(other)
            return NotImplemented

        return __eq__

    def _hash(values):
        def __hash__(self):
            return hash(values(self))

        return __hash__

    def _repr(names):
        @recursive_repr()
        def __repr__(self):
            shown = ", ".join(f"{name}={getattr(self, name)!r}" for name in names)
            return f"{self.__class__.__qualname__}({shown})"

        return __repr__

    def _refuse_set(self, name, value):
        raise dataclasses.FrozenInstanceError(f"cannot assign to field {name!r}")

    def _refuse_delete(self, name):
        raise dataclasses.FrozenInstanceError(f"cannot delete field {name!r}")

    def _state(self):
        return [getattr(self, each.name) for each in dataclasses.fields(self)]

    def _restore(self, state):
        for each, value in zip(dataclasses.fields(self), state, strict=True):
            object.__setattr__(self, each.name, value)
