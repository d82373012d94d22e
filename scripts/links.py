"""Ask every external link of the project's texts whether it still answers (needs the network)."""

import re
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from repository import current, files

LINK = re.compile(r"https?://[^\s<>\"'`)\]}\\|]+")
KINDS = {".md", ".ipynb", ".bib", ".cff"}
# Sites that refuse every program answer so; a page that is gone answers 404 or 410.
REFUSED = {401, 403, 405, 406, 418, 429, 503}


def external() -> dict[str, list[str]]:
    """Return each external address with the files that name it, the project's own left out."""
    found: dict[str, list[str]] = {}
    for path in files():
        if path.suffix not in KINDS or "tests" in path.parts:
            continue
        for match in LINK.findall(path.read_text(encoding="utf-8")):
            address = match.rstrip(".,;:")
            if current() not in address and "127.0.0.1" not in address:
                found.setdefault(address, []).append(path.name)
    return found


def answer(address: str) -> str | None:
    """Return why an address does not answer, or None."""
    request = urllib.request.Request(address, headers={"User-Agent": "Mozilla/5.0 (link check)"})
    try:
        with urllib.request.urlopen(request, timeout=30):
            return None
    except urllib.error.HTTPError as error:
        return None if error.code in REFUSED else f"answers {error.code}"
    except OSError as error:
        return f"no answer ({error})"


def main() -> int:
    addresses = external()
    with ThreadPoolExecutor(8) as pool:
        answers = dict(zip(addresses, pool.map(answer, addresses), strict=True))
    broken = {address: why for address, why in answers.items() if why}
    for address, why in broken.items():
        print(f"{address} {why}; named in {', '.join(sorted(set(addresses[address])))}")
    print(f"{len(addresses) - len(broken)} of {len(addresses)} external links answer.")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
