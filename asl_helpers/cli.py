"""The command line, `asl`: a command imports what it needs when it runs."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from time import localtime, strftime
from typing import Annotated

import typer

from asl_helpers.errors import AslError

app = typer.Typer(
    help="Data, labs and models of the fingerspelling course.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="List, prepare and view the course's data sets.", no_args_is_help=True)
labs_app = typer.Typer(help="Release chapters as labs and grade them.", no_args_is_help=True)
journal_app = typer.Typer(
    help="Show, export or delete the letters that `asl webcam` saved.", no_args_is_help=True
)
app.add_typer(data_app, name="data")
app.add_typer(labs_app, name="labs")
app.add_typer(journal_app, name="journal")


@data_app.command("list")
def data_list() -> None:
    """List the data sets and the source that would be used for each now."""
    from asl_helpers.datasets.catalog import CATALOG
    from asl_helpers.datasets.sources import where

    for entry in CATALOG.values():
        shape = " x ".join(map(str, entry.shape))
        classes = f"{len(entry.class_names)} classes"
        typer.echo(f"{entry.name:24} {classes:12} {shape:14} {where(entry)}")


@data_app.command("prepare")
def data_prepare(
    name: Annotated[str, typer.Argument(help="A name from `asl data list`.")],
) -> None:
    """Prepare a data set once so that it loads quickly later."""
    from asl_helpers.datasets.builders import prepare

    typer.echo(prepare(name))


@data_app.command("show")
def data_show(
    name: Annotated[str, typer.Argument(help="A name from `asl data list`.")],
    out: Annotated[Path | None, typer.Option(help="The file to write; default: NAME.png.")] = None,
) -> None:
    """Draw a contact sheet with a few images of each class."""
    from asl_helpers.datasets.load import contact_sheet

    typer.echo(contact_sheet(name, out or Path(f"{name}.png")))


@app.command("evaluate")
def evaluate(
    model: Annotated[str, typer.Argument(help="A shipped model, or a .keras or .tflite file.")],
    data: Annotated[
        str,
        typer.Argument(help="A data set, a folder or zip of classes, or an .npz of landmarks."),
    ],
    letters: Annotated[
        str, typer.Option(help="static (24 letters), all (26) or classes (all of the model's).")
    ] = "static",
    limit: Annotated[int | None, typer.Option(help="Maximum number of examples per class.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Evaluate a model on data; a hand tracker finds the landmarks in images if it needs them."""
    import json

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from asl_helpers.judge import judge

    judgement = judge(model, data, letters, limit)
    typer.echo(json.dumps(judgement.as_dict(), indent=1) if as_json else judgement.text())


@app.command("train")
def train(
    name: Annotated[str, typer.Argument(help="The model, such as mobilenet_v2 or landmarks.")],
    data: Annotated[
        str,
        typer.Option(help="A data set, a folder or zip of class folders, or an .npz of landmarks."),
    ],
    out: Annotated[Path, typer.Option(help="The .keras file to write; a .json goes beside it.")],
    size: Annotated[
        int | None, typer.Option(help="Image side in pixels; default: 96, or the data's own.")
    ] = None,
    epochs: Annotated[int, typer.Option(min=1, help="Maximum number of epochs.")] = 10,
    patience: Annotated[
        int, typer.Option(min=1, help="Stop after this many epochs with no lower validation loss.")
    ] = 3,
    rate: Annotated[float, typer.Option(help="Adam's learning rate.")] = 1e-3,
    batch_size: Annotated[int, typer.Option(min=1, help="Examples per step.")] = 64,
    seed: Annotated[int, typer.Option(help="Seed of split, initial weights and order.")] = 0,
    split: Annotated[str, typer.Option(help="blocks, official, signer or random.")] = "blocks",
    limit: Annotated[int | None, typer.Option(help="Maximum number of examples per class.")] = None,
    weights: Annotated[
        str | None,
        typer.Option(
            help="MobileNet's weights: best, imagenet, drawn or a file; trains only its head."
        ),
    ] = None,
    fine_tune: Annotated[
        int, typer.Option(min=0, help="Then fine-tune this many top blocks at a tenth of the rate.")
    ] = 0,
    setting: Annotated[
        list[str] | None,
        typer.Option("--set", help="A model setting, such as alpha=0.35; can be repeated."),
    ] = None,
) -> None:
    """Train a model of the course. After an interruption, the same command continues."""
    options = dict(locals())
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    from asl_helpers import train_command

    settings = train_command.parse_settings(options.pop("setting") or [])
    del options["out"]
    with _bar(f"{name}, epochs") as show:
        facts = train_command.train({**options, "settings": settings}, out, show)
    last = facts["stages"][-1]
    typer.echo(
        f"{out}: {name}, {len(facts['classes'])} classes, {facts['parameters']:,} parameters; "
        f"validation {last['validation_accuracy']:.1%} in epoch {last['best_epoch']} of "
        f"{last['epochs']}, test {facts['test_accuracy']:.1%} of {facts['test_n']:,}; "
        f"{facts['data']['source']}"
    )


