"""The shapes of the API: each has a name of its own, by which the reference tells it from others."""

import importlib
import inspect
import pkgutil
from collections import Counter

from ninja import Schema

from leaddesk import api


def test_no_two_shapes_share_a_name():
    modules = [
        importlib.import_module(f"{api.__name__}.{one.name}")
        for one in pkgutil.iter_modules(api.__path__)
    ]
    shapes = {
        shape
        for module in modules
        for _name, shape in inspect.getmembers(module, inspect.isclass)
        if issubclass(shape, Schema) and shape.__module__.startswith(api.__name__)
    }
    names = Counter(shape.__name__ for shape in shapes)
    assert [name for name, count in names.items() if count > 1] == []
    assert len(names) > 100
