"""Fixtures: the page, served from this machine, and a browser. Takes a screenshot when a test fails."""

import functools
import http.server
import re
import threading
from pathlib import Path

import pytest
import pytest_html
from selenium import webdriver

ROOT = Path(__file__).parent.parent
SCREENSHOTS = ROOT / "test-results" / "screenshots"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_args):
        """Keeps the requests out of the output of the tests."""


@pytest.fixture(scope="session")
def page_url():
    handler = functools.partial(QuietHandler, directory=ROOT / "page")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def browser(tmp_path):
    options = webdriver.ChromeOptions()
    options.add_argument("--headless=new")
    options.add_argument("--window-size=1000,700")
    options.add_experimental_option("prefs", {"download.default_directory": str(tmp_path)})
    options.binary_location = "/usr/bin/chromium"
    driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Writes a screenshot, named after the test, next to the JUnit file and into the report of pytest-html."""
    report = yield
    driver = item.funcargs.get("browser")
    if report.when == "call" and report.failed and driver is not None:
        SCREENSHOTS.mkdir(parents=True, exist_ok=True)
        driver.save_screenshot(str(SCREENSHOTS / f"{re.sub(r'[^A-Za-z0-9]+', '-', item.name)}.png"))
        report.extras = [*getattr(report, "extras", []), pytest_html.extras.png(driver.get_screenshot_as_base64())]
    return report
