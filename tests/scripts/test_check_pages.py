"""The look at the pages in a browser finds what is wrong with them."""

import check_pages
import pytest

pytest.importorskip("selenium")
PIXEL = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9"'
    ' height="9"/></svg>'
)
HEAD = """<meta charset="utf-8"><link rel="icon" href="pixel.svg">
<meta name="viewport" content="width=device-width">
"""
GOOD = """
<h1 id="top">Good</h1>
<a href="#top">up</a> <a href="other.html#there">there</a>
<a href="https://example.org">elsewhere</a>
<img src="pixel.svg" alt="a square">
<div style="overflow-x: auto"><p style="width: 900px">scrolls by itself</p></div>
"""


pytestmark = pytest.mark.skipif(
    None in check_pages.find_browser(), reason="no chromium, or no chromedriver"
)


def problems(folder, body):
    (folder / "index.html").write_text(HEAD + body, encoding="utf-8")
    (folder / "other.html").write_text(HEAD + '<p id="there">', encoding="utf-8")
    (folder / "pixel.svg").write_text(PIXEL, encoding="utf-8")
    found, pages, others = check_pages.check(folder)
    assert pages == 2
    return " ".join(found.pop("index.html", [])), found, others


def test_good_pages_have_no_problems(tmp_path):
    assert problems(tmp_path, GOOD) == ("", {}, 1)


def test_everything_that_is_wrong_is_named(tmp_path):
    bad = """
    <a href="lost.html">gone</a> <a href="other.html#nowhere">no place</a>
    <a href="#nothing">nor here</a>
    <img src="missing.png" alt="a picture"> <img src="pixel.svg">
    <p class="broad" style="width: 900px">too wide</p>
    <script>undefinedFunction()</script>
    """
    words, others, _ = problems(tmp_path, bad)
    assert "lost.html" in words
    assert "other.html#nowhere" in words
    assert "index.html#nothing" in words
    assert "does not load" in words
    assert "missing.png" in words
    assert "picture without text" in words
    assert "wider than a phone" in words
    assert "p.broad" in words
    assert "undefinedFunction" in words
    assert not others


def test_screenshots_are_of_both_screens(tmp_path):
    pages, shots = tmp_path / "pages", tmp_path / "shots"
    pages.mkdir(), shots.mkdir()
    (pages / "index.html").write_text(GOOD, encoding="utf-8")
    check_pages.check(pages, shots)
    assert {path.name for path in shots.iterdir()} == {
        "index-1280.png",
        "index-390.png",
    }
