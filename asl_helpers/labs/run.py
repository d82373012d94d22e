"""Run the cells of one submission in a process of their own, with limits.

The cells go to the kernel one at a time, so its folder holds no notebook, no solution and no hidden
test. Run as a program, this file is the launcher: started as root it hides the folders that it is
given, leaves the network, becomes another user, takes the limits, and then turns into the kernel.
"""

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

MEMORY = 8_000_000_000  # bytes of address space; TensorFlow alone maps about three
LARGEST_FILE = 200_000_000  # bytes
MOST_DISK = 500_000_000  # bytes in the submission's folder
MOST_OUTPUT = 200_000  # characters kept of one cell
LARGEST_MESSAGE = 20_000_000  # bytes; a larger one ends the connection
MOST_PROCESSES = 400  # with threads, for a user of its own
SHARED = ("/tmp/", "/var/tmp/", "/dev/shm/")  # folders that every account can write to
GRACE = 5  # seconds for an interrupted cell to end
USERS = range(61_200, 65_500)  # no account has these numbers; see `_user_of_its_own`
PASSED_ON = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "SYSTEMROOT", "ASL_PROFILE")
ENDED = "a cell ended the Python process (out of memory, or an exit)"
STUCK = "a cell runs on when it is stopped"
FLOOD = "a cell printed more than can be read"
SLOW = "the machine was slow"


@dataclass
class Cell:
    """A code cell to run; ``name`` is the grade id of a check or answer, whose outputs are kept."""

    source: str
    name: str = ""
    is_own: bool = False  # whether the student wrote or changed it


@dataclass
class Sandbox:
    """What this machine can do to keep students' code apart; see ``sandbox``."""

    has_user: bool = False  # root can become somebody else
    has_view: bool = False  # root can hide folders and the network
    hidden: tuple[str, ...] = ()

    def warning(self) -> str:
        """Return what a person should know; empty where all is kept apart."""
        if self.has_user and self.has_view:
            return ""
        if self.has_user:
            return "Students' code may read what everybody may on this machine."
        return (
            "Students' code has your account's rights: use the container of the instructors' page."
        )


