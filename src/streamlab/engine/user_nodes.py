"""Node types from a file of Python: the one way in which a call makes code from outside run."""

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

from streamlab.core import ProcessingNode, node_class, node_types, register
from streamlab.core.registry import is_local
from streamlab.errors import FileError

__all__ = ["import_nodes"]


def import_nodes(path: Path) -> list[str]:
    """Run a Python file and register the node classes that it defines; returns the type names.

    The only way in which a call makes code from outside run; a graph file never does. Classes that the file
    registers itself keep the names it gives them. Raises FileError with file and line.
    """
    module = _module(path)
    names = []
    for name, cls in vars(module).items():
        if not (isinstance(cls, type) and issubclass(cls, ProcessingNode)) or name.startswith("_"):
            continue
        if cls.__module__ == module.__name__ and cls.tier != "none":
            names.append(_name_for(name, cls, path))
    if not names:
        raise FileError(
            path, "defines no node type", hint="a class derived from ProcessingNode with a process method"
        )
    return names


def _name_for(name: str, cls: type[ProcessingNode], path: Path) -> str:
    for known in node_types():
        if is_local(known) and node_class(known) is cls:
            return known
    try:
        register(name, cls)
    except ValueError as error:
        raise FileError(path, str(error)) from None
    return name


def _module(path: Path) -> ModuleType:
    name = "streamlab_user_nodes_" + re.sub(r"\W", "_", path.stem)
    spec = importlib.util.spec_from_file_location(name, path)
    if path.suffix != ".py" or spec is None or spec.loader is None:
        raise FileError(path, "not a Python file", hint="--nodes takes a file that ends with .py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations of the classes are looked up there
    try:
        spec.loader.exec_module(module)
    except FileNotFoundError:
        raise FileError(path, "no such file") from None
    except Exception as error:
        del sys.modules[name]
        raise FileError(f"{path}{_line(error, path)}", f"{type(error).__name__}: {error}") from error
    return module


def _line(error: Exception, path: Path) -> str:
    """The line of the user's file at which it went wrong: ``:12``."""
    if isinstance(error, SyntaxError):
        return f":{error.lineno}"
    found = ""
    trace = error.__traceback__
    while trace is not None:
        if Path(trace.tb_frame.f_code.co_filename) == path:
            found = f":{trace.tb_lineno}"
        trace = trace.tb_next
    return found
