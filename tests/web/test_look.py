"""The look keeps its promises: strict CSP, small files, known icons, vendored files unchanged."""

import re
from hashlib import sha256
from pathlib import Path

ROOT = Path(__file__).parents[2]
STATIC, TEMPLATES = ROOT / "static", ROOT / "templates"
# What a mail client reads is styled in place; everything else obeys the content security policy.
PAGES = [
    path for path in TEMPLATES.rglob("*.html") if path.relative_to(TEMPLATES).parts[0] != "messages"
]
INLINE = re.compile(
    r"<style|\sstyle=|<script(?![^>]*\ssrc=)|\son[a-z]+=|javascript:", re.IGNORECASE
)


def test_no_page_needs_an_inline_script_or_style():
    guilty = {str(path) for path in PAGES if INLINE.search(path.read_text())}
    assert guilty == set()


def test_every_sheet_is_at_most_300_lines_and_asks_no_other_host():
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text()
        assert len(text.splitlines()) <= 300, sheet
        assert not re.search(r"//|data:|@import", text), sheet


def test_own_scripts_stay_under_their_budget():
    lines = sum(len(path.read_text().splitlines()) for path in (STATIC / "js").glob("*.js"))
    assert lines <= 320


def test_every_file_that_a_sheet_names_exists():
    for sheet in (STATIC / "css").glob("*.css"):
        for name in re.findall(r'url\("([^"]+)"\)', sheet.read_text()):
            assert (sheet.parent / name).is_file(), (sheet, name)


def test_icons_named_in_templates_are_drawn():
    drawn = set(
        re.findall(r"^  '([a-z0-9-]+)':", (TEMPLATES / "ui/icon.html").read_text(), re.MULTILINE)
    )
    named = {
        name
        for path in PAGES
        for name in re.findall(r'(?:icon="|ui\.icon\("|draw\(")([a-z0-9-]+)"', path.read_text())
    }
    assert named <= drawn


def test_macros_have_one_name_each():
    names = [
        name
        for path in (TEMPLATES / "ui").glob("*.html")
        for name in re.findall(r"{% macro (\w+)\(", path.read_text())
    ]
    assert sorted(names) == sorted(set(names))


def test_vendored_files_are_as_published():
    table = (STATIC / "vendor/VENDOR.md").read_text()
    told = dict(re.findall(r"^\| `([^`]+)` \|.*`([0-9a-f]{64})` \|$", table, re.MULTILINE))
    assert {name: sha256((STATIC / name).read_bytes()).hexdigest() for name in told} == told
    kept = [*(STATIC / "vendor").glob("*.js"), *(STATIC / "fonts").glob("*.woff2")]
    assert {str(path.relative_to(STATIC)) for path in kept} == set(told)
