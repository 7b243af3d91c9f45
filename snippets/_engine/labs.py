"""Run a lab, a script with Markdown cells, and keep it as a notebook with its outputs."""

import os
import tempfile
from pathlib import Path

import jupytext
import nbformat
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from . import run


def run_lab(path: Path) -> nbformat.NotebookNode:
    """Execute every cell; an exception in one stops the build with its traceback."""
    notebook = jupytext.read(path)
    notebook.metadata = nbformat.from_dict(
        {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        }
    )
    look = f"from snippets._engine import figures; figures.in_notebook({path.stem!r})"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(look))
    with tempfile.TemporaryDirectory() as folder:
        os.environ["OMP_NUM_THREADS"] = "1"
        address = str(Path(folder, "kernel"))  # files, not ports: nobody else listens in
        kernel = KernelManager(kernel_name="python3", transport="ipc", ip=address)
        here = {"metadata": {"path": str(run.ROOT)}}
        try:
            client = NotebookClient(notebook, timeout=600, resources=here, km=kernel)
            client.extra_arguments = ["--log-level=CRITICAL"]
            client.execute()
        finally:
            kernel.shutdown_kernel(now=True)
    del notebook.cells[0]
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number}"
        cell.metadata = nbformat.from_dict({})
        if cell.cell_type == "code":
            cell.execution_count -= 1
        for output in cell.get("outputs", []):
            output.pop("metadata", None)
            if output.output_type in ("display_data", "execute_result"):
                output.metadata = nbformat.from_dict({})
    return notebook


def save(path: Path, folder: Path) -> None:
    """The executed notebook, same bytes whenever the lab and what it uses are the same."""
    nbformat.write(run_lab(path), folder / f"{path.stem}.ipynb")
