"""The commands `asl webcam` and `asl journal`: their options, and what answers them."""

from pathlib import Path
from typing import Annotated

import typer

journal_app = typer.Typer(
    help="Read, export or clear the letters that `asl webcam` wrote down.", no_args_is_help=True
)

JournalPath = Annotated[
    Path | None,
    typer.Option("--journal", help="The journal's file; default journal.sqlite in the cache."),
]
SessionName = Annotated[str | None, typer.Option(help="Only this session's letters.")]


def webcam(
    source: Annotated[
        str | None,
        typer.Option(
            help="A camera's number, a video file, a folder of pictures, or drawn:TEXT. "
            "Left out: camera 0, or the drawn signer where there is none."
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="No window: print one JSON object a line, a letter each.")
    ] = False,
    model: Annotated[
        str,
        typer.Option(
            help="landmarks, masks (which misses more letters), or a .keras file that "
            "reads landmarks, as asl train landmarks writes it."
        ),
    ] = "landmarks",
    threshold: Annotated[
        float | None, typer.Option(help="The least confidence, 0 to 1; default the model's own.")
    ] = None,
    smoothing: Annotated[str, typer.Option(help="steady, neutral or majority.")] = "steady",
    side: Annotated[
        str | None, typer.Option(help="Read only this hand of the signer: left or right.")
    ] = None,
    mirror: Annotated[
        bool | None,
        typer.Option(help="Show the window as a mirror would; default for cameras."),
    ] = None,
    signer: Annotated[
        int | None, typer.Option(help="Which drawn signer: each number is another person, 0 on.")
    ] = None,
    speed: Annotated[
        float | None, typer.Option(help="The drawn signer's letters a second; default 2.")
    ] = None,
    left_handed: Annotated[
        bool, typer.Option("--left-handed", help="The drawn signer signs with the left hand.")
    ] = False,
    journal: Annotated[
        Path | None, typer.Option(help="Note the letters in this file; see asl journal.")
    ] = None,
    no_journal: Annotated[
        bool, typer.Option("--no-journal", help="Do not write the letters down.")
    ] = False,
) -> None:
    """Read fingerspelling from a camera, in a window or as JSON lines; nothing leaves the machine.

    Lower the hand between words for a space; hold an open hand still to delete a letter.
    """
    from asl_helpers.realtime import webcam as showing

    wanted = showing.Wanted(
        source=source,
        as_json=as_json,
        model=model,
        threshold=threshold,
        smoothing=smoothing,
        side=side,
        mirror=mirror,
        signer=signer,
        speed=speed,
        left_handed=left_handed,
        journal=journal,
        with_journal=not no_journal,
    )
    with showing.quiet_libraries():
        text = showing.run(wanted)
    typer.echo(f"Text: {text}", err=as_json)


@journal_app.command("show")
def journal_show(
    journal: JournalPath = None,
    session: SessionName = None,
    last: Annotated[int, typer.Option(min=1, help="At most so many letters.")] = 50,
) -> None:
    """Print the last letters, and how much the journal holds."""
    from asl_helpers.realtime.journal_commands import shown

    typer.echo(shown(journal, session, last), nl=False)


@journal_app.command("export")
def journal_export(
    out: Annotated[Path, typer.Argument(help="A .csv, .json or .jsonl file to write.")],
    journal: JournalPath = None,
    session: SessionName = None,
) -> None:
    """Write the letters to a file."""
    from asl_helpers.realtime.journal_commands import export

    typer.echo(f"{out}: {export(out, journal, session)} letters")


@journal_app.command("clear")
def journal_clear(
    journal: JournalPath = None,
    session: SessionName = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete the letters and overwrite them on the disk, after asking."""
    from asl_helpers.realtime.journal import clear
    from asl_helpers.realtime.journal_commands import count

    letters = count(journal, session)
    if letters and not yes:
        typer.confirm(f"Delete {letters} letters for good?", abort=True)
    typer.echo(f"Deleted {clear(journal, session)} letters.")
