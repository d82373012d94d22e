"""MyST Markdown as plain Markdown."""

import pytest

from asl_helpers.errors import AslError
from asl_helpers.labs.editions import Plain, citations

BLOB, PAGE = "https://github.com/o/r/blob/main", "https://o.github.io/r"
PLAIN = Plain(
    "https://github.com/o/r",
    "main",
    "book/part1",
    titles={"ch01-ex-slide": "Slide"},
    formulas={"sum": 1, "mean": 2},
    pages={"book/appendix/notation.md": "Notation", "book/part1/ch01_x.ipynb": "Convolution"},
    values={"ch01_share": "0.256", "ch01_best": "'a name'"},
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
        ("{glue:text}`ch01_share:.1%` of", "25.6% of"),
        ("{glue:text}`ch01_best` of", "a name of"),
        ("{glue:text}`ch01_new` of {glue:text}`ch01_newer:.0%`", "some of some percent"),
        ("a {term}`kernel` and {term}`two <kernel>`", "a kernel and two"),
        ("{math}`x^2`, $y$", "$x^2$, $y$"),
        ("{doc}`../appendix/notation`", f"[Notation]({PAGE}/book/appendix/notation.html)"),
        ("{doc}`one <ch01_x>`", f"[one]({PAGE}/book/part1/ch01_x.html)"),
        ("{doc}`../appendix/other_page`", "other page"),
        ("by {eq}`mean`", "by (2)"),
        ("$$\nx\n$$ (mean)", "$$\nx\n\\tag{2}\n$$"),
        ("$$(x) = 1$$", "$$(x) = 1$$"),
        ("(target)=\n## Title", "## Title"),
        (":::{note}\nLook.\n:::", "> **Note**\n>\n> Look."),
        (":::{admonition} Why $x$\n:class: tip\nSo.\n:::", "> **Why $x$**\n>\n> So."),
        ("::::{tip}\n:::{note}\nIn.\n:::\n::::", "> **Tip**\n>\n> > **Note**\n> >\n> > In."),
        (":::{exercise} Slide\n:label: l\n\nDo.\n:::", "**Exercise: Slide**\n\nDo."),
        ("before\n\n```python\nx = {ref}`a`\n```", "before\n\n```python\nx = {ref}`a`\n```"),
        ("![hand](../_static/h.svg){width=3}", "![hand](https://github.com/o/r/raw/main/book/_static/h.svg)"),
        ("![hand](../_static/generated/h.svg)", "*hand*"),
        ("[next](ch01_x.ipynb#part)", f"[next]({PAGE}/book/part1/ch01_x.html#part)"),
        ("[](../appendix/notation.md)", f"[Notation]({PAGE}/book/appendix/notation.html)"),
        ("[it](../../README.md)", f"[it]({BLOB}/README.md)"),
        ("[page](https://example.org/a_(b))", "[page](https://example.org/a_(b))"),
        ("`x[0](1)`", "`x[0](1)`"),
        ("<!-- allow: why -->\n+++\ntext", "text"),
        ("<details><summary>Hint</summary>\n\n`a`\n\n</details>",
         "<details><summary>Hint</summary>\n\n`a`\n\n</details>"),
    ],
)  # fmt: skip
def test_myst_becomes_plain_markdown(myst, plain):
    assert PLAIN.text(myst) == plain


def test_a_directive_without_a_plain_form_is_named():
    with pytest.raises(AslError, match="'figure' has no plain form"):
        PLAIN.text("```{figure} ../_static/h.svg\nSee.\n```")


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
