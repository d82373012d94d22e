"""Each real chapter graded: the reference, an untouched copy, and a wrong answer everywhere."""

import csv
import json
import shutil

import notebooks
import pytest
from miniature import read, working_in

from asl_helpers import labs
from asl_helpers.labs import chapters

CHAPTERS = {path.stem.split("_")[0]: path for path in notebooks.chapters()}

# For each chapter a plausible wrong answer to each exercise: the code, the points that it should
# get, and what the note says about it.
WRONG = {
    "ch01": {
        "ch01-kernel": ("horizontal = vertical", 0.5, "finds vertical edges"),
        "ch01-output-size": (
            "def output_size(n, k, stride=1, padding=0):\n"
            "    return (n + 2 * padding - k) // stride",
            0.4,
            "add 1",
        ),
        "ch01-corr2d": (
            "def corr2d(image, kernel, stride=1, padding=0):\n"
            "    image, kernel = np.pad(image, padding), kernel[::-1, ::-1]\n"
            "    view = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)\n"
            "    return (view * kernel).sum(axis=(2, 3))[::stride, ::stride]",
            0,
            "Your kernel is flipped",
        ),
        "ch01-conv2d": (
            "def conv2d(images, kernel, bias):\n"
            "    view = np.lib.stride_tricks.sliding_window_view(\n"
            "        images, kernel.shape[:2], axis=(1, 2))\n"
            "    return np.einsum('nhwcij,ijcf->nhwf', view, kernel)",
            2.67,
            "You forgot the bias",
        ),
    },
    "ch02": {
        "ch02-merge": (
            "def merge(first, second):\n"
            "    rows, columns = first.shape\n"
            "    merged = np.zeros((rows + second.shape[0] - 1, columns + second.shape[1] - 1))\n"
            "    for i, j in np.ndindex(second.shape):\n"
            "        merged[i : i + rows, j : j + columns] += second[-1 - i, -1 - j] * first\n"
            "    return merged",
            0,
            "run backwards",
        ),
        "ch02-relu-backward": (
            "def relu_backward(x, upstream):\n    return np.maximum(upstream, 0)",
            0,
            "applied to the gradient",
        ),
        "ch02-max-pool": (
            "def max_pool(images, size, stride):\n"
            "    height = (images.shape[1] - size) // stride + 1\n"
            "    width = (images.shape[2] - size) // stride + 1\n"
            "    out = np.zeros((len(images), height, width, images.shape[3]))\n"
            "    for i, j in np.ndindex(size, size):\n"
            "        moved = images[:, i::stride, j::stride][:, :height, :width]\n"
            "        out = np.maximum(out, moved)\n"
            "    return out",
            2.4,
            "not from zeros",
        ),
        "ch02-shift-change": (
            "def shift_change(features, image, shift):\n"
            "    before, after = features(image), features(np.roll(image, shift, axis=1))\n"
            "    return np.linalg.norm(after - before)",
            1.5,
            "before the shift",
        ),
    },
    "ch03": {
        "ch03-dropout": (
            "def dropout(z, keep, rng, training=True):\n"
            "    return (rng.random(z.shape) < keep) * z if training else z",
            3,
            "or the mean sinks",
        ),
        "ch03-batch-norm": (
            "def batch_norm(x, gamma, beta, eps=1e-3):\n"
            "    mean, variance = x.mean(axis=0), x.var(axis=0)\n"
            "    return gamma * (x - mean) / np.sqrt(variance + eps) + beta",
            1,
            "average over the places",
        ),
        "ch03-moving-average": (
            "def moving_average(batches, momentum=0.99):\n"
            "    kept = np.zeros(batches.shape[1])\n"
            "    for new in batches:\n"
            "        kept = (1 - momentum) * kept + momentum * new\n"
            "    return kept",
            0,
            "The shares are exchanged",
        ),
    },
    "ch04": {
        "ch04-softmax": (
            "def softmax(logits):\n"
            "    return np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)",
            1.8,
            "exp overflows",
        ),
        "ch04-cross-entropy": (
            "def cross_entropy(logits, labels):\n"
            "    shifted = logits - logits.max(axis=1, keepdims=True)\n"
            "    true = shifted[np.arange(len(labels)), labels]\n"
            "    return (np.log(np.exp(shifted).sum(axis=1)) - true).sum()",
            0.75,
            "This is the sum",
        ),
        "ch04-gradient": (
            "def gradient(logits, labels):\n"
            "    exps = np.exp(logits)\n"
            "    probs = exps / exps.sum(axis=1, keepdims=True)\n"
            "    return probs - np.eye(logits.shape[1])[labels]",
            1,
            "the loss is a mean",
        ),
        "ch04-temperature": (
            "def best_temperature(logits, labels, candidates):\n"
            "    right = [(logits / each).argmax(axis=1) == labels for each in candidates]\n"
            "    return candidates[np.argmax(np.mean(right, axis=1))]",
            0,
            "compare the loss",
        ),
    },
    "ch05": {
        "ch05-momentum": (
            "def momentum_path(gradient, start, rate, momentum, steps):\n"
            "    path = [start]\n"
            "    for _ in range(steps):\n"
            "        path.append(path[-1] - rate * gradient(path[-1]))\n"
            "    return np.array(path)",
            1,
            "The velocity is forgotten",
        ),
        "ch05-adam": (
            "def adam_path(gradient, start, rate, steps):\n"
            "    path, m, v = [start], 0.0, 0.0\n"
            "    for _ in range(steps):\n"
            "        g = gradient(path[-1])\n"
            "        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g**2\n"
            "        path.append(path[-1] - rate * m / (np.sqrt(v) + 1e-7))\n"
            "    return np.array(path)",
            0,
            "No bias correction",
        ),
        "ch05-cosine": (
            "def cosine_rate(step, steps, rate):\n"
            "    return rate * (1 + np.cos(np.pi * step / steps)) / 2",
            1.6,
            "rises again",
        ),
    },
    "ch06": {
        "ch06-depthwise": (
            "def depthwise(images, kernels):\n"
            "    view = np.lib.stride_tricks.sliding_window_view(\n"
            "        images, kernels.shape[:2], axis=(1, 2))\n"
            "    return np.einsum('nhwcij,ijc->nhw', view, kernels)[..., np.newaxis]",
            1,
            "The channels are added up",
        ),
        "ch06-separable-cost": (
            "def separable_cost(size, kernel, channels, filters):\n"
            "    parameters = kernel**2 * (channels + channels * filters)\n"
            "    return parameters, size**2 * parameters",
            0.75,
            "The mixing is 1 × 1",
        ),
        "ch06-inverted": (
            "def inverted_parameters(channels, filters, expansion):\n"
            "    wide = expansion * channels\n"
            "    return channels * wide + 9 * wide + wide * filters",
            0,
            "Batch normalisation is missing",
        ),
        "ch06-attention": (
            "def attention(maps, w1, b1, w2, b2):\n"
            "    hidden = np.maximum(maps.mean(axis=(1, 2)) @ w1 + b1, 0)\n"
            "    exps = np.exp(hidden @ w2 + b2)\n"
            "    scales = exps / exps.sum(axis=1, keepdims=True)\n"
            "    return maps * scales[:, np.newaxis, np.newaxis]",
            0,
            "This is softmax",
        ),
    },
    "ch07": {
        "ch07-remap": (
            "def remap(labels):\n    return labels - (labels > 9)",
            1.5,
            "no such letter is in the set",
        ),
        "ch07-standardise": (
            "def standardise(train, images):\n    return (images - images.mean()) / images.std()",
            1,
            "measured by their own statistics",
        ),
        "ch07-nearest": (
            "def nearest(queries, pictures):\n"
            "    def unit(pictures):\n"
            "        rows = pictures.reshape(len(pictures), -1).astype(float)\n"
            "        return rows / np.linalg.norm(rows, axis=1, keepdims=True)\n"
            "    likeness = unit(queries) @ unit(pictures).T\n"
            "    return likeness.argmax(axis=1), likeness.max(axis=1)",
            0,
            "The mean is not taken off",
        ),
        "ch07-block-split": (
            "def block_split(labels, blocks, share, rng):\n"
            "    return rng.random(len(labels)) < share",
            3,
            "whole blocks, not pictures",
        ),
    },
    "ch08": {
        "ch08-normalise": (
            "def normalise(images):\n    return (images / 255).astype(np.float32)",
            0,
            "channel axis is missing",
        ),
        "ch08-count-parameters": (
            "counts = {'conv1': 3 * 3 * 32, 'conv2': 3 * 3 * 32 * 64,\n"
            "          'dense': 5 * 5 * 64 * 128, 'logits': 128 * 24}",
            0.6,
            "You forgot the biases",
        ),
        "ch08-confusions": (
            "def most_confused(matrix, class_names):\n"
            "    row, column = np.unravel_index(matrix.argmax(), matrix.shape)\n"
            "    return class_names[row], class_names[column]",
            0,
            "the diagonal counts them",
        ),
        "ch08-leak": (
            "def leaked_share(train_scenes, test_scenes):\n"
            "    return np.isin(np.unique(test_scenes), train_scenes).mean()",
            1,
            "This is a share of scenes",
        ),
    },
    "ch09": {
        "ch09-load-npz": (
            "def load_npz(path):\n"
            "    file = np.load(path)\n"
            "    return file['images'], file['labels']",
            1,
            "It was accepted: check their shape",
        ),
        "ch09-early-stop": (
            "def early_stop(losses, patience):\n"
            "    waited = 0\n"
            "    for place in range(1, len(losses)):\n"
            "        waited = 0 if losses[place] < losses[place - 1] else waited + 1\n"
            "        if waited == patience:\n"
            "            break\n"
            "    return int(np.argmin(losses[: place + 1])) + 1, place + 1",
            2,
            "compare with the lowest so far",
        ),
        "ch09-optimism": (
            "def optimism(validation, test):\n    return np.mean(test.max(axis=1) - test[:, -1])",
            1,
            "The last epoch was not chosen",
        ),
    },
    "ch10": {
        "ch10-chosen": (
            "def best_rates(table):\n"
            "    best = table.loc[table.groupby('optimizer')['test_accuracy'].idxmax()]\n"
            "    return dict(zip(best['optimizer'], best['rate']))",
            1,
            "This chooses by the test part",
        ),
        "ch10-paired": (
            "def paired_difference(scores, others):\n"
            "    one, two = list(scores.values()), list(others.values())\n"
            "    spread = np.hypot(np.std(one, ddof=1), np.std(two, ddof=1))\n"
            "    return np.mean(one) - np.mean(two), spread",
            0,
            "Subtract within each seed first",
        ),
        "ch10-mirror": (
            "def mirror(images):\n    return images[:, ::-1]",
            0,
            "These stand on their heads",
        ),
    },
    "ch11": {
        "ch11-scores": (
            "def scores(matrix):\n"
            "    right = matrix.diagonal()\n"
            "    recall, precision = right / matrix.sum(axis=0), right / matrix.sum(axis=1)\n"
            "    both = np.maximum(precision + recall, 1e-12)\n"
            "    return np.array([precision, recall, 2 * precision * recall / both])",
            0,
            "Precision and recall are exchanged",
        ),
        "ch11-heatmap": (
            "def heatmap(maps, slopes):\n"
            "    heat = np.maximum((maps * slopes).sum(axis=-1), 0)\n"
            "    return heat / (heat.max() or 1)",
            2,
            "mean slope first",
        ),
        "ch11-calibration": (
            "def calibration_error(confidence, right, bins):\n"
            "    place = np.minimum((confidence * bins).astype(int), bins - 1)\n"
            "    gaps = [confidence[place == b].mean() - right[place == b].mean()\n"
            "            for b in np.unique(place)]\n"
            "    return np.abs(gaps).mean()",
            0,
            "Every bin counts alike",
        ),
        "ch11-summary": (
            "def summary(seconds, batch, warmup):\n"
            "    median, p95 = np.quantile(seconds[warmup:], [0.5, 0.95])\n"
            "    return 1000 * median, 1000 * p95, 1 / median",
            0.67,
            "each call answers a whole batch",
        ),
    },
    "ch12": {
        "ch12-table": (
            "def picture_table(paths):\n"
            "    rows = [(path, Path(path).parent.name, int(''.join(filter(str.isdigit,\n"
            "            Path(path).stem)))) for path in sorted(paths)]\n"
            "    return pd.DataFrame(rows, columns=['path', 'label', 'frame'])",
            0,
            "Sorted as text",
        ),
        "ch12-dark": (
            "def dark_share(images, level):\n"
            "    return (images.mean(axis=(1, 2, 3)) < level).astype(float)",
            1.5,
            "a bright wall outvotes",
        ),
        "ch12-split": (
            "def film_split(frames, share, gap):\n"
            "    first = np.sort(frames)[len(frames) - round(share * len(frames))]\n"
            "    return (frames >= first).astype(int)",
            1,
            "No gap",
        ),
        "ch12-preprocess": (
            "def preprocess(images):\n    return np.asarray(images, np.float32) / 255",
            0,
            "These are the numbers 0 to 1",
        ),
    },
    "ch13": {
        "ch13-head": (
            "def head_step(features, labels, weights, rate):\n"
            "    logits = features @ weights\n"
            "    powers = np.exp(logits - logits.max(axis=1, keepdims=True))\n"
            "    errors = powers / powers.sum(axis=1, keepdims=True)\n"
            "    errors[np.arange(len(labels)), labels] -= 1\n"
            "    return weights - rate * features.T @ errors",
            1,
            "divide by n",
        ),
        "ch13-moving": (
            "def moving(layers, last_blocks):\n"
            "    first = [name for name, _ in layers].index(f'block_{17 - last_blocks}_expand')\n"
            "    return [name for name, _ in layers[first:]]",
            0,
            "it stays frozen",
        ),
        "ch13-rate": (
            "def rate_of(depth, step, steps, rate, decay):\n"
            "    return rate * (1 + np.cos(np.pi * step / steps)) / 2",
            1.8,
            "Every layer at one rate",
        ),
        "ch13-square": (
            "def middle_square(picture):\n"
            "    side = min(picture.shape[:2])\n"
            "    return picture[:side, :side]",
            0.5,
            "the corner at the top left",
        ),
    },
    "ch14": {
        "ch14-attention": (
            "def attention_parameters(channels):\n"
            "    return sum(2 * c * max(4, c // 16) for c in channels)",
            0.75,
            "The biases are missing",
        ),
        "ch14-wilson": (
            "def wilson(correct, n, z):\n"
            "    share = correct / n\n"
            "    half = z * np.sqrt(share * (1 - share) / n)\n"
            "    return share - half, share + half",
            0,
            "standard errors *of that share*",
        ),
        "ch14-choose": (
            "def choose(runs):\n"
            "    means = runs.groupby('name')['test_accuracy'].mean()\n"
            "    return means.idxmax(), means.max()",
            1,
            "This chooses by the test score",
        ),
        "ch14-ensemble": (
            "def ensemble(probs):\n"
            "    votes = probs.argmax(axis=2)\n"
            "    return np.array([np.bincount(column).argmax() for column in votes.T])",
            0,
            "These are votes",
        ),
    },
    "ch15": {
        "ch15-drawn-again": (
            "def drawn_again(right, groups, picked):\n"
            "    return np.array([right[np.isin(groups, draw)].mean() for draw in picked])",
            0,
            "counts twice",
        ),
        "ch15-to-right": (
            "def to_right(points, left):\n"
            "    turned = points.copy()\n"
            "    turned[left, :, 0] *= -1\n"
            "    return turned",
            1,
            "1 - x, not -x",
        ),
        "ch15-suspects": (
            "def suspects(probs, labels, k):\n    return np.argsort(probs.max(axis=1))[:k]",
            0,
            "unsure of everything",
        ),
        "ch15-risk": (
            "def risk_when_answering(confidence, right):\n"
            "    return np.cumsum(~right) / np.arange(1, len(right) + 1)",
            1,
            "order of the list is kept",
        ),
        "ch15-checklist": (
            "def checklist():\n    return dict.fromkeys('abcdefgh', 1)",
            0.25,
            "Frames of the same films on both sides",
        ),
    },
    "ch16": {
        "ch16-finger": (
            "def finger(lengths, bends):\n"
            "    angles = np.deg2rad(bends)\n"
            "    steps = lengths[:, None] * np.stack([np.cos(angles), np.sin(angles)], axis=1)\n"
            "    return np.concatenate([np.zeros((1, 2)), np.cumsum(steps, axis=0)])",
            0.75,
            "add the angles up",
        ),
        "ch16-project": (
            "def project(joints, distance):\n"
            "    return joints[:, :2] * distance / (distance - joints[:, 2:])",
            0.75,
            "comes out smaller",
        ),
        "ch16-answered": (
            "def answered(confidence, right, threshold):\n"
            "    kept = confidence >= threshold\n"
            "    return kept.mean(), right.mean()",
            0.5,
            "of all hands",
        ),
    },
    "ch17": {
        "ch17-normalise": (
            "def normalise(points, aspect):\n"
            "    points = points - points[0]\n"
            "    return points / np.sqrt((points[[5, 9, 13, 17]] ** 2).sum(axis=1).mean())",
            2.5,
            "The aspect is not undone",
        ),
        "ch17-mirror": (
            "def mirror(points, side):\n    return points * [-1, 1, 1] + [1, 0, 0], side",
            2,
            "The side stayed as it was",
        ),
        "ch17-signer": (
            "def signer(points, sides, side, near, aspect):\n"
            "    return sides.index(side) if side in sides else -1",
            3,
            "whoever's it is",
        ),
    },
    "ch18": {
        "ch18-majority": (
            "def majority(answers, frames):\n"
            "    return ''.join(now for before, now in zip([''] + answers, answers)\n"
            "                   if now != before)",
            1.6,
            "outvote single frames",
        ),
        "ch18-held": (
            "def held(answers, times, hold):\n"
            "    return np.array([k for k, now in enumerate(answers)\n"
            "                     if now and (k == 0 or now != answers[k - 1])], int)",
            0.8,
            "a letter must be held first",
        ),
        "ch18-budget": (
            "def budget(steps):\n"
            "    late = np.quantile(steps, 0.95, axis=0).sum()\n"
            "    return np.array([np.median(steps.sum(axis=1)), late, 1000 / late])",
            1,
            "not slow in the same frame",
        ),
    },
    "ch19": {
        "ch19-path": (
            "def path(points, landmark):\n"
            "    palm = np.linalg.norm(points[:, 9] - points[:, 0], axis=1)\n"
            "    return (points[:, landmark] - points[:, 0]) / palm[:, None]",
            0,
            "the path is lost",
        ),
        "ch19-resample": (
            "def resample(times, values, rate):\n"
            "    moments = np.arange(times[0], times[-1] + 1e-6, 1 / rate)\n"
            "    return values[np.abs(moments[:, None] - times).argmin(axis=1)]",
            1.2,
            "the nearest frame",
        ),
        "ch19-causal": (
            "def causal_conv(x, kernel, dilation=1):\n"
            "    reach = dilation * (len(kernel) - 1)\n"
            "    padded = np.pad(x, ((reach // 2, reach - reach // 2), (0, 0)))\n"
            "    return sum(padded[k * dilation :][: len(x)] @ w for k, w in enumerate(kernel))",
            0,
            "looks into the future",
        ),
        "ch19-events": (
            "def events(probs, threshold, calm):\n"
            "    over = np.concatenate([[False], probs >= threshold])\n"
            "    return np.flatnonzero(over[1:] & ~over[:-1])",
            2.4,
            "wait until it is calm",
        ),
    },
}


