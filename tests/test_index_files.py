from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.files import ArrayFile


def test_arrays_appended_one_after_another_are_read_as_one_and_can_be_mapped(tmp_path: Path) -> None:
    parts = [np.arange(12, dtype=np.float16).reshape(3, 4), np.ones((1, 4), np.float16), np.zeros((0, 4), np.float16)]
    with ArrayFile(tmp_path / "a.npy") as file:
        for part in parts:
            file.append(part)
    mapped = np.load(tmp_path / "a.npy", mmap_mode="r", allow_pickle=False)
    assert isinstance(mapped, np.memmap)
    assert np.array_equal(mapped, np.concatenate(parts))


def test_a_file_to_which_nothing_was_added_is_an_empty_array(tmp_path: Path) -> None:
    with ArrayFile(tmp_path / "a.npy"):
        pass
    assert len(np.load(tmp_path / "a.npy", allow_pickle=False)) == 0


@pytest.mark.parametrize("other", [np.zeros((2, 5), np.float32), np.zeros((2, 4), np.float64)])
def test_another_width_or_type_is_refused_with_both_said(tmp_path: Path, other: np.ndarray) -> None:
    with ArrayFile(tmp_path / "a.npy") as file:
        file.append(np.zeros((2, 4), np.float32))
        with pytest.raises(ValueError, match=r"a\.npy: .* is no float32 of \(4,\)"):
            file.append(other)
