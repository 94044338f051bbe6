"""What was fitted on plan reports and is added to the embedded model's weights: matrices of low rank.

An adapter (LoRA; Hu et al. 2021) is added once, when the model is read, so that it costs nothing where it serves. It is
fitted by `python -m eval.fit_embedder` (docs/adr/0051).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import torch

Kind = Literal["mixed", "out", "inner", "outer"]
"""The matrices of a layer."""
KINDS: tuple[Kind, ...] = get_args(Kind)
FILE = Path(__file__).parent / "adapter.npz"
"""The one that ships."""


@dataclass(frozen=True)
class Adapter:
    """What is added to matrices: by kind `down` (layers, parts, rank, inputs) and `up` (layers, parts, outputs, rank).

    The parts of a matrix stand below each other: query, key and value have one each.
    """

    down: Mapping[Kind, torch.Tensor]
    up: Mapping[Kind, torch.Tensor]

    def added(self, kind: Kind, layer: int) -> torch.Tensor:
        """What is added to a layer's matrix of this kind, in its shape."""
        return (self.up[kind][layer] @ self.down[kind][layer]).flatten(0, 1)

    @classmethod
    def read(cls, path: Path) -> Adapter:
        """Read what `write` wrote."""
        with np.load(path, allow_pickle=False) as arrays:
            tensors = {name: torch.from_numpy(arrays[name].astype(np.float32)) for name in arrays.files}
        return cls({kind: tensors[f"{kind}.down"] for kind in KINDS}, {kind: tensors[f"{kind}.up"] for kind in KINDS})

    def write(self, path: Path) -> None:
        """Write it in half precision."""
        sides = {"down": self.down, "up": self.up}
        arrays = {
            f"{kind}.{side}": of_kind[kind].detach().numpy().astype(np.float16)
            for side, of_kind in sides.items()
            for kind in KINDS
        }
        np.savez_compressed(path, allow_pickle=False, **arrays)


def digest(path: Path) -> str:
    """Eight letters that tell one adapter's file from another."""
    return blake2b(path.read_bytes(), digest_size=4).hexdigest()
