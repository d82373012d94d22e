"""Write what the package gives today to nets.json and images.npz. By hand, and only on purpose.

PYTHONPATH=tests:. .venv/bin/python -m nets.record             every net
PYTHONPATH=tests:. .venv/bin/python -m nets.record rendered    only these; the others stay
"""

import json
import os
import sys
import tempfile
import time

import numpy as np

from nets.holding import IMAGES, JSON, KEPT, held, machine


def main(wanted: list[str]) -> None:
    os.environ.pop("ASL_DATA_DIR", None)
    os.environ.pop("ASL_PROFILE", None)
    os.environ["ASL_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory() as cache:
        os.environ["ASL_CACHE_DIR"] = cache
        from nets.calls import NETS

        names = wanted or list(NETS)
        whole = json.loads(JSON.read_text("utf-8")) if wanted else {"nets": {}}
        images = {}
        if wanted:
            with np.load(IMAGES, allow_pickle=False) as kept:
                images = {key: kept[key] for key in kept if key.split("/")[0] not in names}
        for name in names:
            start = time.perf_counter()
            values = NETS[name]()
            whole["nets"][name] = {key: held(value) for key, value in values.items()}
            if name in KEPT:
                images |= {
                    f"{name}/{key}": value
                    for key, value in values.items()
                    if isinstance(value, np.ndarray) and value.dtype == np.uint8
                }
            print(f"{time.perf_counter() - start:6.2f} s  {name}", flush=True)
    whole["machine"] = machine()
    JSON.write_text(json.dumps(whole, separators=(",", ":")).replace("},", "},\n") + "\n", "utf-8")
    np.savez_compressed(IMAGES, **images)
    print(f"{JSON.stat().st_size / 1e3:.0f} kB, {IMAGES.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main(sys.argv[1:])
