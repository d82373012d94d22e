"""Links: move those to the repository, or ask every external one whether it still answers.

The repository's address stands in _config.yml (`repository.url`). Called with a new address, this
rewrites it there and everywhere else; with `--external` it asks all other links of the project's
texts (needs the network).
"""

import re
import subprocess
import sys
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
ADDRESS = re.compile(r"https://github\.com/([\w.-]+/[\w.-]+)")
# What the course's own links look like, whatever repository they name.
OWN = re.compile(
    r"(?:colab\.research\.google\.com/github/(?=[\w.-]+/[\w.-]+/blob)"
    r"|(?:git\+|git clone |(?:repository-code|url): \"?)https://github\.com/)([\w.-]+/[\w.-]+)"
)
KINDS = {".bib", ".ipynb", ".md", ".yml", ".yaml", ".cff", ".toml", ".py", ".json"}
TEXTS = {".bib", ".ipynb", ".md", ".cff"}
LINK = re.compile(r"https?://[^\s<>\"'`)\]}\\|]+")
# Sites that refuse every program answer so; a page that is gone answers 404 or 410.
REFUSED = {401, 403, 405, 406, 418, 429, 503}


def current() -> str:
    """Return ``owner/name`` as _config.yml gives it."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    return parse(config["repository"]["url"])


def parse(url: str) -> str:
    """Return ``owner/name`` of an address; another form ends the program with what to do."""
    match = ADDRESS.fullmatch(url.strip().removesuffix("/").removesuffix(".git"))
    if not match:
        sys.exit(
            f"{url!r} is not a repository's address (Colab opens notebooks from GitHub only).\n"
            "  make repository URL=https://github.com/owner/name"
        )
    return match[1]


def site(name: str) -> str:
    """Return the address at which GitHub publishes a repository's pages."""
    return "https://{}.github.io/{}/".format(*name.split("/"))


def texts() -> dict[Path, str]:
    """Return the text files of the checkout, tracked or new, with their contents."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    paths = (ROOT / name for name in listed.split("\0") if Path(name).suffix in KINDS)
    return {path: path.read_text(encoding="utf-8") for path in paths if path.is_file()}


def strays() -> list[str]:
    """Return ``file: owner/name`` for each link of the course's own that names another one."""
    here = current()
    names = [
        (path.relative_to(ROOT), name.removesuffix(".git"))
        for path, text in texts().items()
        for name in OWN.findall(text)
    ]
    # Tests hold strays on purpose.
    return [f"{path}: {name}" for path, name in names if name != here and path.parts[0] != "tests"]


def move(url: str) -> list[str]:
    """Write the new address wherever the present one stands; return the files that changed."""
    old, new = current(), parse(url)
    changed = []
    # Only in an address: "x/y" may be a repository here and a fraction there.
    whole = re.compile(r"(github(?:usercontent)?(?:\.com)?/)" + re.escape(old) + r"(?![\w-])")
    pages, new_pages = site(old), site(new)
    for path, text in texts().items():
        moved = whole.sub(rf"\g<1>{new}", text).replace(pages, new_pages)
        if moved != text:
            path.write_text(moved, encoding="utf-8")
            changed.append(str(path.relative_to(ROOT)))
    return changed


def check_external() -> list[str]:
    """Return a line for each external link that does not answer, the project's own left out."""
    own, links = (current(), site(current()), "127.0.0.1"), {}
    for path, text in texts().items():
        if path.suffix in TEXTS and "tests" not in path.parts:
            for address in LINK.findall(text):
                if not any(name in address for name in own):
                    links.setdefault(address.rstrip(".,;:"), set()).add(path.name)
    with ThreadPoolExecutor(8) as pool:
        answers = zip(links.items(), pool.map(answer, links), strict=True)
        return [f"{a} {why}; named in {', '.join(sorted(n))}" for (a, n), why in answers if why]


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


if __name__ == "__main__":
    argument = "".join(sys.argv[1:2])
    if argument == "--external":
        sys.exit("\n".join(check_external()) or 0)
    print(*move(argument), f"These files now name {current()}.", sep="\n")
