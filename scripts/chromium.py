"""Find a Chromium for the checks of the pages, or install one."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


class ChromiumError(Exception):
    """There is no browser, and none could be installed."""


def find() -> str | None:
    """Return the path of $CHROMIUM, of the system's Chromium or of Chrome; None without one."""
    given = os.environ.get("CHROMIUM")
    if given and not shutil.which(given):
        raise ChromiumError(f"CHROMIUM={given!r} is no program. Name one, or unset it.")
    return next(filter(None, map(shutil.which, filter(None, (given, *NAMES, MAC)))), None)


def ensure() -> None:
    """Make sure that a browser can be started: the system's, the distribution's, playwright's."""
    if not find() and shutil.which("apt-get") and os.geteuid() == 0:
        print("No Chromium yet: installing the distribution's ...", flush=True)
        for command in ("apt-get update -qq", "apt-get install -y -qq chromium"):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(command.split(), stdout=subprocess.DEVNULL, env=environment)
    if not find():
        print("No Chromium yet: asking playwright for one ...", flush=True)
        if subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"]).returncode:
            raise ChromiumError(
                "No Chromium was found and none could be installed. Install Chromium or Chrome, "
                "or name one: CHROMIUM=/path/to/chromium make test"
            )
