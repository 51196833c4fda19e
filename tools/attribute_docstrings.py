"""The strings below the attributes of a class, by which a model says what each of its keys is for.

Pydantic can read them as well (`use_attribute_docstrings`), but whenever models are made: a quarter of the
time in which settings are imported, at each preview, for texts that only the reference of settings shows.
"""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from itertools import pairwise


def attribute_docstrings(cls: type) -> dict[str, str]:
    """Attribute's name -> the string below it, those of the class and of what it inherits from."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__ != "builtins" and not base.__module__.startswith("pydantic"):
            found |= _own(base)
    return found


@functools.cache
def _own(cls: type) -> dict[str, str]:
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    body = definition.body if isinstance(definition, ast.ClassDef) else []
    return {
        statement.target.id: text.value.value
        for statement, text in pairwise(body)
        if isinstance(statement, ast.AnnAssign)
        and isinstance(statement.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }
