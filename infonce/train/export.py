# pyright: reportUnknownMemberType=false, reportUnknownArgumentType=false
# pyright: reportUnknownVariableType=false
# (NumPy and torch leave buffers without types)
r"""A trained emoji CLIP in a form that a browser can read: one JSON file and one binary file.

`NAME.json` lists the arrays of `NAME.bin`: `type` (`int8` or `float32`, little-endian), `shape`,
and `start` in bytes. An `int8` matrix has an array `NAME scale` beside it: row `i` is
`scale[i]` times its bytes.

A text becomes an embedding in these steps, all of them in `read_text`:

1. n-grams of the lower-cased text (`ngrams`), each hashed to a row of `table` (`token`);
2. their mean, repeats counted; layer norm with `norm weight`, `norm bias`, epsilon 1e-5;
3. `hidden weight`, `hidden bias`, GELU with the error function;
4. `head weight`, `head bias`; divide by the length.

`early` holds both embeddings of a few new ideas, the rows of `pool`, after each of `steps`:
pictures, then captions, step by step (`read_early`).

`images` holds the embedding of every emoji in the unseen style (`ClipTask.image`), in the order of
`names` and of the cells of the sheet, 40 a row; divide each by its length. The caption of an emoji
is its name, then its keywords; `new` lists the rows whose idea training never saw, `scale` is what
training multiplied cosines with. `golden` are texts with what has to come out.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from infonce.retrieval import retrieval_ranks
from infonce.train.captions import ngrams, token
from infonce.train.data import emoji_table
from infonce.train.evaluation import embeddings

__all__ = ["export", "quantise", "read_early", "read_images", "read_text"]

_TEXTS = ("cat", "smiling face", "Fußball", "a red heart", "cold weather")


def quantise(x: Tensor) -> tuple[Tensor, Tensor]:
    r"""A matrix as bytes, with one scale a row: the largest entry of a row becomes 127.

    Args:
        x: shape `(n, d)`.

    Returns:
        int8 `(n, d)` and float32 `(n,)`; `bytes * scale` is within half a scale of `x`.

    Source:
        Ours; symmetric rounding with one scale a row is common practice.

    Examples:
        >>> bytes_, scale = quantise(torch.tensor([[1.0, -0.5, 0.0]]))
        >>> print(bytes_.tolist(), f"{scale.item() * 127:.4f}")
        [[127, -64, 0]] 1.0000
    """
    scale = x.abs().amax(1).clamp(min=1e-12) / 127
    return (x / scale[:, None]).round().to(torch.int8), scale


def export(
    task: Any, path: Path, *, style: str = "fluent", early: Mapping[int, Any] | None = None
) -> dict[str, Any]:
    """Write a CLIP's text tower and image embeddings.

    Args:
        task: a `ClipTask` with trained weights.
        path: of the two files, without their endings.
        style: whose pictures are embedded.
        early: number of steps -> the task after so many (`first_steps`), in their order.

    Returns:
        What the JSON file holds.

    Source:
        Ours.
    """
    weights = {k: v.float() for k, v in task.model.text.state_dict().items()}
    z = embeddings(task, style)
    arrays: dict[str, Tensor] = {}
    for name, matrix in {
        "table": weights["table.weight"],
        "hidden weight": weights["hidden.weight"],
        "head weight": weights["head.weight"],
        "images": z["image"],
    }.items():
        arrays[name], arrays[f"{name} scale"] = quantise(matrix)
    table = emoji_table()
    new = torch.tensor([e.row for e in table if e.split == "heldout"])
    pool = new[::10]
    if early:
        both = [embeddings(before, style) for before in early.values()]
        rows = torch.cat([z[side][pool] for z in both for side in ("image", "text")])
        arrays["early"], arrays["early scale"] = quantise(rows)
    for name in ("norm.weight", "norm.bias", "hidden.bias", "head.bias"):
        arrays[name.replace(".", " ")] = weights[name]
    content, listed = bytearray(), {}
    for name, x in sorted(arrays.items(), key=lambda item: item[1].dtype != torch.float32):
        kind = "int8" if x.dtype == torch.int8 else "float32"
        listed[name] = {"type": kind, "shape": list(x.shape), "start": len(content)}
        content += x.contiguous().numpy().tobytes()
    file: dict[str, Any] = {"tokens": len(arrays["table"]), "style": style, "arrays": listed}
    reader = file | {"bytes": content}
    images = read_images(reader)
    texts = torch.stack([read_text(reader, " ".join([e.name, *e.keywords])) for e in table])
    file["accuracy"] = {
        name: {
            f"image to text, {which}: R@{k}": (ranks <= k).double().mean().item()
            for which, ranks in (
                ("seen", retrieval_ranks(a, b)[task.rows]),
                ("new", retrieval_ranks(a[new], b[new])),
            )
            for k in (1, 10)
        }
        for name, (a, b) in {
            "as trained": (z["image"], z["text"]),
            "in bytes": (images, texts),
        }.items()
    }
    golden = {text: read_text(reader, text) for text in _TEXTS}
    file["golden"] = [
        {
            "text": text,
            "tokens": [token(n, file["tokens"]) for n in ngrams(text)],
            "embedding": [round(v, 6) for v in x.tolist()],
            "nearest": (images @ x).topk(5).indices.tolist(),
        }
        for text, x in golden.items()
    ]
    file["scale"] = task.model.log_scale.exp().item()
    file["new"], file["pool"] = new.tolist(), pool.tolist()
    file["steps"] = list(early or ())
    file["names"] = [e.name for e in table]
    file["keywords"] = [" ".join(e.keywords) for e in table]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.with_suffix(".bin").write_bytes(content)
    text = json.dumps(file, ensure_ascii=False)
    path.with_suffix(".json").write_text(text + "\n", encoding="utf-8")
    return file


def read_text(file: dict[str, Any], text: str) -> Tensor:
    """Embed a text with an exported tower, step by step as a browser does.

    Args:
        file: the JSON file, with the content of the binary one under `"bytes"`.
        text: any with a word in it.

    Returns:
        A unit vector, in float64 as browsers compute.

    Source:
        Ours.
    """
    rows = [token(n, file["tokens"]) for n in ngrams(text)]
    table, scale = _array(file, "table"), _array(file, "table scale")
    x = (table[rows] * scale[rows, None]).mean(0)
    x = (x - x.mean()) / (x.var(correction=0) + 1e-5).sqrt()
    x = x * _array(file, "norm weight") + _array(file, "norm bias")
    for layer in ("hidden", "head"):
        matrix = _array(file, f"{layer} weight") * _array(file, f"{layer} weight scale")[:, None]
        x = matrix @ x + _array(file, f"{layer} bias")
        if layer == "hidden":
            x = x * 0.5 * (1 + torch.erf(x / 2**0.5))
    return x / x.norm()


def read_images(file: dict[str, Any]) -> Tensor:
    """The unit vectors of all pictures, in the order of `names`.

    Args:
        file: as for `read_text`.

    Returns:
        float64, shape `(n, d)`.

    Source:
        Ours.
    """
    images = _array(file, "images") * _array(file, "images scale")[:, None]
    return images / images.norm(dim=1, keepdim=True)


def read_early(file: dict[str, Any], step: int) -> tuple[Tensor, Tensor]:
    """The pictures and the captions of the pool early in training.

    Args:
        file: as for `read_text`.
        step: one of `steps`.

    Returns:
        Unit vectors in float64, twice of shape `(len(pool), d)`.

    Source:
        Ours.
    """
    z = _array(file, "early") * _array(file, "early scale")[:, None]
    z = (z / z.norm(dim=1, keepdim=True)).view(len(file["steps"]), 2, -1, z.shape[1])
    x, y = z[file["steps"].index(step)]
    return x, y


def _array(file: dict[str, Any], name: str) -> Tensor:
    about = file["arrays"][name]
    count, kind = int(np.prod(about["shape"])), np.dtype(about["type"])
    found = np.frombuffer(file["bytes"], kind, count, about["start"])
    return torch.from_numpy(found.reshape(about["shape"]).astype(np.float64))
