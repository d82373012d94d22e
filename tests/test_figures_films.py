"""What the figures of chapter 12 show."""

import numpy as np
import pytest

from asl_helpers.figures import part3


def test_film_strips_put_each_frame_into_its_part():
    parts = {"random": [0, 2, 0, 1, 0], "blocks": [0, 0, -1, 1, 2]}
    fig = part3.film_strips([1, 2, 3, 4, 5], parts, source="drawn hands")
    assert [ax.get_title(loc="left") for ax in fig.axes] == list(parts)
    for ax, wanted in zip(fig.axes, parts.values(), strict=True):
        middles = [[b.get_x() + b.get_width() / 2 for b in bars] for bars in ax.containers]
        for part, places in enumerate(middles):
            assert np.allclose(places, 1 + np.flatnonzero(np.array(wanted) == part))
    said = [text.get_text() for text in fig.legends[0].get_texts()]
    assert said == ["training", "validation", "test"]
    assert "drawn hands" in fig.get_supxlabel()


def test_film_strips_parts_differ_in_height_too():
    fig = part3.film_strips([1, 2, 3], {"any": [0, 1, 2]})
    spans = [(bars[0].get_y(), bars[0].get_y() + bars[0].get_height())
             for bars in fig.axes[0].containers]  # fmt: skip
    assert len({round(bottom, 3) for bottom, _ in spans}) == 3


@pytest.mark.parametrize("top", [900, 250_000])
def test_picture_rates_has_a_sign_a_way_and_readable_marks(top):
    fig = part3.picture_rates([224, 96], {"plain": [200, 400], "model": [90, top]}, source="x")
    (ax,) = fig.axes
    assert [line.get_xdata().tolist() if hasattr(line.get_xdata(), "tolist") else
            list(line.get_xdata()) for line in ax.lines] == [[200, 400], [90, top]]  # fmt: skip
    assert [tick.get_text() for tick in ax.get_yticklabels()] == ["224 px", "96 px"]
    assert ax.get_xscale() == "log"
    assert len({line.get_marker() for line in ax.lines}) == 2
    assert 2 <= len(ax.get_xticks()) <= 9
    assert [text.get_text() for text in fig.legends[0].get_texts()] == ["plain", "model"]
