"""Run the notebooks for Colab where all is as in Colab: its versions, an empty folder, no checkout.

python scripts/colab.py [ch08 ...]   each notebook as it is ("Run all"), then with its solutions
python scripts/colab.py --check      every module, every shipped model, two notebooks (`make test`)
python scripts/colab.py --oldest     modules and models on the oldest versions of pyproject.toml

The environments lie in _build/colab, and are made again when a version in them changes. The data
are drawn unless ASL_OFFLINE=0 lets the notebooks ask Kaggle.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from notebooks import TRACKER

ROOT = Path(__file__).resolve().parent.parent
PINS = (ROOT / "tests" / "colab_versions.txt").read_text(encoding="utf-8").splitlines()
# Neither names a version of its own that goes with TensorFlow's oldest.
OLDEST = ("ipykernel", "opencv-python-headless", "tensorflow-metadata<1.18")
CHECKED = ("ch09", "ch18")  # the shortest of Part 2 and of Part 4
AT_ONCE = 2
LOADS = """
import importlib, pkgutil
import keras, numpy as np, tensorflow as tf
import asl_helpers
from asl_helpers import classifier, transfer

for module in pkgutil.walk_packages(asl_helpers.__path__, "asl_helpers."):
    try:
        importlib.import_module(module.name)
    except Exception as error:
        # TFDS itself cannot be used with the protobuf that Colab lists; no notebook needs it.
        if module.name != "asl_helpers.datasets.builders":
            raise
for name in classifier.SHIPPED:
    model = classifier.load(name)
    shape = (21, 3) if model.reads == "landmarks" else model.shape
    rows = model.probabilities(np.random.default_rng(0).random((3, *shape), np.float32))
    assert rows.shape == (3, len(model.classes)) and np.allclose(rows.sum(axis=1), 1, atol=1e-4)
assert transfer.backbone(weights="drawn")(np.zeros((1, 96, 96, 3))).shape == (1, 3, 3, 1280)
print(f"Every module and shipped model loads: Keras {keras.__version__}, "
      f"TensorFlow {tf.__version__}, NumPy {np.__version__}")
