"""Run the chapters that the execution cache lacks, several at a time.

The book's builder would run them too, but one after the other. What fails here stays out of the
cache, so that the builder meets the error again and reports it with its cell.
"""

import os
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import yaml
from jupyter_cache import get_cache
from jupyter_cache.executors.utils import create_cache_bundle, single_nb_execution

ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = min(4, os.cpu_count() or 1)  # a chapter takes up to 3 GB


def execute(chapters: list[Path], folder: Path) -> None:
    """Execute each notebook that ``folder``, a cache of jupyter-cache, does not hold yet."""
    settings = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    cache = get_cache(folder)
    for path in chapters:
        cache.add_nb_to_project(str(path))
    names = [str(path) for path in chapters]
    waiting = [cache.get_project_notebook(row.pk) for row in cache.list_unexecuted(names)]

    def run(chapter):
        where = str(Path(chapter.uri).parent)
        return chapter, single_nb_execution(
            chapter.nb, where, settings["execute"]["timeout"], allow_errors=False
        )

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for place, future in enumerate(as_completed(pool.submit(run, each) for each in waiting)):
            chapter, result = future.result()
            state = f"stopped: {type(result.err).__name__}" if result.err else "ran"
            name = Path(chapter.uri).stem
            print(f"[{place + 1}/{len(waiting)}] {name} {state}, {result.time:.0f} s", flush=True)
            if not result.err:  # written by this one thread: the cache is a small database
                bundle = create_cache_bundle(chapter, None, None, result.time, None)
                cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
