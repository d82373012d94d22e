"""MyST Markdown as plain Markdown."""

import pytest

from asl_helpers.labs.editions import Plain, citations

BLOB = "https://github.com/o/r/blob/main"
PLAIN = Plain(
    "https://github.com/o/r",
    "main",
    "book/part1",
    titles={"ch01-ex-slide": "Slide"},
    formulas={"sum": 1, "mean": 2},
    pages={"book/appendix/notation.md": "Notation", "book/part1/ch01_x.ipynb": "Convolution"},
    citations={"a": ("Kingma and Ba", "2015"), "b": ("He et al.", "2016")},
)


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("(exercise {ref}`Slide <ch01-ex-slide>`)", "(exercise “Slide”)"),
        ("{ref}`This one <ch01-ex-slide>`", "This one “Slide”"),
        ("{ref}`ch01-ex-slide` and {numref}`ch01-other-label`", "Slide and other label"),
        ("{cite}`a,b`", "(Kingma and Ba, 2015; He et al., 2016)"),
        ("as {cite:t}`b` say", "as He et al. (2016) say"),
        ("{glue:text}`ch01_share:.1%` of", "`ch01_share` of"),
        ("a {term}`kernel` and {term}`two <kernel>`", "a kernel and two"),
        ("{math}`x^2`, $y$", "$x^2$, $y$"),
        ("{doc}`../appendix/notation`", f"[Notation]({BLOB}/book/appendix/notation.md)"),
        ("{doc}`one <ch01_x>`", f"[one]({BLOB}/book/part1/ch01_x.ipynb)"),
        ("{doc}`../appendix/other_page`", "other page"),
        ("by {eq}`mean`", "by (2)"),
        ("$$\nx\n$$ (mean)", "$$\nx\n\\tag{2}\n$$"),
        ("```{math}\n:label: sum\nx = 1\n```", "$$\nx = 1\n\\tag{1}\n$$"),
        ("$$(x) = 1$$", "$$(x) = 1$$"),
        ("(target)=\n## Title", "## Title"),
        ("$$\nx\n$$ (eq-x)", "$$\nx\n$$"),
        ("```{math}\n:label: eq\nx = 1\n```", "$$\nx = 1\n$$"),
        (":::{note}\nLook.\n:::", "> **Note**\n>\n> Look."),
        (":::{admonition} Why $x$\n:class: tip\nSo.\n:::", "> **Why $x$**\n>\n> So."),
        ("::::{grid}\n:::{note}\nIn.\n:::\n::::", "> **Note**\n>\n> In."),
        (":::{exercise} Slide\n:label: l\n\nDo.\n:::", "**Exercise: Slide**\n\nDo."),
        (":::{solution} l\nsecret\n:::", ""),
        ("before\n\n```python\nx = {ref}`a`\n```", "before\n\n```python\nx = {ref}`a`\n```"),
        ("```{code-block} python\nx\n```", "```python\nx\n```"),
        ("![hand](../_static/h.svg){width=3}", "![hand](https://github.com/o/r/raw/main/book/_static/h.svg)"),
        ("![hand](../_static/generated/h.svg)", "*hand*"),
        ("```{figure} ../_static/h.svg\n:alt: A hand.\nSee.\n```",
         "![A hand.](https://github.com/o/r/raw/main/book/_static/h.svg)\n\nSee."),
        ("[next](ch02_x.ipynb#part)", f"[next]({BLOB}/book/part1/ch02_x.ipynb)"),
        ("[](../appendix/notation.md)", f"[notation]({BLOB}/book/appendix/notation.md)"),
        ("[page](https://example.org/a_(b))", "[page](https://example.org/a_(b))"),
        ("`x[0](1)`", "`x[0](1)`"),
        ("<!-- allow: why -->\n+++\ntext", "text"),
        ("<details><summary>Hint</summary>\n\n`a`\n\n</details>",
         "<details><summary>Hint</summary>\n\n`a`\n\n</details>"),
    ],
)  # fmt: skip
def test_myst_becomes_plain_markdown(myst, plain):
    assert PLAIN.text(myst) == plain


def test_authors_and_years_are_read_from_bibtex():
    text = (
        "@article{one,\n author = {Kingma, Diederik P. and Ba, Jimmy},\n year = {2015}\n}\n"
        '@book{two, author = "{\\"O}zg{\\"u}r Name", title={T}, year=1998}\n'
        "@misc{three,\n author={A, B and C, D and\n   E, F},\n year={2001},}\n"
    )
    found = citations(text)
    assert found["one"] == ("Kingma and Ba", "2015")
    assert found["two"][1] == "1998"
    assert found["three"] == ("A et al.", "2001")
