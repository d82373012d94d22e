"""Record what the chapters glue for their prose: glued.json, {chapter: {name: value as text}}.

It reads executed notebooks, either from a build's cache of the chapters or from given ones:
python tests/nets/record_glued.py [ROOT OF A CHECKOUT] [CACHE ...]
"""

import sys
from pathlib import Path

NETS = Path(__file__).resolve().parent
sys.path.insert(0, str(NETS.parent))

from nets import keeping  # noqa: E402


def main(root: str = str(keeping.ROOT), *folders: str) -> None:
    values: dict = {}
    for folder in map(Path, folders) if folders else [None]:
        values |= keeping.glued(Path(root).resolve(), folder)
    values = dict(sorted(values.items()))
    keeping.write("glued.json", values)
    print(sum(map(len, values.values())), "values of", len(values), "chapters recorded")


if __name__ == "__main__":
    main(*sys.argv[1:])