@pytest.fixture(scope="class")
def graded(request, tmp_path_factory):
    """Grade three submissions of a chapter; return its number, exercises and table."""
    number = request.cls.number
    folder = tmp_path_factory.mktemp(number)
    with working_in(notebooks.ROOT):
        student, source = labs.release(number, folder / "lab")[:2]
        submissions = folder / "in"
        submissions.mkdir()
        shutil.copy(source, submissions / "reference.ipynb")
        shutil.copy(student, submissions / "untouched.ipynb")
        notebook = read(student)
        for cell in notebook["cells"]:
            form = cell["metadata"].get("nbgrader", {})
            if form.get("solution"):
                cell["source"] = WRONG[number][form["grade_id"]][0]
        (submissions / "wrong.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        path = labs.grade(number, submissions, folder / "grades.csv", timeout=240)
    with path.open(encoding="utf-8", newline="") as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    return number, chapters.exercises(read(source)), rows


class Graded:
    """What holds for each chapter."""

    number: str

    def test_the_reference_gets_every_point(self, graded):
        _, exercises, rows = graded
        row = rows["reference"]
        assert row["note"] == ""
        assert {each.name: float(row[each.name]) for each in exercises} == {
            each.name: each.total for each in exercises
        }
        assert row["total"] == row["out_of"] != "0"

    def test_an_untouched_copy_gets_none(self, graded):
        _, exercises, rows = graded
        row = rows["untouched"]
        assert [row[each.name] for each in exercises] == ["0"] * len(exercises)
        assert row["total"] == "0"

    def test_each_wrong_answer_gets_what_it_should_and_is_told_why(self, graded):
        number, exercises, rows = graded
        row = rows["wrong"]
        assert {each.name for each in exercises} == set(WRONG[number])
        for name, (_, points, message) in WRONG[number].items():
            assert float(row[name]) == points, (name, row["note"])
            assert message in row["note"], name
        assert len(WRONG[number]) >= 3


# A class for each chapter: tests that run side by side are handed out class by class.
for each in CHAPTERS:
    globals()[f"Test_{each}"] = type(f"Test_{each}", (Graded,), {"number": each})
