"""Graphs of models in folders of a cache: written once, checked by their sums, mapped by ONNX Runtime."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock

from rag.atomic_folder import DISCARDED, draft, file_sums, first_damaged, publish

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

# Threads wait busily for 0.1 ms, then sleep, and share out their work in small blocks: on two quiet cores a question
# takes 2.1 ms (never busy: 2.9 ms), and on crowded ones the processor's time is not wasted (by default: +50 %).
SESSION_OPTIONS = {"session.intra_op.spin_duration_us": "100", "session.dynamic_block_base": "4"}
SUMS, LOCK, DRAFT = "sums.json", ".model.lock", ".model-"
# Files that graphs in memory point to are looked for below this folder.
ROOT = "session.model_external_initializers_file_folder_path"


def keep(folder: Path, write: Callable[[Path], None]) -> None:
    """Let `write` fill a folder that is to be kept, unless a sound one is there. Raises OSError."""
    if _is_sound(folder):
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.parent / LOCK):
        if _is_sound(folder):  # written by another process while this one waited
            return
        for left in [*folder.parent.glob(f"{DRAFT}*/"), *folder.parent.glob(f"{DISCARDED}*/")]:
            shutil.rmtree(left, ignore_errors=True)
        with draft(folder.parent, DRAFT) as new:
            write(new)
            (new / SUMS).write_text(json.dumps(file_sums(new), indent=1), "utf-8")
            publish(new, folder)


def _is_sound(folder: Path) -> bool:
    try:
        sums = json.loads((folder / SUMS).read_text("utf-8"))
        return bool(sums) and first_damaged(folder, sums) is None
    except (OSError, ValueError, AttributeError):
        return False


def open_session(graph: Path, root: Path, threads: int = 0) -> InferenceSession:
    """Open a graph whose files are named from the folder `root`; 0 threads are as many as there are processors.

    Raises OSError where it cannot be read.
    """
    # Otherwise it reports every session to its maker's server; read when it is imported.
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    for name, value in {**SESSION_OPTIONS, ROOT: str(root)}.items():
        options.add_session_config_entry(name, value)
    return onnxruntime.InferenceSession(graph.read_bytes(), options, providers=["CPUExecutionProvider"])
