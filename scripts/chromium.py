"""Find a Chromium for the checks of the pages, or bring one."""

import os
import shutil
import subprocess
import sys

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"


class ChromiumError(Exception):
    """There is no browser, and none could be brought."""


def find() -> str | None:
    """Return the path of $CHROMIUM, of the system's Chromium or of Chrome; None without one."""
    given = os.environ.get("CHROMIUM")
    if given and not shutil.which(given):
        raise ChromiumError(f"CHROMIUM={given!r} is no program. Name one, or unset it.")
    for name in (given, *NAMES, MAC):
        if name and (path := shutil.which(name)):
            return path
    return None


def ensure() -> None:
    """Make sure that a browser can be started: the system's, the distribution's, playwright's."""
    if find():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        print("No Chromium yet: installing the distribution's ...", flush=True)
        quiet = {
            "stdout": subprocess.DEVNULL,
            "env": {**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        }
        subprocess.run(["apt-get", "update", "-qq"], **quiet)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], **quiet)
        if find():
            return
    print("No Chromium yet: asking playwright for one ...", flush=True)
    if subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"]).returncode:
        raise ChromiumError(
            "No Chromium was found and none could be installed. Install Chromium or Chrome, or "
            "name one: CHROMIUM=/path/to/chromium make test"
        )