@dataclass
class Result:
    """What a run gave: the outputs of the checks by grade id, and what else happened."""

    outputs: dict[str, list[dict]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    is_complete: bool = True  # False: not graded, run it again


class Stop(Exception):
    """A run that cannot go on: why, and at which cell."""

    def __init__(self, reason: str, index: int = -1) -> None:
        """Keep the reason and the cell's index."""
        super().__init__(reason)
        self.reason, self.index = reason, index


def sandbox(hidden: list[Path]) -> Sandbox:
    """Find out what can be kept apart here; ``hidden`` are folders that students must not see."""
    names = tuple(str(path.resolve()) for path in hidden if path.exists())
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return Sandbox(hidden=names)
    with _user_of_its_own() as user:
        for has_user, has_view in ((True, True), (True, False)):
            orders = {"user": user if has_user else None, "hide": names if has_view else None}
            probe = [sys.executable, "-c", "import ipykernel, asl_helpers.checks.core"]
            done = subprocess.run(_launcher(orders) + probe, capture_output=True, check=False)
            if done.returncode == 0:
                return Sandbox(has_user, has_view, names)
    return Sandbox(hidden=names)


def run(cells: list[Cell], *, timeout: int, limit: int, kept_apart: Sandbox) -> Result:
    """Run cells in order and return what the checks said.

    A cell that ends the process, or does not end when it is stopped, is left out and the others run
    again, so that an answer costs only its own points. A slow machine gets a second try.

    Parameters
    ----------
    timeout, limit:
        The most seconds for one cell, and for all tries together.
    kept_apart:
        What ``sandbox`` found.
    """
    end, left_out, slow_at = monotonic() + limit, {}, None
    looped: set[int] = set()
    while True:
        result = Result()
        replaced = dict.fromkeys(looped, "KeyboardInterrupt()")
        replaced |= {index: f"RuntimeError({why!r})" for index, why in left_out.items()}
        attempt = Attempt(cells, replaced, timeout, end, kept_apart)
        try:
            attempt.run(result)
        except Stop as stop:
            has_time = monotonic() < end - 1
            if stop.reason == SLOW and slow_at is None and has_time:
                slow_at = stop.index
                continue
            why = (
                FLOOD
                if stop.reason == SLOW and stop.index == slow_at > attempt.first_own
                else stop.reason
            )
            if why == SLOW:
                result.is_complete = False
                result.notes.append(f"not graded: {SLOW}; run the same command again")
            elif why in (ENDED, STUCK, FLOOD) and has_time and len(left_out) < 3:
                left_out[stop.index] = why
                looped |= attempt.looped
                continue
            else:
                result.notes.append(why)
        if left_out:
            reasons = " and ".join(sorted(set(left_out.values())))
            result.notes.append(f"{reasons}: graded without it")
        return result


class Attempt:
    """One run of all cells in a fresh kernel."""

    def __init__(
        self,
        cells: list[Cell],
        replaced: dict[int, str],
        timeout: int,
        end: float,
        kept_apart: Sandbox,
    ) -> None:
        """Take the cells, and what to raise in place of some of them by index."""
        self.cells, self.replaced, self.timeout, self.end = cells, replaced, timeout, end
        self.has_user, self.user = kept_apart.has_user, None
        self.hide = kept_apart.hidden if kept_apart.has_view else None
        own = [index for index, cell in enumerate(cells) if cell.is_own]
        self.first_own = own[0] if own else len(cells)
        self.at = -1  # the cell that runs
        self.done: set[int] = set()
        self.looped: set[int] = set()

    def run(self, result: Result) -> None:
        """Run the cells and fill the result; raise Stop where it cannot go on."""
        from nbclient.exceptions import CellTimeoutError, DeadKernelError
        from nbformat import v4

        sources = [
            f"raise {self.replaced[index]}" if index in self.replaced else cell.source
            for index, cell in enumerate(self.cells)
        ]
        notebook = v4.new_notebook(cells=[v4.new_code_cell(source) for source in sources])
        with (
            tempfile.TemporaryDirectory(prefix="asl-", ignore_cleanup_errors=True) as folder,
            _user_of_its_own() if self.has_user else contextlib.nullcontext() as self.user,
        ):
            client = self.client(notebook, Path(folder))
            try:
                # What libraries print below Python is not for the instructor's terminal.
                quiet = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
                environment = _environment(Path(folder))
                client.execute(cleanup_kc=True, cwd=folder, env=environment, **quiet)
            except DeadKernelError as error:
                raise Stop(ENDED, self.at) from error
            except (CellTimeoutError, RuntimeError) as error:  # no reply, or no kernel in a minute
                raise Stop(SLOW, self.at) from error
            finally:
                _end_all(self.user)
                for index in self.done:
                    if name := self.cells[index].name:
                        result.outputs[name] = list(notebook.cells[index].outputs)

    def client(self, notebook: Any, folder: Path) -> Any:
        """Return a notebook client whose kernel is started by the launcher."""
        from jupyter_client import AsyncKernelManager
        from nbclient import NotebookClient
        from zmq import MAXMSGSIZE

        connection = str(folder / "kernel.json")
        orders = {"user": self.user, "hide": self.hide, "file": connection}
        if self.user is not None:
            os.chown(folder, self.user, self.user)
        attempt = self

        class Manager(AsyncKernelManager):
            def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
                kernel = [sys.executable, "-m", "ipykernel_launcher", "-f", connection]
                return [*_launcher(orders), *kernel, *(extra_arguments or [])]

        class Client(NotebookClient):
            async def async_execute_cell(
                self, cell: Any, cell_index: int, execution_count: int | None = None, **_: Any
            ) -> Any:
                attempt.before(cell_index, folder)
                self.room = MOST_OUTPUT
                # Hidden tests leave no trace for code that comes later.
                keeps = not attempt.cells[cell_index].name.endswith("-hidden")
                done = await super().async_execute_cell(cell, cell_index, None, store_history=keeps)
                attempt.done.add(cell_index)
                return done

            def output(self, outs: list, msg: dict, display_id: str | None, cell_index: int) -> Any:
                if not attempt.cells[cell_index].name or self.room <= 0:
                    return None
                self.room -= len(str(msg["content"]))
                is_short = self.room > 0 or msg["msg_type"] == "error"
                return super().output(outs, msg, display_id, cell_index) if is_short else None

            async def _async_handle_timeout(self, timeout: int, cell: Any = None) -> None:
                if attempt.at < attempt.first_own and not attempt.cells[attempt.at].name:
                    raise Stop(SLOW, attempt.at)  # nothing of the student's has run yet
                attempt.looped.add(attempt.at)
                await self.km.interrupt_kernel()
                if not await self.kc.shell_channel.socket.poll(1000 * GRACE):
                    raise Stop(STUCK, attempt.at)

        manager = Manager(connection_file=connection)
        if self.hide is not None:
            manager.transport = "ipc"  # the network is out of reach
        manager.context.setsockopt(MAXMSGSIZE, LARGEST_MESSAGE)
        return Client(
            notebook,
            km=manager,
            timeout_func=lambda cell: max(1, min(self.timeout, int(self.end - monotonic()))),
            startup_timeout=60,
            iopub_timeout=60,  # a busy machine is slow to show what a cell printed
            raise_on_iopub_timeout=True,
            allow_errors=True,
            shutdown_kernel="immediate",
            extra_arguments=["--HistoryManager.hist_file=:memory:"],
        )

    def before(self, index: int, folder: Path) -> None:
        """Go on to a cell; raise Stop if the time or the disk is used up."""
        self.at = index
        left = ", ".join(cell.name for cell in self.cells[index:] if cell.name)
        if monotonic() > self.end:
            raise Stop(f"stopped: all its time was used; not run: {left}", index)
        if _size(folder) > MOST_DISK:
            raise Stop(
                f"stopped: it wrote more than {MOST_DISK // 10**6} MB; not run: {left}", index
            )


def _environment(folder: Path) -> dict[str, str]:
    """Return the variables of the kernel: nothing secret, no network, all files in its folder."""
    import matplotlib

    here = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    # Matplotlib's list of fonts takes seconds to make: copy it.
    fonts = folder / "matplotlib"
    fonts.mkdir()
    for path in Path(matplotlib.get_cachedir()).glob("fontlist-*.json"):
        (fonts / path.name).write_bytes(path.read_bytes())
    return here | {
        "HOME": str(folder),
        "USER": "student",
        "LOGNAME": "student",
        "TMPDIR": str(folder),
        "MPLCONFIGDIR": str(fonts),
        "ASL_CACHE_DIR": str(folder / "cache"),
        "ASL_OFFLINE": "1",
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


@contextlib.contextmanager
def _user_of_its_own() -> Iterator[int]:
    """Give a user that no other grading on this machine has: it holds the port of that number."""
    for user in USERS:
        with socket.socket() as holder:
            try:
                holder.bind(("127.0.0.1", user))
            except OSError:
                continue
            yield user
            return
    raise Stop(SLOW)  # thousands of submissions run at once


def _size(folder: Path) -> int:
    """Return the bytes of all files in a folder."""
    total = 0
    for path, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(path, name)).st_size  # noqa: PTH118 (quicker)
    return total


def _end_all(user: int | None) -> None:
    """End every process of a submission's user, so that nothing waits for the next one."""
    if user is None:
        return
    import psutil

    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.uids().real == user:
                process.kill()


def _launcher(orders: dict) -> list[str]:
    return [sys.executable, "-I", __file__, json.dumps(orders)]


def _launch(orders: dict, command: list[str]) -> None:
    """Take the limits, give up what root can do, and become the command."""
    import resource

    def most(name: str, value: int) -> None:
        with contextlib.suppress(ValueError, OSError, AttributeError):
            kind = getattr(resource, name)
            hard = resource.getrlimit(kind)[1]
            value = value if hard == resource.RLIM_INFINITY else min(value, hard)
            resource.setrlimit(kind, (value, value))

    if orders.get("hide") is not None:
        _hide(orders["hide"], os.path.dirname(orders.get("file", "")))  # noqa: PTH120
    most("RLIMIT_AS", MEMORY)
    most("RLIMIT_FSIZE", LARGEST_FILE)
    most("RLIMIT_CORE", 0)
    user = orders.get("user")
    if user is not None:
        most("RLIMIT_NPROC", MOST_PROCESSES)
        if orders.get("file"):
            os.chown(orders["file"], user, user)
        os.setgroups([])
        os.setgid(user)
        os.setuid(user)
    os.execv(command[0], command)


def _hide(folders: list[str], own: str) -> None:
    """Give this process a view of its own: empty folders in place of these, and no network.

    The shared temporary folders are empty too, so that no student leaves anything there for another
    or fills the disk; only the submission's ``own`` folder stays.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    new_mounts, new_network, private, bind = 0x20000, 0x40000000, 0x44000, 0x1000

    def call(result: int) -> None:
        if result:
            raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

    call(libc.unshare(new_mounts | new_network))
    call(libc.mount(None, b"/", None, private, None))
    for folder in folders:
        place = os.fsencode(folder)
        if os.path.isdir(place):  # noqa: PTH112 (the launcher imports little)
            call(libc.mount(b"none", place, b"tmpfs", 0, b"size=4k,mode=000"))
        else:
            call(libc.mount(b"/dev/null", place, None, bind, None))
    needed = (sys.prefix, os.path.abspath(__file__))  # noqa: PTH100
    if not own or any(path.startswith(SHARED) for path in needed):
        return
    kept = os.open(own, os.O_PATH)
    for place in filter(os.path.isdir, SHARED):
        call(libc.mount(b"none", os.fsencode(place), b"tmpfs", 0, b"size=100m,mode=1777"))
    os.makedirs(own, exist_ok=True)  # noqa: PTH103
    call(libc.mount(b"/proc/self/fd/%d" % kept, os.fsencode(own), None, bind, None))
    os.close(kept)
    os.chdir(own)


if __name__ == "__main__":
    _launch(json.loads(sys.argv[1]), sys.argv[2:])
