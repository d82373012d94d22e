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
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import yaml
from fragments import draw_figures, write_fragments
from slides import write_slides
from vendor import VendorError, vendor

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "_build" / "html"
CACHES = ROOT / "_build" / "executed"
UNREAD = "values.json"  # recorded from a build; no chapter reads it
DEPENDS = ("asl_helpers/**/*.py", "data/**/*", "requirements.txt", "pyproject.toml")
SETTINGS = ("_toc.yml", "_config.yml")
AT_ONCE = min(4, os.cpu_count() or 1)  # a chapter takes up to 3 GB
MOVED = dict(
    line.split() for line in (ROOT / "scripts" / "moved.txt").read_text("utf-8").splitlines()
)
"""Addresses of pages that have moved, and where they are now."""
KEPT = 2  # executed sets that stay: the current one and the one before (say, on real data)


def main() -> int:
    start = time.monotonic()
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    try:
        _forget_pages_of_another_book()
        cache = cache_folder()
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
    write_slides(cache)
    redirect({"index.html": "book/index.html"} | MOVED)
    print(f"\nBuilt in {time.monotonic() - start:.0f} s. Open {OUT / 'index.html'}")
    print("or run `make serve` and follow the address it prints.")
    return 0


def key() -> str:
    """Return a hash of everything outside the notebooks that their results depend on."""
    digest = hashlib.sha256(sys.version.encode())
    for path in (path for pattern in DEPENDS for path in sorted(ROOT.glob(pattern))):
        if path.is_file() and "__pycache__" not in path.parts and path.name != UNREAD:
            digest.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    given = os.environ.get("ASL_DATA_DIR", "").strip()
    profile = os.environ.get("ASL_PROFILE", "").strip() or "quick"
    offline = os.environ.get("ASL_OFFLINE", "").strip()
    digest.update(f"{profile}\0{offline}\0{given}\0".encode())
    folder = Path(given).expanduser()
    if given and not folder.is_dir():
        raise NotADirectoryError(f"ASL_DATA_DIR={given!r} is not a folder. Name one, or unset it.")
    for path in sorted(folder.rglob("*")) if given else ():
        if path.is_file():
            state = path.stat()
            digest.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\0".encode())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
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


def execute(chapters: list[Path], folder: Path) -> None:
    """Execute, several at a time, each notebook that jupyter-cache does not hold in ``folder``.

    The book's builder would run them too, but one after the other. What fails here stays out of
    the cache, so that the builder meets the error again and reports it with its cell.
    """
    from jupyter_cache import get_cache
    from jupyter_cache.executors.utils import create_cache_bundle, single_nb_execution

    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    timeout = settings["execute"]["timeout"]
    cache = get_cache(folder)
    for path in chapters:
        cache.add_nb_to_project(str(path))
    names = [str(path) for path in chapters]
    waiting = [cache.get_project_notebook(row.pk) for row in cache.list_unexecuted(names)]

    def run(chapter):
        cwd = str(Path(chapter.uri).parent)
        return chapter, single_nb_execution(chapter.nb, cwd, timeout, allow_errors=False)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        futures = as_completed(pool.submit(run, each) for each in waiting)
        for number, future in enumerate(futures, start=1):
            chapter, result = future.result()
            state = f"stopped: {type(result.err).__name__}" if result.err else "ran"
            name = Path(chapter.uri).stem
            print(f"[{number}/{len(waiting)}] {name} {state}, {result.time:.0f} s", flush=True)
            if not result.err:  # written by this one thread: the cache is a small database
                bundle = create_cache_bundle(chapter, None, None, result.time, None)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)


def redirect(moved: dict[str, str]) -> None:
    """Write, at each old address, a page that leads to the new one."""
    page = (ROOT / "scripts" / "redirect.html").read_text(encoding="utf-8")
    for old, new in moved.items():
        root = "../" * old.count("/")
        text = page.replace("{page}", root + new).replace("{root}", root)
        (OUT / old).write_text(text, encoding="utf-8")


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


if __name__ == "__main__":
    sys.exit(main())
