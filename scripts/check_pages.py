"""Look at the built documentation in a real browser, as readers do.

    python scripts/check_pages.py docs/_build/html [--screenshots FOLDER]

Every page is opened in a headless Chromium, at the width of a desktop and of a phone.
What is wrong is listed, and the exit code is 1:

* a page that has to be scrolled sideways on a phone;
* a link to a page, a file or a place on a page that is not there;
* a picture that does not load, or has no text for those who cannot see it;
* an error of a script of ours.

Links to other sites are counted and not followed: nothing leaves this machine.
"""

import argparse
import collections
import contextlib
import functools
import http.server
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import urllib.parse

#: Width and height of the screens, in pixels.
DESKTOP, PHONE = (1280, 900), (390, 844)
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    # what is not on this machine does not exist, at once
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

#: What a page holds, asked of the browser.
CONTENT = """
const all = (what) => [...document.querySelectorAll(what)];
return {
  links: all("a[href]").map((a) => a.href),
  places: all("[id]").map((e) => e.id).concat(all("a[name]").map((a) => a.name)),
  pictures: all("img").map((i) => ({
    source: i.src,
    broken: i.complete && i.naturalWidth === 0,
    text: i.alt.trim(),
  })),
};
"""
#: Nothing moves from one screen to the next: what is measured is where it belongs.
AT_ONCE = """
document.head.insertAdjacentHTML("beforeend",
  "<style>*, ::before, ::after {transition: none !important;}</style>");
"""
#: What sticks out on the right, unless something around it can be scrolled by itself.
TOO_WIDE = """
// not innerWidth: a phone zooms out of a page that is too wide, and that grows with it
const room = arguments[0];
if (document.scrollingElement.scrollWidth <= room) return [];
const held = (e) => {
  for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
    if (getComputedStyle(p).overflowX !== "visible") return true;
  return false;
};
const wide = [...document.body.querySelectorAll("*")].filter(
  (e) => e.getBoundingClientRect().right > room + 1 && !held(e));
const name = (e) => e.tagName.toLowerCase() + "." + e.className + " '" +
  e.textContent.trim().slice(0, 40) + "'";
return ["page: " + document.scrollingElement.scrollWidth].concat(
  wide.slice(-3).map(name));
"""


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing."""

    def log_message(self, *args):
        """Nothing."""


@contextlib.contextmanager
def served(folder):
    """Address at which the files of a folder are served, on this machine alone."""
    handler = functools.partial(QuietHandler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


def find_browser():
    """Paths of a Chromium and of its driver; None for what is not installed."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    return browser, shutil.which("chromedriver")


@contextlib.contextmanager
def opened():
    """A browser without a past."""
    from selenium import webdriver

    browser, driver = find_browser()
    options = webdriver.ChromeOptions()
    options.binary_location = browser
    options.set_capability("goog:loggingPrefs", {"browser": "SEVERE"})
    with tempfile.TemporaryDirectory() as profile:
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        service = webdriver.ChromeService(executable_path=driver)
        chrome = webdriver.Chrome(options=options, service=service)
        try:
            yield chrome
        finally:
            chrome.quit()


def set_screen(chrome, size):
    """Give the page a screen of that size, without loading it again."""
    width, height = size
    settings = {"width": width, "height": height, "deviceScaleFactor": 1}
    settings["mobile"] = size == PHONE
    chrome.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", settings)


def look_at(chrome, address, site):
    """One page: its content, and what is wrong with it by itself."""
    set_screen(chrome, DESKTOP)
    chrome.get(address)
    chrome.execute_script(AT_ONCE)
    content = chrome.execute_script(CONTENT)
    problems = [
        f"script: {entry['message'][:200]}"
        for entry in chrome.get_log("browser")
        if entry["message"].startswith(site)
    ]
    for picture in content["pictures"]:
        if picture["broken"] and picture["source"].startswith(site):
            problems.append(f"picture does not load: {picture['source']}")
        if not picture["text"]:
            problems.append(f"picture without text: {picture['source']}")
    set_screen(chrome, PHONE)
    if wide := chrome.execute_script(TOO_WIDE, PHONE[0]):
        problems.append(f"wider than a phone of {PHONE[0]} pixels: {'; '.join(wide)}")
    return content, problems


