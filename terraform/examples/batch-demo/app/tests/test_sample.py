"""A sample test in a headless browser. The network has no internet access, so the page is a data: URL."""

from urllib.parse import quote

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By

PAGE = "<title>Harbor</title><h1>Berths</h1><button onclick=\"this.textContent='Taken'\">Free</button>"


@pytest.fixture
def browser():
    options = webdriver.ChromeOptions()
    options.add_argument("--headless")
    options.add_argument("--no-sandbox")
    options.add_argument("--disable-dev-shm-usage")
    driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


def test_page_shows_its_title(browser):
    browser.get("data:text/html," + quote(PAGE))
    assert browser.title == "Harbor"
    assert browser.find_element(By.TAG_NAME, "h1").text == "Berths"


def test_button_changes_its_label(browser):
    browser.get("data:text/html," + quote(PAGE))
    button = browser.find_element(By.TAG_NAME, "button")
    button.click()
    assert button.text == "Taken"
