import pandas as pd
import pytest

from asl_helpers.figures.charts import history_curves


@pytest.fixture
def history():
    frame = pd.DataFrame(
        {
            "loss": [2.0, 1.0, 0.5],
            "accuracy": [0.3, 0.6, 0.9],
            "val_loss": [1.8, 1.2, 1.4],
            "val_accuracy": [0.35, 0.55, 0.5],
        },
        index=pd.RangeIndex(1, 4, name="epoch"),
    )
    frame.attrs["best_epoch"] = 2
    return frame


def lines(ax):
    return {line.get_label(): line for line in ax.lines}


def test_each_panel_holds_training_and_validation(history):
    fig = history_curves(history, source="drawn hands")
    loss, accuracy = fig.axes
    assert lines(loss)["training"].get_ydata().tolist() == [2.0, 1.0, 0.5]
    assert lines(loss)["validation"].get_ydata().tolist() == [1.8, 1.2, 1.4]
    assert lines(accuracy)["validation"].get_ydata().tolist() == [0.35, 0.55, 0.5]
    assert [ax.get_xlabel() for ax in fig.axes] == ["epoch", "epoch"]
    assert "drawn hands" in fig.get_supxlabel()


def test_the_lines_are_named_at_their_ends(history):
    names = {text.get_text(): text for text in history_curves(history).axes[1].texts}
    assert names["training"].xy == (3, 0.9)
    assert names["validation"].xy == (3, 0.5)
    assert names["training"].get_va() == "bottom"
    assert names["validation"].get_va() == "top"


def test_the_kept_epoch_is_marked(history):
    kept = lines(history_curves(history).axes[0])["kept"]
    assert (kept.get_xdata()[0], kept.get_ydata()[0]) == (2, 1.2)


def test_a_history_without_a_kept_epoch_is_drawn_too(history):
    history.attrs.clear()
    assert "kept" not in lines(history_curves(history).axes[0])
