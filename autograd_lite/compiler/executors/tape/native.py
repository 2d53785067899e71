"""The tape interpreter in C: compiled once, then told any tape."""

import ctypes
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np

from autograd_lite.compiler.executors.native import toolchain
from autograd_lite.compiler.executors.native.kernels import template
from autograd_lite.compiler.executors.tape.fusion import FUSED, fused
from autograd_lite.compiler.executors.tape.places import lay_out
from autograd_lite.compiler.executors.tape.primitives import C_EXPRESSIONS, OPERANDS
from autograd_lite.compiler.executors.tape.tape import Tape
from autograd_lite.core.values import Array


class _Struct(ctypes.Structure):
    """`struct tape` of tape.c."""

    _fields_ = [
        ("words", ctypes.c_void_p),
        ("v", ctypes.c_void_p),
        ("inputs", ctypes.c_int64),
        ("leaves", ctypes.c_int64),
        ("updates", ctypes.c_int64),
        ("outputs", ctypes.c_int64),
        ("buffers", ctypes.c_void_p),
        ("updated", ctypes.c_void_p),
        ("results", ctypes.c_void_p),
    ]


OPERATIONS = {**C_EXPRESSIONS, **FUSED}
OPCODES = {name: number for number, name in enumerate([*OPERATIONS, "Stop"])}


def interpreter_source() -> str:
    """The interpreter in C, with the list of its operations."""
    lines = [f"OF({_arity(text)}, {name}, {text})" for name, text in OPERATIONS.items()]
    text = template("tape.c", package=__package__)
    text = text.replace("ELEMENTARY_FUNCTIONS", template("elementary.h"))
    return text.replace("LIST_OF_OPERATIONS", " \\\n    ".join(["", *lines]))


def _arity(text: str) -> int:
    return max(i for i, name in enumerate(OPERANDS, 1) if re.search(rf"\b{name}\b", text))


@lru_cache(maxsize=1)
def interpreter() -> Any:
    """The compiled `run_tape`; raises ExecutorUnavailable if there is no compiler."""
    run_tape = toolchain.load(interpreter_source()).run_tape
    pointer, integer = ctypes.c_void_p, ctypes.c_int64
    run_tape.argtypes = [pointer, pointer, pointer, integer, integer, pointer]
    run_tape.restype = None
    return run_tape


class NativeTape:
    """A tape that the interpreter plays, with the memory it needs."""

    def __init__(self, tape: Tape, buffers: Sequence[Array]) -> None:
        self.run_tape, layout = interpreter(), lay_out(tape, OPCODES)
        self.tape, self.width = tape, len(tape.outputs)
        values = np.zeros(layout.places)
        values[list(layout.constants)] = list(layout.constants.values())
        self.memory: list[Array] = [
            np.array(layout.words, np.int32),
            values,
            np.array([buffer.ctypes.data for buffer in buffers], np.uintp),
            np.array(sorted(leaf - tape.inputs for leaf in tape.updates), np.int32),
            np.array(layout.outputs, np.int32),
            *buffers,
        ]
        words, v, addresses, updated, results = (x.ctypes.data for x in self.memory[:5])
        counts = (tape.inputs, tape.leaves, len(tape.updates), len(tape.outputs))
        self.struct = _Struct(words, v, *counts, addresses, updated, results)
        self.address = ctypes.addressof(self.struct)

    @property
    def source(self) -> str:
        """The tape to be read, an operation a line."""
        lines = [f"%{x} = Constant {value!r}" for x, value in self.tape.constants.items()]
        for number, (name, operands) in fused(self.tape).items():
            lines.append(f"%{number} = {name}({', '.join(f'%{x}' for x in operands)})")
        return "\n".join(lines)

    def play(self, data: Sequence[Array], order: Array | None, start: int, stop: int) -> Array:
        """The outputs of some steps, one row each, from a column of numbers for each input."""
        rows = np.empty((stop - start, self.width))
        columns = np.array([column.ctypes.data for column in data], np.uintp)
        chosen = None if order is None else order.ctypes.data
        self.run_tape(self.address, columns.ctypes.data, chosen, start, stop, rows.ctypes.data)
        return rows
