"""Record the sweep of chapter 14: architectures, widths, colours, sizes, heads and an ensemble.

    ASL_DATA_DIR=folder python -m benchmarks.variants [core-minutes]

The folder holds ASL Alphabet, another signer's set (asl_rooms) and the ImageNet weights of
MobileNetV2 0.35. The task is five letters with some ninety pictures each. The table of the runs
lies in _build/variants: interrupted, the same command goes on where it stopped. With a budget, no
whole network is begun once the table holds so many core-minutes; the record lists what is left out.
"""

import json
import re
import sys

import numpy as np
import pandas as pd

import asl_helpers as asl
from asl_helpers import ensembles, sweeps
from benchmarks.record import real_folder, record
from benchmarks.variants_runs import (
    BATCH,
    FOLDER,
    HEAD_EPOCHS,
    LETTERS,
    LIMIT,
    OTHERS,
    PARTS,
    Row,
    kept_probs,
    pictures,
    train_head,
    train_network,
)

SEEDS = (0, 1, 2)
"""A seed decides the split by blocks of frames, the first weights and the order of training."""

SIZE, EPOCHS, RATE = 48, 12, 1e-3
"""Whole networks from scratch: pixels a side, epochs, Adam's rate."""
TUNED_SIZE, TUNED_RATE = 96, 5e-4
"""Whole networks that start from ImageNet weights."""

HEAD = {"dense": 64, "dropout": 0.1, "rate": 5e-4}
"""Where heads are not the question: the settings that a coursework had chosen on its test part."""
HEADS = {"dense": [8, 16, 32, 64, 128], "dropout": [0.1, 0.2, 0.3], "rate": [3e-4, 5e-4, 1e-3]}

SHOWN = ("val_loss", "val_accuracy", "test_accuracy", "other_accuracy")


def networks() -> list[Row]:
    """Return the runs of whole networks: all with the first seed, small ones with all seeds."""
    small = ["baseline_cnn", "custom_cnn", "plain_cnn", "attention_cnn"]
    quick: list[Row] = [{"name": name, "alpha": None} for name in small]
    quick += [{"name": "custom_cnn", "alpha": None, "colours": "grey"}]
    rows: list[Row] = [{"name": "mobilenet_v2", "alpha": alpha} for alpha in (0.35, 0.1)]
    tuned = {"alpha": 0.35, "weights": "ImageNet", "size": TUNED_SIZE, "rate": TUNED_RATE}
    rows += [{"name": "mobilenet_v2", **tuned}]
    rows += [{"name": "mobilenet_v2_attention", "alpha": 0.35}]
    rows += [{"name": name, "alpha": None} for name in ("resnet18", "resnet18_attention")]
    rows += [{"name": "mobilenet_v1", "alpha": 0.35}]
    rows += [{"name": "mobilenet_v2", "alpha": 1.0}]
    rows += [{"name": "mobilenet_v2_attention", **tuned}]
    rows += [{"name": "mobilenet_v2", "alpha": 0.35, "colours": "grey"}]
    common = {
        "colours": "RGB", "weights": "none", "size": SIZE, "rate": RATE, "epochs": EPOCHS,
    }  # fmt: skip
    runs = [(row, SEEDS[0]) for row in [*quick, *rows]]
    runs += [(row, seed) for row in quick for seed in SEEDS[1:]]
    return [{**common, **row, "seed": seed} for row, seed in runs]


def heads() -> list[Row]:
    """Return the runs of heads on features of 96 pixels in colour: every combination."""
    fixed = {"size": [96], "colours": ["RGB"], "trained": ["asl_alphabet"]}
    return sweeps.grid(seed=SEEDS, **fixed, **HEADS)


def sizes() -> list[Row]:
    """Return the runs of one head on features of other sizes and without colours."""
    head = {name: [value] for name, value in HEAD.items()}
    grid = sweeps.grid
    rows = grid(seed=SEEDS, size=[96, 224], colours=["RGB"], trained=["asl_alphabet"], **head)
    rows += grid(seed=SEEDS, size=[96, 224], colours=["RGB"], trained=["asl_rooms"], **head)
    return rows + grid(seed=SEEDS, size=[96], colours=["grey"], trained=["asl_alphabet"], **head)


def by_epochs(table: pd.DataFrame) -> pd.DataFrame:
    """Return a row for each of ``HEAD_EPOCHS`` where the sweep has one for all of them."""
    measured = [name for name in table.columns if name.endswith(f"_{HEAD_EPOCHS[0]}")]
    plain = [name.removesuffix(f"_{HEAD_EPOCHS[0]}") for name in measured]
    every = [f"{name}_{epochs}" for name in plain for epochs in HEAD_EPOCHS]
    rest = table.drop(columns=every)
    parts = [
        rest.assign(epochs=epochs, **{name: table[f"{name}_{epochs}"] for name in plain})
        for epochs in HEAD_EPOCHS
    ]
    return pd.concat(parts, ignore_index=True)