def take_screenshots(chrome, folder, name):
    """Pictures of the page, top to bottom, on both screens."""
    for size in (DESKTOP, PHONE):
        set_screen(chrome, size)
        length = chrome.execute_script("return document.scrollingElement.scrollHeight")
        set_screen(chrome, (size[0], min(max(length, size[1]), 6000)))
        file = folder / f"{name.replace('/', '-').removesuffix('.html')}-{size[0]}.png"
        chrome.save_screenshot(str(file))


def broken_links(contents, folder, site):
    """Links that lead nowhere on this site, by page; and the number of others.

    Sphinx knows one name for each module whose source it shows, so that its links from
    there to a page may name a place as another page calls it: they are left out.
    """
    problems, others = collections.defaultdict(set), set()
    places = {page: {*content["places"], ""} for page, content in contents.items()}
    for page, content in contents.items():
        pictures = [picture["source"] for picture in content["pictures"]]
        for link in (*content["links"], *pictures):
            if not link.startswith(site):
                others.add(link)
                continue
            path, _, place = link.removeprefix(site).partition("#")
            path = urllib.parse.unquote(path.partition("?")[0]) or "index.html"
            if not (folder / path).is_file():
                problems[page].add(f"no file for the link {link}")
            elif page.startswith("_modules/"):
                continue
            elif urllib.parse.unquote(place) not in places.get(path, {place}):
                problems[page].add(f"no such place on the page: {link}")
    return problems, len([link for link in others if link.startswith("http")])


def check(folder, screenshots=None, bar=None):
    """Everything that is wrong with the pages below a folder.

    Returns
    -------
    dict
        A list of sentences for each page with something wrong.
    int
        Number of links to other sites.
    """
    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*.html")
    )
    # what Sphinx keeps for downloads is no page of the site
    names = [name for name in names if not name.startswith(("_static/", "_downloads/"))]
    contents, problems = {}, collections.defaultdict(list)
    with served(folder) as site, opened() as chrome:
        for name in bar(names) if bar else names:
            contents[name], wrong = look_at(chrome, site + name, site)
            problems[name] += wrong
            if screenshots:
                take_screenshots(chrome, screenshots, name)
    links, others = broken_links(contents, folder, site)
    for name, wrong in links.items():
        problems[name] += sorted(wrong)
    return (
        {name: wrong for name, wrong in problems.items() if wrong},
        len(names),
        others,
    )


def main():
    """Check the pages of a folder; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=pathlib.Path, help="where index.html lies")
    parser.add_argument(
        "--screenshots",
        type=pathlib.Path,
        metavar="FOLDER",
        help="keep a picture of each",
    )
    arguments = parser.parse_args()
    if not (arguments.folder / "index.html").is_file():
        parser.error(f"{arguments.folder} has no index.html: build the pages first")
    if None in find_browser():
        parser.error(
            "no chromium or no chromedriver: install chromium, chromium-driver"
        )
    if arguments.screenshots:
        arguments.screenshots.mkdir(parents=True, exist_ok=True)
    from tqdm import tqdm

    bar = functools.partial(tqdm, unit="page", disable=not sys.stderr.isatty())
    problems, pages, others = check(arguments.folder, arguments.screenshots, bar)
    for name, wrong in problems.items():
        print(name, *wrong, sep="\n  ")
    print(
        f"{pages} pages, {len(problems)} with problems; {others} links to other sites"
    )
    return int(bool(problems))


if __name__ == "__main__":
    os.environ.setdefault("SE_OFFLINE", "true")  # selenium shall not fetch a driver
    sys.exit(main())
