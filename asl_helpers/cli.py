"""The command line, `asl`: a command imports what it needs when it runs."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import Annotated

import typer

from asl_helpers.errors import AslError
from asl_helpers.realtime import commands

app = typer.Typer(
    help="Data, labs and models of the fingerspelling course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="See, prepare and look at the course's data.", no_args_is_help=True)
labs_app = typer.Typer(help="Release a chapter as a lab and grade it.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(labs_app, name="labs")
app.command("webcam")(commands.webcam)
app.add_typer(commands.journal_app, name="journal")


@data_app.command("list")
def data_list() -> None:
    """List each data set, and the source that would be used for it now."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from asl_helpers.datasets import describe

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("name", style="bold", no_wrap=True)
    table.add_column("classes", justify="right")
    table.add_column("shape", no_wrap=True)
    table.add_column("source now", overflow="fold")
    for row in describe():
        shape = " x ".join(str(length) for length in row.shape)
        table.add_row(row.name, str(row.classes), shape, row.source)
    Console().print(table)


@data_app.command("prepare")
def data_prepare(
    name: Annotated[str, typer.Argument(help="A data set, as `asl data list` names it.")],
) -> None:
    """Prepare a data set once, so that every later load is quick."""
    from asl_helpers.datasets import prepare

    with _bar(name) as show:
        line = prepare(name, show)
    typer.echo(line)


@data_app.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="A data set, as `asl data list` names it.")],
    out: Annotated[Path | None, typer.Option(help="Where to write the contact sheet.")] = None,
) -> None:
    """Draw a contact sheet: a few pictures of each class."""
    from asl_helpers.datasets import contact_sheet

    typer.echo(contact_sheet(name, out or Path(f"{name}.png")))


@app.command("evaluate")
def evaluate(
    model: Annotated[str, typer.Argument(help="A shipped model's name, a .keras or .tflite file.")],
    data: Annotated[
        str,
        typer.Argument(help="An .npz of landmarks, a folder or zip of class folders, a data set."),
    ],
    letters: Annotated[
        str, typer.Option(help="static (24 letters), all (26) or classes (all the model knows).")
    ] = "static",
    limit: Annotated[int | None, typer.Option(help="At most this many of each class.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Judge a model on data; pictures are tracked first where the model reads landmarks."""
    import json

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from asl_helpers.judge import judge

    judgement = judge(model, data, letters, limit)
    typer.echo(json.dumps(judgement.as_dict(), indent=1) if as_json else judgement.text())


@app.command("train")
def train(
    name: Annotated[str, typer.Argument(help="A model, such as mobilenet_v2 or landmarks.")],
    data: Annotated[
        str, typer.Option(help="A data set, a folder or zip of class folders, .npz of landmarks.")
    ],
    out: Annotated[Path, typer.Option(help="The .keras file to write; a .json goes beside it.")],
    size: Annotated[int | None, typer.Option(help="Pixels a side (96, or the data's own).")] = None,
    epochs: Annotated[int, typer.Option(help="The most passes over the data.")] = 10,
    patience: Annotated[int, typer.Option(help="Stop after so many without progress.")] = 3,
    rate: Annotated[float, typer.Option(help="Adam's learning rate.")] = 1e-3,
    batch_size: Annotated[int, typer.Option(help="Examples a step.")] = 64,
    seed: Annotated[int, typer.Option(help="Of split, first weights and order.")] = 0,
    split: Annotated[str, typer.Option(help="blocks, official, signer or random.")] = "blocks",
    limit: Annotated[int | None, typer.Option(help="At most this many of each class.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="Start from best, imagenet, drawn (MobileNets: only the head learns) or a file."
        ),
    ] = None,
    fine_tune: Annotated[
        int, typer.Option(help="Then train so many of the last blocks at a tenth of the rate.")
    ] = 0,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="The model's own, such as alpha=0.35 or dropout=0.3; repeat."),
    ] = None,
) -> None:
    """Train a model of the course; killed, the same command goes on where it stopped."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from asl_helpers.trainer import Request, settings_from, train

    request = Request(
        name=name,
        data=data,
        split=split,
        size=size,
        limit=limit,
        epochs=epochs,
        patience=patience,
        rate=rate,
        batch_size=batch_size,
        seed=seed,
        weights=weights,
        fine_tune=fine_tune,
        settings=settings_from(setting or []),
    )
    with _bar(f"{name}, epochs") as show:
        facts = train(request, out, show)
    last = facts["stages"][-1]
    typer.echo(
        f"{out}: {name}, {len(facts['classes'])} classes, {facts['parameters']:,} parameters; "
        f"validation {last['validation_accuracy']:.1%} in epoch {last['best_epoch']} of "
        f"{last['epochs']}, test {facts['test_accuracy']:.1%} of {facts['test_n']:,}; "
        f"{facts['data']['source']}"
    )


@labs_app.command("release")
def labs_release(
    chapter: Annotated[str, typer.Argument(help="A chapter, such as ch01.")],
    out: Annotated[Path, typer.Option(help="The folder to write the lab to.")] = Path("labs"),
) -> None:
    """Write the student notebook, its autograder and the instructor page."""
    from asl_helpers.labs import release

    for path in release(chapter, out):
        typer.echo(path)


@labs_app.command("grade")
def labs_grade(
    chapter: Annotated[str, typer.Argument(help="A chapter, such as ch01.")],
    submissions: Annotated[Path, typer.Argument(help="A folder with one folder a student.")],
    out: Annotated[Path, typer.Option(help="The CSV of points to write.")] = Path("grades.csv"),
    timeout: Annotated[int, typer.Option(help="The longest a cell may run, in seconds.")] = 180,
    whole: Annotated[bool, typer.Option(help="Run cells too that no check depends on.")] = False,
) -> None:
    """Grade submissions with nbgrader and write a CSV of points.

    It runs the students' code with your account's rights: do it in a container.
    """
    from asl_helpers.labs import grade

    typer.echo(grade(chapter, submissions, out, timeout=timeout, whole=whole, say=typer.echo))


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float, float], None]]:
    """Show a bar on a terminal and nothing in a log; give the function that moves it."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.progress import TimeRemainingColumn as TimeLeft

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # TensorFlow's remarks tear the bar
    count = TextColumn("{task.completed:.4g}/{task.total}")
    columns = (TextColumn("{task.description}"), BarColumn(), count, TimeLeft())
    # Drawn from this thread: TFDS swaps Python's import while it loads, and a bar that draws itself
    # from a thread of its own would import through it.
    console = Console(stderr=True)
    quiet = not console.is_terminal  # a log wants no bar, not even its empty line
    with Progress(
        *columns, console=console, transient=True, auto_refresh=False, disable=quiet
    ) as bar:
        task, drawn = bar.add_task(title, total=None), 0.0

        def show(done: float, total: float) -> None:
            nonlocal drawn
            due = monotonic() - drawn > 0.1
            bar.update(task, completed=done, total=total, refresh=due)
            drawn = monotonic() if due else drawn

        yield show


def main() -> None:
    """Run the command line; an error that the reader can mend is one line, exit code 2."""
    try:
        app()
    except AslError as error:
        sys.exit(_say(error))


def _say(error: AslError) -> int:
    typer.secho(f"asl: {error}", fg=typer.colors.RED, err=True)
    return 2


if __name__ == "__main__":
    main()