def ensemble(runs: list[Row], seed: int, labels: dict[str, np.ndarray], most: int = 3) -> Row:
    """Choose members for a seed's split on its validation part; return how they do together."""
    members = {json.dumps(run): dict(np.load(kept_probs(run))) for run in runs}
    validation = {name: probs["validation"] for name, probs in members.items()}
    chosen = ensembles.choose(validation, labels["validation"], most)
    found: Row = {"seed": seed, "members": [title(json.loads(name)) for name in chosen]}
    for kind, names in (("best", chosen[:1]), ("ensemble", chosen)):
        for part in PARTS[1:]:
            probs = ensembles.mean_probs([members[name][part] for name in names])
            right = probs.argmax(axis=1) == labels[part]
            found[f"{kind}_{part}"] = round(float(right.mean()), 4)
    return found


def title(run: Row) -> str:
    """Return a run in words: mobilenet_v2 0.35, grey, ImageNet; head, 96 px."""
    if "name" not in run:
        return f"head, {run['size']} px" + (", grey" if run["colours"] == "grey" else "")
    words = run["name"] + (f" {run['alpha']:g}" if run["alpha"] else "")
    words += ", grey" if run["colours"] == "grey" else ""
    return words + (", ImageNet" if run["weights"] == "ImageNet" else "")


def rows(table: pd.DataFrame) -> list[Row]:
    """Return a table as JSON has it: None for what is missing, four digits after the point."""
    short = table.round(4).astype(object)
    return short.where(short.notna(), None).to_dict("records")


def about(name: str) -> Row:
    info = asl.load(name, size=SIZE, limit=LIMIT, verbose=False).info
    source = re.sub(r" resized to \d+", "", info.source)  # it is read at several sizes
    return {"source": source, "sha256": info.sha256, "is_real": info.is_real}


def measure(data: list[Row], minutes: float) -> Row:
    """Run what is not on disk yet and within the budget, and return what the chapter shows."""
    path = FOLDER / "five_letters.jsonl"
    key = {"data": json.dumps([row["sha256"] for row in data]), "limit": LIMIT, "others": OTHERS}

    def sweep(runs, train):
        return sweeps.run_sweep(runs, train, path, key)

    def spent():
        return float(sweeps.read_table(path)["core_seconds"].sum()) / 60

    made = {"heads": sweep(heads(), train_head), "sizes": sweep(sizes(), train_head)}
    whole, left = [], []
    for run in networks():
        if kept_probs(run).is_file() or spent() < minutes:
            whole.append(run)
            made["networks"] = sweep(whole, train_network)
        else:
            left.append(run)
    labels = {
        seed: {part: answers for part, (_, answers) in pictures(SIZE, seed).items()}
        for seed in SEEDS
    }
    together = []
    for seed in SEEDS:
        runs = [run for run in [*whole, *sizes()] if run["seed"] == seed]
        alike = [run for run in runs if run.get("trained", "asl_alphabet") == "asl_alphabet"]
        together.append(ensemble(alike, seed, labels[seed]))
    for name in ("heads", "sizes"):
        made[name] = by_epochs(made[name])
    made["heads"] = made["heads"][["seed", *HEADS, "epochs", *SHOWN]]
    made["networks"]["title"] = [title(run) for run in whole]
    return {
        "sizes_of_parts": {
            str(seed): {part: len(answers) for part, answers in parts.items()}
            for seed, parts in labels.items()
        },
        "runs": len(sweeps.read_table(path)),
        "core_minutes": round(spent(), 1),
        "left_out": [f"{title(run)}, seed {run['seed']}" for run in left],
        "ensembles": together,
        **{name: rows(table) for name, table in made.items()},
    }


def main() -> None:
    real_folder("both sets and the ImageNet weights")
    data = [about("asl_alphabet"), about("asl_rooms")]
    if not all(row["is_real"] for row in data):
        sys.exit(f"Expected photographs of two signers; found {data}.")
    recipe = {
        "letters": LETTERS, "pictures_a_letter": LIMIT, "others_a_letter": OTHERS,
        "size": SIZE, "epochs": EPOCHS, "rate": RATE, "batch_size": BATCH,
        "tuned_size": TUNED_SIZE, "tuned_rate": TUNED_RATE, "head": HEAD, "heads": HEADS,
        "head_epochs": HEAD_EPOCHS,
    }  # fmt: skip
    found = measure(data, float(sys.argv[1]) if len(sys.argv) > 1 else np.inf)
    print(record("variants", {"recipe": recipe, "seeds": SEEDS, **found}, data=data))


if __name__ == "__main__":
    main()
