r"""Checkpoints that are whole or not there at all.

A file is a line that names the format, a line with the SHA-256 of what follows, then the bytes of
`torch.save`. It is written beside its destination, flushed to the disk and renamed over the old
one in a single step, so whatever interrupts the writing leaves the old file as it was.
"""

import hashlib
import io
import os
from pathlib import Path
from typing import Any

import torch

__all__ = ["CheckpointError", "load_checkpoint", "save_checkpoint"]

_FORMAT = b"infonce checkpoint 1"


class CheckpointError(RuntimeError):
    """A checkpoint cannot be written, read or continued; the file on disk is as it was.

    Source:
        Ours.

    Examples:
        >>> try:
        ...     load_checkpoint(Path("pyproject.toml"), config={})
        ... except CheckpointError as error:
        ...     print(error)
        pyproject.toml is not a checkpoint of this package; it was left as it is
    """


def save_checkpoint(path: Path, state: dict[str, Any]) -> None:
    r"""Write a checkpoint, or leave the old one untouched.

    Args:
        path: the destination; its folder is made if need be.
        state: `"config"` and whatever else is needed to continue: tensors, numbers, strings,
            lists and dictionaries of them.

    Raises:
        CheckpointError: the disk is full or not writable.

    Source:
        Ours; write, flush, rename is the usual order for replacing a file safely.

    Examples:
        >>> from tempfile import TemporaryDirectory
        >>> with TemporaryDirectory() as folder:
        ...     path = Path(folder) / "run" / "checkpoint"
        ...     save_checkpoint(path, {"config": {"seed": 3}, "step": 7})
        ...     print(load_checkpoint(path, config={"seed": 3})["step"])
        7
    """
    buffer = io.BytesIO()
    torch.save(state, buffer)
    payload = buffer.getvalue()
    digest = hashlib.sha256(payload).hexdigest().encode()
    write_whole(path, b"\n".join((_FORMAT, digest, payload)))


def write_whole(path: Path, content: bytes) -> None:
    """Write a file, or leave what was there.

    Raises:
        CheckpointError: the disk is full or not writable.

    Source:
        Ours.
    """
    part = path.with_name(path.name + ".part")  # same folder: a rename cannot cross disks
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise CheckpointError(
            f"cannot write {path}: {error.strerror}; what was there is as it was"
        ) from error


def load_checkpoint(path: Path, config: dict[str, Any] | None) -> dict[str, Any] | None:
    r"""Read a checkpoint that belongs to a configuration.

    Args:
        path: where it may be.
        config: what it must have been made with, every entry equal; None takes any.

    Returns:
        The state that was saved, or None if there is no file.

    Raises:
        CheckpointError: the file is damaged, is something else, or belongs to another
            configuration.

    Source:
        Ours.

    Examples:
        >>> print(load_checkpoint(Path("no such file"), config={}))
        None
    """
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise CheckpointError(f"cannot read {path}: {error.strerror}") from error
    if not content.startswith(_FORMAT + b"\n"):
        raise CheckpointError(f"{path} is not a checkpoint of this package; it was left as it is")
    _, digest, payload = (*content.split(b"\n", 2), b"")[:3]
    if hashlib.sha256(payload).hexdigest().encode() != digest:
        raise CheckpointError(
            f"{path} is damaged (its SHA-256 does not match); it was left as it is. "
            "Delete it to start again"
        )
    state = torch.load(io.BytesIO(payload), weights_only=True)
    found = state["config"]
    wanted = found if config is None else config
    differences = [
        f"{key} {found.get(key, 'absent')} instead of {wanted.get(key, 'absent')}"
        for key in sorted(found.keys() | wanted.keys())
        if found.get(key) != wanted.get(key)
    ]
    if differences:
        raise CheckpointError(
            f"{path} belongs to another run: {', '.join(differences)}; it was left as it is. "
            "Choose another folder or the same settings"
        )
    return state
