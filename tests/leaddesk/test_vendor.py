"""What is served of others: the very files that `vendor.toml` names, each with its licence."""

import base64
import hashlib
import re
import tomllib
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "src/leaddesk/static"
FILES = tomllib.loads((STATIC / "vendor.toml").read_text())["file"]


@pytest.mark.parametrize("told", FILES, ids=lambda told: told["file"])
def test_a_file_of_others_is_the_one_that_was_published(told):
    digest = hashlib.sha384((STATIC / told["file"]).read_bytes()).digest()
    assert base64.b64encode(digest).decode() == told["sha384"]


@pytest.mark.parametrize("told", FILES, ids=lambda told: told["file"])
def test_a_file_of_others_comes_with_its_licence(told):
    text = (STATIC / told["licence_file"]).read_text()
    said = {"0BSD": "Zero-Clause BSD", "OFL-1.1": "SIL Open Font License, Version 1.1"}
    assert said[told["licence"]] in text


def test_no_file_of_others_is_served_unnamed():
    found = [*(STATIC / "vendor").iterdir(), *(STATIC / "fonts").iterdir()]
    named = {one[key] for one in FILES for key in ("file", "licence_file")}
    assert {one.relative_to(STATIC).as_posix() for one in found} == named


def test_every_face_of_the_style_sheet_is_there():
    sheet = STATIC / "css/fonts.css"
    faces = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert faces
    assert all((sheet.parent / face).resolve().exists() for face in faces)
