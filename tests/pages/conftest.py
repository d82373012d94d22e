"""The built pages behind a local address, and one Chromium for all of them."""

import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HTML = ROOT / "_build" / "html"
REDIRECTS = 'http-equiv="refresh"'


def built_pages() -> list[str]:
    """Every built page, as a path below the site's root, but those that lead on to another."""
    pages = (path for path in HTML.rglob("*.html") if REDIRECTS not in path.read_text("utf-8"))
    return sorted(str(path.relative_to(HTML)) for path in pages)


def pytest_generate_tests(metafunc):
    if "page_path" in metafunc.fixturenames:
        metafunc.parametrize("page_path", built_pages() or ["(nothing is built: run `make book`)"])


@pytest.fixture(scope="session")
def site():
    """The address of the built pages, with a slash at the end."""
    import serve

    if not built_pages():
        pytest.exit("No page is built yet: run `make book` first.", returncode=1)
    server = serve.start()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def browser():
    """Chromium: $CHROMIUM, the system's, or the one that playwright installed."""
    import chromium
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        started = playwright.chromium.launch(
            executable_path=chromium.find(), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield started
        started.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The accessibility checker's script."""
    return (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
