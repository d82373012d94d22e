import executing
import nbformat
import pytest
from jupyter_cache import get_cache
from nbformat.v4 import new_code_cell, new_notebook


@pytest.fixture
def chapters(tmp_path):
    """Two notebooks, the second of which fails."""
    paths = [tmp_path / "sound.ipynb", tmp_path / "broken.ipynb"]
    for path, code in zip(paths, ("print(6 * 7)", "raise ValueError"), strict=True):
        notebook = new_notebook(cells=[new_code_cell(code)])
        notebook.metadata.kernelspec = {"name": "python3", "display_name": "Python 3"}
        nbformat.write(notebook, path)
    return paths


def test_what_ran_is_found_by_the_builder_and_not_run_again(chapters, tmp_path, capsys):
    executing.execute(chapters, tmp_path / "cache")
    said = capsys.readouterr().out
    assert "sound ran" in said and "broken stopped: CellExecutionError" in said
    cache = get_cache(tmp_path / "cache")
    _, found = cache.merge_match_into_notebook(nbformat.read(chapters[0], 4))
    assert found.cells[0].outputs[0].text == "42\n"
    with pytest.raises(KeyError):
        cache.match_cache_notebook(nbformat.read(chapters[1], 4))
    executing.execute(chapters[:1], tmp_path / "cache")
    assert capsys.readouterr().out == ""