@app.command("webcam")
def webcam(
    source: Annotated[
        str | None,
        typer.Option(
            help="A camera's number, a video file, a folder of images, or drawn:TEXT. "
            "Default: camera 0, or the drawn signer if there is no camera."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Open no window; print one line of JSON per letter.")
    ] = False,
    model: Annotated[
        str,
        typer.Option(
            help="landmarks, masks (which misses more letters), or a .keras file from "
            "`asl train landmarks`."
        ),
    ] = "landmarks",
    threshold: Annotated[
        float | None, typer.Option(help="Minimum confidence, 0 to 1; default: the model's own.")
    ] = None,
    smoothing: Annotated[str, typer.Option(help="steady, neutral or majority.")] = "steady",
    side: Annotated[
        str | None, typer.Option(help="Read only the signer's left or right hand.")
    ] = None,
    mirror: Annotated[
        bool | None, typer.Option(help="Mirror the image in the window; the default for cameras.")
    ] = None,
    signer: Annotated[
        int | None, typer.Option(min=0, help="Number of the drawn signer; each is another person.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(help="Letters per second of the drawn signer; default: 2.")
    ] = None,
    left_handed: Annotated[
        bool, typer.Option("--left-handed", help="Make the drawn signer left-handed.")
    ] = False,
    journal: Annotated[
        Path | None, typer.Option(help="Write the letters to this file; see asl journal.")
    ] = None,
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Do not save the letters.")
    ] = False,
) -> None:
    """Read fingerspelling from a camera. Nothing leaves the machine.

    Lower the hand between words for a space; hold an open hand still to delete a letter.
    """
    from asl_helpers.realtime.journal import default_path
    from asl_helpers.realtime.window import quiet_libraries, run

    drawn = {"seed": signer, "speed": speed, "left": left_handed or None}
    with quiet_libraries():
        text = run(
            source,
            as_json,
            mirror,
            {name: value for name, value in drawn.items() if value is not None},
            None if no_journal else journal or default_path(),
            model=model,
            threshold=threshold,
            smoothing=smoothing,
            side=side,
        )
    typer.echo(f"Text: {text}", err=as_json)


JournalPath = Annotated[
    Path | None,
    typer.Option("--journal", help="The journal file; default: journal.sqlite in the cache."),
]
SessionName = Annotated[str | None, typer.Option(help="Use only the letters of this session.")]


@journal_app.command("show")
def journal_show(
    journal: JournalPath = None,
    session: SessionName = None,
    last: Annotated[int, typer.Option(min=1, help="Maximum number of letters.")] = 50,
) -> None:
    """Print the most recent letters and the number of letters in each session."""
    from asl_helpers.realtime.journal import read

    events = read(journal, session)
    shown = events.tail(last).assign(
        time=lambda rows: [strftime("%Y-%m-%d %H:%M:%S", localtime(when)) for when in rows["time"]],
        confidence=lambda rows: rows["confidence"].astype(float).round(2),
        latency_ms=lambda rows: rows["latency_ms"].map("{:.0f}".format),
    )
    typer.echo("The journal is empty." if events.empty else shown.to_string(index=False, na_rep=""))
    for name, count in events["session"].value_counts(sort=False).items():
        typer.echo(f"{name}: {count} letters")


@journal_app.command("export")
def journal_export(
    out: Annotated[Path, typer.Argument(help="A .csv, .json or .jsonl file to write.")],
    journal: JournalPath = None,
    session: SessionName = None,
) -> None:
    """Export the letters to a file."""
    from asl_helpers.realtime.journal import export

    typer.echo(f"{out}: {export(out, journal, session)} letters")


@journal_app.command("clear")
def journal_clear(
    journal: JournalPath = None,
    session: SessionName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask for confirmation.")] = False,
) -> None:
    """Delete the letters and overwrite them on the disk. The command asks first."""
    from asl_helpers.realtime.journal import clear, read

    letters = len(read(journal, session))
    if letters and not yes:
        typer.confirm(f"Delete {letters} letters for good?", abort=True)
    typer.echo(f"Deleted {clear(journal, session)} letters.")


Chapters = Annotated[list[str], typer.Argument(help="One or more chapters, such as ch01.")]


@labs_app.command("list")
def labs_list() -> None:
    """List the labs with their points, minutes and requirements."""
    from rich import box
    from rich.console import Console
    from rich.table import Table

    from asl_helpers.labs.release import labs

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for name in ("lab", "title", "points", "minutes", "needs"):
        table.add_column(name, justify="right" if name in ("points", "minutes") else "left")
    for lab in labs():
        table.add_row(*lab)
    Console().print(table)


@labs_app.command("release")
def labs_release(
    chapters: Chapters,
    out: Annotated[Path, typer.Option(help="The folder to write the labs to.")] = Path("labs"),
) -> None:
    """Write the student notebook, the autograder and the instructor page of each chapter."""
    from asl_helpers.labs.release import release

    for chapter in chapters:
        for path in release(chapter, out):
            typer.echo(path)


@labs_app.command("grade")
def labs_grade(
    chapters: Chapters,
    submissions: Annotated[
        Path,
        typer.Argument(help="A folder with a folder or file per student, or the zip of your LMS."),
    ],
    out: Annotated[
        Path | None, typer.Option(help="The CSV of points to write; default: grades_ch01.csv.")
    ] = None,
    roster: Annotated[
        Path | None, typer.Option(help="A CSV of all students, to see who did not submit.")
    ] = None,
    feedback: Annotated[
        Path | None, typer.Option(help="Write one feedback page per student to this folder.")
    ] = None,
    deadline: Annotated[
        datetime | None, typer.Option(help="Deadline in local time, such as 2027-01-31T23:59.")
    ] = None,
    late_penalty: Annotated[
        float, typer.Option(min=0, max=100, help="Percent to deduct for each day or part of a day.")
    ] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Number of submissions to grade at once.")] = 1,
    timeout: Annotated[int, typer.Option(min=1, help="Time limit per cell, in seconds.")] = 120,
    limit: Annotated[int, typer.Option(min=1, help="Time limit per submission, in seconds.")] = 600,
) -> None:
    """Grade submissions and write a CSV of points. Only new or changed submissions are graded.

    This runs the students' code. Use the container for students you do not know. The exit code is
    1 if a submission could not be graded.
    """
    from asl_helpers.labs.grade import grade

    if out and len(chapters) > 1:
        raise AslError("--out is for one chapter. Leave it out: each chapter has its own table.")
    if late_penalty and not deadline:
        raise AslError("--late-penalty needs --deadline, such as --deadline 2027-01-31T23:59.")
    failed = False
    for chapter in chapters:
        table = grade(
            chapter,
            submissions,
            out,
            timeout=timeout,
            limit=limit,
            jobs=jobs,
            roster=roster,
            deadline=deadline,
            late_penalty=late_penalty,
            feedback=feedback,
            say=typer.echo,
        )
        typer.echo(f"{table.path}\n{table.summary()}")
        failed |= bool(table.failed)
    if failed:
        raise typer.Exit(1)


@labs_app.command("export")
def labs_export(
    table: Annotated[Path, typer.Argument(help="A table that `asl labs grade` wrote.")],
    lms: Annotated[str, typer.Argument(help="canvas or moodle.")],
    out: Annotated[Path, typer.Argument(help="The CSV file to write, ready to import.")],
    roster: Annotated[
        Path | None, typer.Option(help="The gradebook or grading worksheet that the LMS exported.")
    ] = None,
    title: Annotated[str, typer.Option(help="The assignment's name in Canvas.")] = "",
) -> None:
    """Write the final points as a CSV file that Canvas or Moodle imports."""
    from asl_helpers.labs.report import write_lms

    typer.echo(write_lms(table, lms, out, roster, title))


@contextmanager
def _bar(title: str) -> Iterator[Callable[[float, float], None]]:
    """Show a progress bar on a terminal, none in a log; yield the function that updates it."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    quiet = not console.is_terminal  # a log wants no bar, not even its empty line
    # Drawn from this thread: TFDS swaps Python's import while it loads, and a bar that draws itself
    # from a thread of its own would import through it.
    with Progress(console=console, transient=True, auto_refresh=False, disable=quiet) as bar:
        task = bar.add_task(title, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total, refresh=True)


def main() -> None:
    """Run the command line; an error that the user can fix is one line and exit code 2."""
    try:
        app()
    except AslError as error:
        typer.secho(f"asl: {error}", fg=typer.colors.RED, err=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
