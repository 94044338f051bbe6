"""Arrays that grow in a file while they are made, so that they need not fit in memory."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

_HEADER = 128
"""Bytes kept free for the header, whose length depends on the shape; a multiple of 64, so that the data is aligned."""


class ArrayFile:
    """An `.npy` file to which arrays are appended along their first axis; all have one type and one width."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")
        self._file.write(b"\0" * _HEADER)
        self._dtype: np.dtype[Any] | None = None
        self._shape: tuple[int, ...] = (0,)

    def append(self, array: NDArray[Any]) -> None:
        """Add the rows of `array`.

        :raises ValueError: it has another type or width than those before.
        """
        if self._dtype is None:
            self._dtype, self._shape = array.dtype, (0, *array.shape[1:])
        if (array.dtype, array.shape[1:]) != (self._dtype, self._shape[1:]):
            raise ValueError(
                f"{self._path}: {array.dtype} of width {array.shape[1:]} is no {self._dtype} of {self._shape[1:]}"
            )
        self._file.write(np.ascontiguousarray(array).data)
        self._shape = (self._shape[0] + len(array), *self._shape[1:])

    def __enter__(self) -> ArrayFile:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._file as file:
            file.seek(0)
            file.write(_header(self._dtype or np.dtype(np.float32), self._shape))


def _header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """A header of just _HEADER bytes, of version 1 of the format."""
    about = repr({"descr": npy.dtype_to_descr(dtype), "fortran_order": False, "shape": shape})
    length = _HEADER - len(npy.MAGIC_PREFIX) - 4
    return npy.magic(1, 0) + length.to_bytes(2, "little") + f"{about:<{length - 1}}\n".encode("latin1")
