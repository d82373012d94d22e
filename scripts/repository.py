"""Move every link to the repository: badges, setup cells, README, citation, pages.

The address stands in _config.yml (`repository.url`). Called with a new address, this rewrites it
there and everywhere else; called with `--check`, it lists files that name another one.
"""

import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "_config.yml"
ADDRESS = re.compile(r"https://github\.com/([\w.-]+)/([\w.-]+)")
# What the course's own links look like, whatever repository they name.
OWN = re.compile(
    r"colab\.research\.google\.com/github/([\w.-]+/[\w.-]+)/blob"
    r"|git\+https://github\.com/([\w.-]+/[\w.-]+)"
    r"|git clone https://github\.com/([\w.-]+/[\w.-]+)"
    r"|(?:repository-code|url): \"?https://github\.com/([\w.-]+/[\w.-]+)"
)


class RepositoryError(Exception):
    """The address is not one of a repository on GitHub."""


def current() -> str:
    """Return ``owner/name`` as _config.yml gives it."""
    return parse(yaml.safe_load(CONFIG.read_text(encoding="utf-8"))["repository"]["url"])


def parse(url: str) -> str:
    """Return ``owner/name`` of an address; raise RepositoryError for another form."""
    found = ADDRESS.fullmatch(url.strip().removesuffix("/").removesuffix(".git"))
    if not found:
        raise RepositoryError(
            f"{url!r} is not a repository's address. Give one such as "
            "https://github.com/owner/name (Colab opens notebooks from GitHub only)."
        )
    return "/".join(found.groups())


def files() -> list[Path]:
    """Return the text files of the checkout, tracked or new."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    kinds = {".bib", ".ipynb", ".md", ".yml", ".yaml", ".cff", ".toml", ".py", ".json"}
    paths = (ROOT / name for name in listed.split("\0") if name)
    return [path for path in paths if path.suffix in kinds and path.is_file()]


def strays() -> list[str]:
    """Return ``file: owner/name`` for each link of the course's own that names another one."""
    here = current()
    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files()
        if path.relative_to(ROOT).parts[0] != "tests"  # they hold strays on purpose
        for found in OWN.finditer(path.read_text(encoding="utf-8"))
        if (name := next(group for group in found.groups() if group).removesuffix(".git")) != here
    ]


def move(url: str) -> list[str]:
    """Write the new address wherever the present one stands; return the files that changed."""
    old, new = current(), parse(url)
    changed = []
    # Only in an address: "x/y" may be a repository here and a fraction there.
    whole = re.compile(r"(github(?:usercontent)?(?:\.com)?/)" + re.escape(old) + r"(?![\w-])")
    for path in files():
        text = path.read_text(encoding="utf-8")
        moved = whole.sub(rf"\g<1>{new}", text)
        if moved != text:
            path.write_text(moved, encoding="utf-8")
            changed.append(str(path.relative_to(ROOT)))
    return changed


def main() -> int:
    try:
        if sys.argv[1:] == ["--check"]:
            found = strays()
            print("\n".join(found) or f"Every link names {current()}.")
            return 1 if found else 0
        changed = move(sys.argv[1] if len(sys.argv) > 1 else "")
    except RepositoryError as error:
        print(f"{error}\n  make repository URL=https://github.com/owner/name", file=sys.stderr)
        return 2
    print(f"{len(changed)} files now name {current()}:", *changed, sep="\n  ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
