"""Answers with the same code, and answers from the package: reported, and no one accused."""

import pytest

from asl_helpers.labs.compare import borrowed, canonical, same_answers

REFERENCE = """def softmax(z):
    ### BEGIN SOLUTION
    shifted = z - z.max(axis=-1, keepdims=True)
    powers = np.exp(shifted)
    return powers / powers.sum(axis=-1, keepdims=True)
    ### END SOLUTION"""
COPY = '''import numpy
def softmax(z: "array")->"array":
    """Mine."""
    e = z-z.max(axis = -1, keepdims = True)  # scratch
    p = np.exp(e)
    return (p / p.sum(axis=-1,
        keepdims=True))'''.replace(': "array"', "").replace('->"array"', "")
OWN = """def softmax(z):
    powers = np.exp(z - np.max(z, axis=-1)[..., None])
    total = np.sum(powers, axis=-1)
    return powers / total[..., None]"""


def test_the_reference_with_other_layout_comments_names_and_imports_is_found():
    answers = {"anna": COPY, "bob": REFERENCE, "carl": OWN, "dora": OWN.replace("powers", "e")}
    found = same_answers({who: {"ch03-softmax": text} for who, text in answers.items()},
                         {"ch03-softmax": REFERENCE})  # fmt: skip
    assert found == {
        "anna": "ch03-softmax: the reference's code",
        "bob": "ch03-softmax: the reference's code",
        "carl": "ch03-softmax: same code as dora",
        "dora": "ch03-softmax: same code as carl",
    }


@pytest.mark.parametrize(
    "text",
    ["horizontal = vertical.T", "def f(x):\n    return x + 1", "def f(:", "", "%%bash\nls", "x?"],
)
def test_short_and_broken_answers_tell_nothing(text):
    assert canonical(text) == ""


@pytest.mark.parametrize(
    ("cell", "look"),
    [
        ("from asl_helpers.checks.ch05 import _bowl as m", "imports from asl_helpers.checks.ch05"),
        ("import asl_helpers.checks.ch05 as c", "imports asl_helpers.checks.ch05"),
        ("f = check.momentum_path.reference", "uses `check.momentum_path.reference`"),
        ("f = check._momentum", "uses `check._momentum`"),
        ("check.momentum_path = lambda f: 3.0", "assigns to `check`"),
        ("setattr(check, 'momentum_path', f)", "uses `setattr` on `check`"),
        ("%time f = check.momentum_path.mistakes(g)", "uses `check.momentum_path.mistakes`"),
        ("np.allclose = f", "assigns to `np.allclose`"),
        ("class A(int):\n    def __eq__(a, b): return True", "defines `__eq__`"),
        # What honest students do:
        ("self.np = model.optimizer = plt.rcParams['x'] = 1", ""),
        ("# from scratch, like check.x.reference\nx = 1", ""),
        ("from asl_helpers.checks import ch05 as check", ""),
        ("import numpy as np\nfrom asl_helpers import hand, scratch", ""),
        ("check.momentum_path(f)", ""),
        ("print('setattr(check, 1)')", ""),
        ("scratch_pad = [1]", ""),
    ],
)  # fmt: skip
def test_what_comes_from_the_checks_is_named(cell, look):
    assert borrowed([cell], {}, {}) == ([look] if look else [])


def test_an_answer_with_the_packages_own_solution_is_named_unless_the_reference_uses_it():
    uses = "def conv(x):\n    return scratch.corr2d(x, k)"
    assert borrowed([], {"a": uses}, {"a": "x"}) == ["a: the package's own `scratch.corr2d`"]
    assert borrowed([], {"a": uses}, {"a": uses + "  # mine"}) == []
    imported = "from asl_helpers.scratch import corr2d"
    assert borrowed([], {"a": imported}, {}) == ["a: the package's own `scratch.corr2d`"]


def test_the_books_own_notebook_is_named():
    assert borrowed([], {"a": REFERENCE}, {}) == [
        "an answer has the marks of the book's own source"
    ]
