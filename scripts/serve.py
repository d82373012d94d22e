"""Show the built pages at a local address until Ctrl-C."""

import functools
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

PAGES = Path(__file__).resolve().parent.parent / "_build" / "html"
PORTS = range(8000, 8020)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a line for each."""

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def start(port: int = 0) -> ThreadingHTTPServer:
    """Return a server of the built pages on this machine alone; port 0 takes a free one."""
    handler = functools.partial(Quiet, directory=str(PAGES))
    return ThreadingHTTPServer(("127.0.0.1", port), handler)


def main() -> None:
    for port in PORTS:
        try:
            server = start(port)
        except OSError:  # taken
            continue
        print(f"The course is at http://127.0.0.1:{port}/  (Ctrl-C ends)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            return
    sys.exit(f"Ports {PORTS[0]}-{PORTS[-1]} are all taken; free one.")


if __name__ == "__main__":
    main()
