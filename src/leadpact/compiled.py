"""Compiled: loops that Numba turns into machine code, or plain Python where it can't.

A compiled function is prepared at its first call, so that importing it costs nothing: Numba alone
takes half a second to import. What was compiled is kept on disk for the next process.
"""

import importlib
import importlib.util
import os
from collections.abc import Callable, Iterator
from functools import cache, cached_property, update_wrapper
from types import FunctionType, ModuleType
from typing import Any, TypeVar, cast

F = TypeVar("F", bound=Callable[..., Any])

# Small functions that pass dozens of arrays on cost nothing only as one piece of machine code that
# doesn't count references: the sweep runs thirty times as fast.
_OPTIONS = {"nogil": True, "forceinline": True, "_nrt": False}


def compiled(function: F) -> F:
    """`function`, compiled at its first call; itself where the compiler is missing or switched off.

    The environment variables ``LEADPACT_UNCOMPILED=1`` and ``NUMBA_DISABLE_JIT=1`` switch it off.
    Compiled functions may call each other; they are given the arrays that they fill, and make
    none themselves.
    """
    return cast("F", _Compiled(function)) if _is_wanted() else function


def is_compiled() -> bool:
    """Whether compiled functions run as machine code here (else as plain Python, slower)."""
    return _is_wanted() and _numba() is not None


def _is_wanted() -> bool:
    switched_off = any(
        os.environ.get(name, "0") not in {"", "0"}
        for name in ("LEADPACT_UNCOMPILED", "NUMBA_DISABLE_JIT")
    )
    return not switched_off and importlib.util.find_spec("numba") is not None


@cache
def _numba() -> Any:
    try:
        return importlib.import_module("numba")
    except ImportError:  # installed, but not for this Python or this NumPy
        return None


class _Compiled:
    """A function that becomes Numba's at its first call, or when another one is compiled."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.py_func = function
        update_wrapper(self, function)

    def __call__(self, *args: Any) -> Any:
        return self._machine(*args)

    @property
    def _numba_type_(self) -> Any:
        """Numba asks for this where a compiled function calls another one."""
        return self._machine._numba_type_

    @cached_property
    def _machine(self) -> Any:
        if (numba := _numba()) is None:
            return self.py_func
        try:
            machine = numba.njit(cache=True, **_OPTIONS)(self.py_func)
        except RuntimeError:  # no folder of the cache can be written
            return numba.njit(**_OPTIONS)(self.py_func)
        _watch_callees(machine, self.py_func)
        return machine


def _watch_callees(machine: Any, function: Any) -> None:
    """Recompile when a called function or a constant changes: Numba watches only the own file."""
    index: Any = getattr(getattr(machine, "_cache", None), "_cache_file", None)
    own = getattr(index, "_source_stamp", None)
    if own is None:  # this release of Numba keeps its cache in another way
        return
    callees = sorted(_digest(callee) for callee in _callees(function, set()))
    index._source_stamp = (own, str(_OPTIONS), _digest(function), *callees)  # noqa: SLF001


def _callees(function: Any, seen: set[Any]) -> Iterator[FunctionType]:
    """The functions that `function` calls compiled, however deep."""
    for value in _named_values(function):
        if isinstance(value, _Compiled) and value.py_func not in seen:
            seen.add(value.py_func)
            yield cast("FunctionType", value.py_func)
            yield from _callees(value.py_func, seen)


def _named_values(function: FunctionType) -> Iterator[Any]:
    names = function.__code__.co_names
    for name in names:
        value = function.__globals__.get(name)
        yield value
        if isinstance(value, ModuleType):
            yield from (getattr(value, inner, None) for inner in names)


@cache
def _digest(function: FunctionType) -> str:
    """What a function does, as it is in memory: its file may have changed since it was read."""
    import hashlib

    code = function.__code__
    constants = [value for value in _named_values(function) if isinstance(value, int | str)]
    told = (code.co_name, code.co_code.hex(), code.co_consts, code.co_names, constants)
    return hashlib.sha256(repr(told).encode()).hexdigest()
