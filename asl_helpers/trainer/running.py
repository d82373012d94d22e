"""One training from a shell: what was asked, its folder while it runs, and what it leaves behind.

While it runs, everything is in a folder beside the output, ``hands.run`` for ``hands.keras``; the
same command goes on where a killed one stopped. Only a finished training writes the model and the
.json that says what it is, and then the folder goes.
"""

import fcntl
import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from asl_helpers.errors import AslError
from asl_helpers.files import atomic_path, check_writable
from asl_helpers.shipping import ship, without_optimizer
from asl_helpers.trainer.errors import TrainError

_SETTINGS = "settings.json"


@dataclass(frozen=True)
class Request:
    """What is to be trained, on what, and how; the fields are the options of ``asl train``.

    Attributes
    ----------
    name:
        One of `making.NAMES`.
    data, split, size, limit:
        As `data.read` takes them.
    epochs, patience, rate, batch_size, seed:
        Of each stage: the most epochs, how many of them without a lower validation loss, Adam's
        rate, examples a step.
    weights, fine_tune, settings:
        As `making.plan` takes them.
    """

    name: str
    data: str
    split: str = "blocks"
    size: int | None = None
    limit: int | None = None
    epochs: int = 10
    patience: int = 3
    rate: float = 1e-3
    batch_size: int = 64
    seed: int = 0
    weights: str | None = None
    fine_tune: int = 0
    settings: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Check the numbers that nothing else checks."""
        for option in ("epochs", "patience", "batch_size"):
            if getattr(self, option) < 1:
                shown = option.replace("_", "-")
                raise TrainError(f"--{shown} {getattr(self, option)}: expected at least 1.")
        if not 0 < self.rate < np.inf:
            raise TrainError(f"--rate {self.rate}: expected a number above 0, such as 0.001.")
        if self.fine_tune < 0:
            raise TrainError(f"--fine-tune {self.fine_tune}: expected 0 or a number of blocks.")


def settings_from(pairs: Sequence[str]) -> dict[str, Any]:
    """Return the settings in such words as ``"alpha=0.35"``; numbers and null are read as JSON."""
    settings: dict[str, Any] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not (name and sign and value):
            raise TrainError(f"--set {pair}: expected NAME=VALUE, such as alpha=0.35.")
        try:
            settings[name] = json.loads(value)
        except ValueError:
            settings[name] = value
    return settings


def train(
    request: Request, out: Path, progress: Callable[[float, int], None] | None = None
) -> dict[str, Any]:
    """Train what ``request`` asks for and write ``out`` and the .json beside it; return its facts.

    Parameters
    ----------
    request:
        The training.
    out:
        A path that ends in ``.keras``.
    progress:
        Called with the epochs done, a fraction within one, and their most.

    Raises
    ------
    TrainError
        If ``out`` is there already from another training, or another one is at work on it;
        further `AslError` for data and models that cannot be.
    """
    from asl_helpers.trainer import making

    out = Path(out)
    if out.suffix != ".keras":
        raise TrainError(f"--out {out}: expected a name that ends in .keras, such as hands.keras.")
    reads = making.reads(request.name)
    folder = out.with_suffix(".run")
    done = _finished(out, request, resumes=(folder / _SETTINGS).is_file())
    if done:
        if (folder / _SETTINGS).is_file():  # killed after its last word
            shutil.rmtree(folder, ignore_errors=True)
        return done
    check_writable(out)
    with _at_work(folder, request):
        try:
            facts = _train(request, reads, folder, out, progress)
        except AslError:
            if not any(folder.glob("*/run.json")):  # nothing is trained, so nothing is lost
                shutil.rmtree(folder, ignore_errors=True)
            raise
    shutil.rmtree(folder, ignore_errors=True)
    return facts


def _train(request: Request, reads: str, folder: Path, out: Path, progress) -> dict[str, Any]:
    from asl_helpers import checkpoints, training
    from asl_helpers.trainer import data, making

    found = data.read(request.data, reads, request.split, request.size, request.seed, request.limit)
    training.set_seed(request.seed)
    plan = making.plan(
        request.name, found, request.rate, request.weights, request.fine_tune, request.settings
    )
    stages = []
    for place, stage in enumerate(plan.stages(folder)):

        def tell(epochs: float, before: int = place * request.epochs) -> None:
            if progress:
                progress(before + epochs, plan.stage_count * request.epochs)

        history = checkpoints.fit(
            stage.model,
            stage.data,
            folder / stage.name,
            epochs=request.epochs,
            batch_size=request.batch_size,
            patience=request.patience,
            learning_rate=stage.rate,
            seed=request.seed,
            progress=tell,
        )
        best = history.attrs["best_epoch"]
        stages.append(
            {
                "stage": stage.name,
                "epochs": len(history),
                "best_epoch": best,
                "rate": stage.rate,
                "validation_accuracy": round(float(history["val_accuracy"][best]), 5),
            }
        )
    facts = {
        "name": request.name,
        "classes": list(found.class_names),
        "parameters": plan.model.count_params(),
        "stages": stages,
        "test_accuracy": round(_accuracy(plan.model, *found.test), 5),
        "test_n": len(found.test[1]),
        "data": {"source": found.source, "sha256": found.sha256},
        "run": asdict(request),
    }
    return ship(out, without_optimizer(plan.model).save, facts)


def _accuracy(model, inputs: np.ndarray, labels: np.ndarray, batch: int = 256) -> float:
    """Return the share of right answers; grey pictures are repeated where three are expected."""
    right = 0
    for start in range(0, len(inputs), batch):
        part = inputs[start : start + batch].astype(np.float32)
        if part.ndim == 4 and part.shape[-1] < model.input_shape[-1]:
            part = np.repeat(part, model.input_shape[-1], axis=-1)
        answers = np.asarray(model.predict_on_batch(part)).argmax(axis=1)
        right += int((answers == labels[start : start + batch]).sum())
    return right / len(labels)


def _finished(out: Path, request: Request, resumes: bool) -> dict[str, Any] | None:
    """Return the facts of this very training if it is done; refuse the output of another one.

    A model without its .json, beside the folder of a run, is one that was killed between the two.
    """
    card = out.with_suffix(".json")
    if not card.is_file():
        if out.exists() and not resumes:
            raise TrainError(
                f"{out} is there already, and no {card.name} says that this training made it. "
                "Name another --out, or delete it."
            )
        return None
    try:
        facts = json.loads(card.read_text(encoding="utf-8"))
        before = facts["run"]
    except (ValueError, LookupError, TypeError):
        before, facts = None, {}
    if before is None or not out.is_file():
        raise TrainError(
            f"{card} is there already and is not from a training that left {out.name}. Name "
            "another --out, or delete it."
        )
    _check_same(before, request, f"{out} is there already, from another training", "delete both")
    return facts


def _check_same(before: dict[str, Any], request: Request, what: str, way_out: str) -> None:
    """Raise TrainError, naming what differs, unless ``before`` is the same request."""
    now = json.loads(json.dumps(asdict(request)))
    if before == now:
        return
    differs = [
        f"{name.replace('_', ' ')} {before.get(name)} then, {value} now"
        for name, value in now.items()
        if before.get(name) != value
    ]
    raise TrainError(
        f"{what} ({'; '.join(differs) or 'of another version'}). Name another --out, or {way_out}."
    )


@contextmanager
def _at_work(folder: Path, request: Request) -> Iterator[None]:
    """Hold the folder of a run, made if it is not there; refuse it to a second process."""
    if folder.exists() and not (folder / _SETTINGS).is_file() and any(folder.iterdir()):
        raise TrainError(
            f"{folder} is there already and holds no training. Name another --out, or move it."
        )
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise TrainError(
                f"Another process is training in {folder}. Wait for its end, or name another --out."
            ) from None
        path = folder / _SETTINGS
        if path.is_file():
            try:
                before = json.loads(path.read_text(encoding="utf-8"))
            except ValueError:
                before = {}
            what = f"{folder} holds an unfinished training of another kind"
            _check_same(before, request, what, "delete that folder")
        else:
            with atomic_path(path) as made:
                made.write_text(json.dumps(asdict(request)), encoding="utf-8")
        yield