"""


def main(arguments: list[str]) -> int:
    os.environ.setdefault("ASL_OFFLINE", "1")
    start = time.monotonic()
    if arguments == ["--oldest"]:
        project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        needed = project["dependencies"] + project["optional-dependencies"]["tensorflow"]
        pins = [each.replace(">=", "==") for each in needed]
        return loads(environment("oldest", python("3.11", "3.12", "3.13"), [*pins, *OLDEST]))
    pins = [line for line in PINS if re.match(r"(?!python==)[\w-]+==\d", line)]
    colab = environment("colab", python("3.13", "3.12", "3.11"), pins)
    failed = 0
    if arguments == ["--check"]:
        failed += loads(colab)
    chosen = CHECKED if arguments == ["--check"] else arguments
    paths = sorted((ROOT / "notebooks").rglob("*.ipynb"))
    paths = [path for path in paths if not chosen or path.stem.split("_")[0] in chosen]
    if missing := set(chosen) - {path.stem.split("_")[0] for path in paths}:
        print(f"No notebook {', '.join(sorted(missing))} in notebooks/.")
        return 2
    runs = [(path, False) for path in paths]
    runs += [] if arguments == ["--check"] else [(path, True) for path in paths]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for lines in pool.map(lambda run: execute(*run, colab), runs):
            print(*lines, sep="\n  ", flush=True)
            failed += len(lines) > 1
    print(f"{len(runs)} runs, {failed} failed in {time.monotonic() - start:.2f}s")
    return 1 if failed else 0


def python(*versions: str) -> str:
    """Return the first of these Pythons that the machine has; say which."""
    for version in versions:
        pyenv = sorted((Path.home() / ".pyenv" / "versions").glob(f"{version}.*/bin/python3"))
        for name in (f"python{version}", *map(str, pyenv)):
            test = [name, "-c", "import ensurepip, ssl"]
            if shutil.which(name) and not subprocess.run(test, capture_output=True).returncode:
                print(f"Python {version} ({shutil.which(name)})", flush=True)
                return name
    sys.exit(f"None of Python {', '.join(versions)} is here. Install one, then run this again.")


def environment(name: str, made_by: str, pins: list[str]) -> Path:
    """Return the Python of an environment with these versions and the package of this checkout."""
    key = hashlib.sha256("\n".join([made_by, *pins, *TRACKER]).encode()).hexdigest()[:12]
    folder = ROOT / "_build" / "colab" / f"{name}-{key}"
    inside = folder / "bin" / "python"
    if not (folder / ".ready").is_file():
        start = time.monotonic()
        shutil.rmtree(folder, ignore_errors=True)
        _run(made_by, "-m", "venv", folder)
        _pip(inside, *pins)
        _pip(inside, "--no-deps", *TRACKER)
        _stand_in(inside)
        subprocess.run([inside, "-m", "compileall", "-qq", folder / "lib"], capture_output=True)
    with tempfile.TemporaryDirectory() as wheels:
        build = ("-m", "hatchling", "build", "--target", "wheel", "--directory", wheels)
        _run(sys.executable, *build, cwd=ROOT)
        _pip(inside, "--no-deps", "--force-reinstall", *Path(wheels).glob("*.whl"))
    if not (folder / ".ready").is_file():
        share = {"ASL_CACHE_DIR": str(folder / "share" / "asl"), "ASL_OFFLINE": "0"}
        _run(inside, "-m", "asl_helpers.tracking", env={**os.environ, **share})
        (folder / ".ready").touch()
        print(f"Made {folder.relative_to(ROOT)} in {time.monotonic() - start:.0f} s", flush=True)
    return inside


def loads(inside: Path) -> int:
    """Import every module and load every shipped model; return 1 where one fails."""
    with tempfile.TemporaryDirectory() as empty:
        command, env = [inside, "-c", LOADS], _environ(empty)
        done = subprocess.run(command, cwd=empty, env=env, stderr=subprocess.PIPE)
    print(done.stderr.decode()[-2000:] if done.returncode else "", end="", flush=True)
    return int(done.returncode != 0)


def execute(path: Path, solved: bool, inside: Path) -> list[str]:
    """Run a notebook in an empty folder; return a line of what ran, and one for each failure."""
    notebook = nbformat.read(path, as_version=4)
    for index, cell in enumerate(notebook.cells):
        cell.source = re.sub(r"%pip .*", "pass", cell.source)  # this checkout's is installed
        if solved and "# YOUR CODE HERE" in cell.source:
            later = "\n".join(each.source for each in notebook.cells[index + 1 :])
            fold = later.split("<summary>Solution</summary>")[1]
            cell.source = re.search(r"```python\n(.*?)\n```", fold, re.DOTALL)[1]
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as empty:
        options = {"kernel_name": "colab", "timeout": 600, "allow_errors": True}
        client = NotebookClient(notebook, resources={"metadata": {"path": empty}}, **options)
        client.create_kernel_manager()
        client.km.kernel_spec_manager.kernel_dirs = [
            str(inside.parents[1] / "share/jupyter/kernels")
        ]
        client.execute(env=_environ(empty))
    way = "with solutions" if solved else "as it is"
    head = f"{path.stem.split('_')[0]} {way}: {time.monotonic() - start:.0f} s"
    return [head, *_failures(notebook, solved)]


def _failures(notebook: nbformat.NotebookNode, solved: bool) -> list[str]:
    """Return a line for each cell that raised, and for each check that said what it should not."""
    lines = []
    for cell in notebook.cells:
        outputs = cell.get("outputs", [])
        said = "".join(output.text for output in outputs if output.output_type == "stream")
        if ".or_reference(" in cell.source and solved == ("course's own answer" in said):
            last = (said.strip().splitlines() or ["nothing"])[0]
            lines.append(f"{cell.id}: the check says {last!r}")
        lines += [
            f"{cell.id}: {output.ename}: {output.evalue.splitlines()[0] if output.evalue else ''}"
            for output in outputs
            if output.output_type == "error"
        ]
    return lines


def _stand_in(inside: Path) -> None:
    """Put a package google.colab into an environment, there in every process as in Colab."""
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    site = Path(
        subprocess.run([inside, "-c", where], capture_output=True, text=True).stdout.strip()
    )
    package = site / "google" / "colab"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", encoding="utf-8")
    (package / "output.py").write_text(
        "def eval_js(*given, **options):\n"
        '    raise RuntimeError("NotFoundError: no browser, so no camera")\n',
        encoding="utf-8",
    )
    (site / "colab.pth").write_text("import google.colab\n", encoding="utf-8")
    _run(inside, "-m", "ipykernel", "install", "--prefix", inside.parents[1], "--name", "colab")


def _environ(empty: str) -> dict[str, str]:
    """Return this process's environment less what Colab's has not, and without chatter."""
    dropped = ("PYTHONPATH", "ASL_DATA_DIR", "ASL_PROFILE")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return {**kept, **quiet, "ASL_CACHE_DIR": f"{empty}/.cache"}


def _pip(inside: Path, *what: str | Path) -> None:
    _run(inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", *what)


def _run(*command: str | Path, **options) -> None:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        words = [str(each) for each in command[:6]]
        sys.exit(f"{' '.join(words)} ... failed:\n{done.stdout[-500:]}{done.stderr[-1500:]}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
