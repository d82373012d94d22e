"""Execute the chapters and build the pages into _build/html; strict: any warning is an error.

Chapters that ran before are not run again, unless something they depend on has changed: the
execution cache lies in a folder named after a hash of the package, the data, the environment, the
run's profile and the list of the reader's own data files (the cache itself looks at the cells).
"""

import hashlib
import os
import shutil
import sys
import time
from pathlib import Path

from executing import execute
from figures import draw_figures
from fragments import write_fragments
from vendor import VendorError, vendor

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "_build" / "html"
CACHES = ROOT / "_build" / "executed"
DEPENDS = ("asl_helpers/**/*.py", "data/**/*", "requirements.txt", "pyproject.toml")
SETTINGS = ("_toc.yml", "_config.yml")
KEPT = 2  # executed sets that stay: the current one and the one before (say, on real data)


def main() -> int:
    start = time.monotonic()
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        _forget_pages_of_another_book()
        cache = _cache()
        vendor()
    except (VendorError, OSError) as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    draw_figures()
    write_fragments()
    execute(sorted(ROOT.glob("book/part*/ch*.ipynb")), cache)
    failed = _build(cache)
    for template in (OUT / "_static").glob("*.html"):  # the theme's, left there by mistake
        template.unlink()
    if failed:
        print(
            "\nThe book was not built: each WARNING or ERROR above names its file and line. "
            "Mend it, then run `make book` again.",
            file=sys.stderr,
        )
        return 1
    _front_door()
    print(f"\nBuilt in {time.monotonic() - start:.0f} s. Open {OUT / 'index.html'}")
    print("or run `make serve` and follow the address it prints.")
    return 0


def key() -> str:
    """Return a hash of everything outside the notebooks that their results depend on."""
    digest = hashlib.sha256()
    for pattern in DEPENDS:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    defaults = {"ASL_PROFILE": "quick", "ASL_OFFLINE": "", "ASL_DATA_DIR": ""}
    for name, default in defaults.items():
        digest.update(f"{name}={os.environ.get(name, '').strip() or default}\0".encode())
    digest.update(sys.version.encode())
    given = os.environ.get("ASL_DATA_DIR", "").strip()
    folder = Path(given).expanduser()
    if given and not folder.is_dir():
        raise NotADirectoryError(f"ASL_DATA_DIR={given!r} is not a folder. Name one, or unset it.")
    for path in sorted(folder.rglob("*")) if given else ():
        if path.is_file():
            state = path.stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def _cache() -> Path:
    """Return the folder of this state's executed chapters; delete all but the last few."""
    folder = CACHES / key()
    folder.mkdir(parents=True, exist_ok=True)
    os.utime(folder)
    for old in sorted(CACHES.iterdir(), key=lambda path: path.stat().st_mtime)[:-KEPT]:
        shutil.rmtree(old)
    return folder


def _forget_pages_of_another_book() -> None:
    """Delete the built pages when the table of contents or the settings have changed."""
    stamp = OUT.parent / ".settings"
    settings = "".join((ROOT / name).read_text(encoding="utf-8") for name in SETTINGS)
    digest = hashlib.sha256(settings.encode()).hexdigest()
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != digest:
        for folder in (OUT, OUT.parent / ".doctrees"):
            shutil.rmtree(folder, ignore_errors=True)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest, encoding="utf-8")


def _build(cache: Path) -> bool:
    from jupyter_book.sphinx import build_sphinx

    result = build_sphinx(
        ROOT,
        OUT,
        path_config=ROOT / "_config.yml",
        confoverrides={
            "external_toc_path": str(ROOT / "_toc.yml"),
            "nb_execution_cache_path": str(cache),
            "latex_individualpages": False,
        },
        noconfig=True,
        warningiserror=True,
        keep_going=True,
        quiet=False,
    )
    return result != 0


def _front_door() -> None:
    """Let _build/html/index.html lead to the front page, with or without scripts."""
    page = "book/index.html"
    (OUT / "index.html").write_text(
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="refresh" content="0; url={page}">\n'
        '<link rel="icon" href="_static/favicon.svg">\n'
        "<title>Fingerspelling, from one convolution to a camera that works</title>\n</head>\n"
        f'<body><main><h1>The course</h1><p><a href="{page}">Open the front page</a></p></main>'
        "</body>\n</html>\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    sys.exit(main())
