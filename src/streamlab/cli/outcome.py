"""How a command ends: exit codes, and errors as one readable block on stderr."""

import errno
import os
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from streamlab.errors import FileError, GraphError, NodeError, ParamError, Problem, StreamLabError

__all__ = [
    "ABORTED",
    "DONE",
    "FAILED",
    "NOT_PASSED",
    "PIPE_CLOSED",
    "REFUSED",
    "TERMINATED",
    "UsageError",
    "block",
    "guarded",
    "show_error",
]

DONE = 0
NOT_PASSED = 1  # a verdict other than PASS, a check of a demo or a benchmark that did not hold
REFUSED = 2  # a graph or a call that is wrong; the same code as for a misspelt option
FAILED = 3  # a node failed, or an output could not be written
ABORTED = 128 + 2  # SIGINT
PIPE_CLOSED = 128 + 13  # SIGPIPE: nobody reads stdout any more
TERMINATED = 128 + 15  # SIGTERM


class UsageError(StreamLabError):
    """A call that cannot be what was meant; ``hint`` says what would do."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.hint = hint
        super().__init__(message)


def guarded(body: Callable[[], int | None], *, with_traceback: bool) -> int:
    """Run the body of a command and return the exit code, whatever happens in it."""
    try:
        code = body() or DONE
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_stdout()
        return PIPE_CLOSED
    except KeyboardInterrupt:
        return ABORTED
    except StreamLabError as error:
        return _refused(error, with_traceback)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO):
            raise
        _forget_stdout()
        show_error(f"the output cannot be written: {error.strerror}", trace=with_traceback)
        return FAILED
    return code


def _refused(error: StreamLabError, with_traceback: bool) -> int:
    show_error(error, trace=with_traceback)
    return FAILED if isinstance(error, NodeError) else REFUSED


def _forget_stdout() -> None:
    """Let what is still in the buffer go nowhere, so that the interpreter's own flush at exit is quiet."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)


def show_error(error: BaseException | str, *, trace: bool = False) -> None:
    """Write an error to stderr: one block, and the traceback only if it was asked for."""
    from rich.console import Console

    if trace and isinstance(error, BaseException):
        traceback.print_exception(error)
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    lines = block(error)
    console.print(f"[bold red]error:[/] {_plain(lines[0])}")
    for line in lines[1:]:
        head, _, rest = line.strip().partition("  ")
        label = head if head in _LABELS else ""
        shown = f"[dim]{label}[/]  {_plain(rest)}" if label else _plain(line.strip())
        console.print(line[: len(line) - len(line.lstrip())] + shown)


_LABELS = ("expected", "found   ", "found", "hint", "where")


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def block(error: BaseException | str) -> list[str]:
    """Return an error as lines: what and where, then indented what was expected, found and would help."""
    if isinstance(error, GraphError | ParamError):
        return _problems(error.title, error.problems)
    if isinstance(error, NodeError):
        return _node_error(error)
    if isinstance(error, FileError):
        text = str(error)
        hint = error.hint
        return [text.removesuffix(f" - {hint}") if hint else text, *_detail("hint", hint)]
    hint = getattr(error, "hint", "")
    text = str(error) or type(error).__name__
    return [text.removesuffix(f" - {hint}") if hint else text, *_detail("hint", hint)]


def _problems(title: str, problems: Iterable[Problem]) -> list[str]:
    listed = list(problems)
    count = f"{len(listed)} problem{'s' if len(listed) != 1 else ''}"
    lines = [f"{title}: {count}" if title else count]
    for problem in listed:
        node = f"  (node {problem.node!r})" if problem.node else ""
        if problem.pointer or node:
            lines.append(f"  {problem.pointer or '/'}{node}")
        deeper = 4 if problem.pointer or node else 2  # no pointer: it is about the document as a whole
        lines.append(f"{' ' * deeper}{problem.message}")
        lines += _detail("expected", problem.expected, deeper + 2)
        lines += _detail("found", problem.found, deeper + 2)
        lines += _detail("hint", problem.hint, deeper + 2)
    return lines


def _node_error(error: NodeError) -> list[str]:
    cause: Any = error.__cause__
    if isinstance(cause, FileError):
        lines = [f"node {error.node_id!r}: {cause}".removesuffix(f" - {cause.hint}" if cause.hint else "\0")]
        lines += _detail("hint", cause.hint)
    else:
        first, *rest = str(error).splitlines()
        lines = [first, *(f"  {line}" for line in rest)]
        hint = getattr(cause, "hint", "")
        lines += _detail("hint", hint if isinstance(hint, str) else "")
    for other in error.others:
        lines.append(f"  also: {other}")
    return lines


def _detail(label: str, text: str, indent: int = 2) -> list[str]:
    return [f"{' ' * indent}{label:<8}  {text}"] if text else []
