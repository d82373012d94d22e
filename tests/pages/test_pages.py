"""Every built page in a browser: accessible, quiet, self-contained, and usable with a keyboard."""

import re
from functools import cache
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from build import MOVED
from conftest import HTML, built_pages

WIDGETS = "script[type='application/vnd.jupyter.widget-view+json']"
CONTROLS = ".cell_output .jupyter-widgets :is(input, select, .noUi-target)"
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def context(browser):
    """One browser context, so that scripts and styles are read once."""
    context = browser.new_context(color_scheme="light", reduced_motion="reduce", viewport=WIDE)
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def visit(context, site):
    """Open a page; give it, and what its console and its requests said."""
    opened = []

    def open_page(path):
        page = context.new_page()
        opened.append(page)
        said = {"on the console": [], "requests to another host": [], "missing files": []}

        def on_console(message):
            if message.type == "error":
                said["on the console"].append(message.text)

        def on_request(request):
            if not request.url.startswith((site, "data:", "blob:")):
                said["requests to another host"].append(request.url)

        def on_response(answer):
            if answer.status >= 400:
                said["missing files"].append(answer.url)

        page.on("console", on_console)
        page.on("pageerror", lambda error: said["on the console"].append(str(error)))
        page.on("request", on_request)
        page.on("response", on_response)
        page.goto(site + path, wait_until="load")
        page.evaluate("window.MathJax && MathJax.startup ? MathJax.startup.promise : 0")
        if page.locator(WIDGETS).count():
            page.wait_for_selector(".cell_output .jupyter-widgets", timeout=20_000)
        return page, said

    yield open_page
    for page in opened:
        page.close()


def test_page_is_accessible_complete_and_self_contained(visit, axe, page_path):
    page, said = visit(page_path)
    # What is folded away must be accessible too once it is open.
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    page.evaluate(axe)
    problems = _pictures(page)
    if page.locator(WIDGETS).count() and not page.locator(CONTROLS).count():
        problems.append("its widgets are not drawn")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate("scheme => { document.documentElement.dataset.theme = scheme }", scheme)
        problems += [f"{scheme}: {violation}" for violation in _violations(page)]
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > NARROW["width"]:
        problems.append(f"{width} px wide on a screen of {NARROW['width']} px: {_widest(page)}")
    problems += [f"{where}: {text}" for where, texts in said.items() for text in texts]
    if problems:
        pytest.fail(f"{page_path}\n" + "\n".join(problems), pytrace=False)


def _violations(page) -> list[str]:
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{rule['id']}: {rule['help']}\n    {node['html'][:200]}\n    {node['failureSummary']}"
        for rule in found
        for node in rule["nodes"][:3]
    ]


def _pictures(page) -> list[str]:
    """Pictures that are not drawn, or whose text alternative does not say what they show."""
    images = page.eval_on_selector_all(
        "img", "found => found.map(i => [i.currentSrc, i.complete ? i.naturalWidth : 0, i.alt])"
    )
    bare = re.compile(r"\.(png|svg|jpe?g)$|^_images|^image$|^$")
    problems = [f"picture not drawn: {source}" for source, width, _ in images if not width]
    return problems + [
        f"no alt text: {s[-80:]}" for s, _, alt in images if bare.search(alt.strip())
    ]


def _widest(page) -> str:
    """The innermost element that reaches beyond the screen."""
    return page.evaluate(
        """width => { const wide = [...document.querySelectorAll('article *')]
             .filter(e => e.getBoundingClientRect().right > width + 1);
           return wide.length ? wide.at(-1).outerHTML.slice(0, 200) : 'unknown'; }""",
        NARROW["width"],
    )


def test_internal_links_lead_somewhere(page_path):
    """Links and their anchors, from the files: a page may hold hundreds."""
    text = (HTML / page_path).read_text(encoding="utf-8")
    broken = []
    for link in set(re.findall(r'(?:href|src)="([^"]+)"', text)):
        if urlsplit(link).scheme or link.startswith(("//", "data:")):
            continue
        target, anchor = urldefrag(urljoin("/" + page_path, link.replace("&amp;", "&")))
        file = HTML / unquote(urlsplit(target).path).lstrip("/")
        file = file / "index.html" if file.is_dir() else file
        named = anchor and file.suffix == ".html"
        if not file.is_file() or (named and unquote(anchor) not in _anchors(file)):
            broken.append(link)
    assert broken == []


@cache
def _anchors(file) -> set[str]:
    return set(re.findall(r'\bid="([^"]+)"', file.read_text(encoding="utf-8")))


def test_keyboard_reaches_the_text(visit):
    page, _ = visit("book/index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_search_finds_a_glossary_term(visit):
    page, said = visit("search.html?q=cross-correlation")
    page.wait_for_selector("#search-results li a")
    titles = page.eval_on_selector_all("#search-results li a", "found => found.map(a => a.text)")
    assert any("Glossary" in title or "Convolution" in title for title in titles), titles
    assert said["on the console"] == []


@pytest.mark.parametrize(("old", "new"), [("", "book/index.html"), *MOVED.items()])
def test_old_addresses_lead_to_the_new(visit, site, old, new):
    page, _ = visit("search.html")
    page.goto(site + old, wait_until="commit")
    page.wait_for_url(site + new)


def test_theme_switch_changes_the_page(visit):
    page, _ = visit("book/index.html")
    paper = "getComputedStyle(document.body).backgroundColor"
    seen = {page.evaluate(paper)}
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        seen.add(page.evaluate(paper))
    assert len(seen) == 2


CHAPTERS = [path for path in built_pages() if re.search(r"/ch\d\d_", path)]


@pytest.mark.parametrize("path", CHAPTERS)
def test_chapter_offers_colab_and_download(path):
    notebook = path.replace(".html", ".ipynb")
    links = re.findall(r'<a\b[^>]*\bhref="([^"]+)"', (HTML / path).read_text(encoding="utf-8"))
    colab = [link for link in links if "colab.research.google.com" in link]
    assert len(colab) >= 2, "a badge in the text and a button above it"
    derived = notebook.replace("book/", "notebooks/", 1)
    assert all(link.endswith(f"/{derived}") for link in colab), colab
    assert any(link.endswith(f"_sources/{notebook}") for link in links), "no download button"


@pytest.mark.parametrize("path", CHAPTERS)
def test_chapter_has_slides(path):
    number = re.search(r"/(ch\d\d)_", path)[1]
    slides = (HTML / "slides" / f"{number}.html").read_text(encoding="utf-8")
    assert slides.count("<section") > 10
    images = re.findall(r"<img\b[^>]*>", slides)
    assert images and all(re.search(r'\balt="[^"]{20,}"', image) for image in images)
    for page in (f"book/instructors/{number}.html", "book/instructors/planning.html"):
        assert f"slides/{number}.html" in (HTML / page).read_text(encoding="utf-8")
