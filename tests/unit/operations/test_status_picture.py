"""`make status` as a picture."""

from __future__ import annotations

import html
import re
from pathlib import Path

import pytest

from operations.status import look
from operations.status_picture import PICTURE, main, picture
from operations.status_screen import screen
from tests.unit.operations.looked_at import machine, question

FACTS = look(question(machine("bad")))
DRAWN = picture(FACTS, "make status STACK=chat")


def words(drawn: str) -> str:
    """All text of a picture, without its spaces."""
    return re.sub(r"\s", "", html.unescape("".join(re.findall(r"<text[^>]*>([^<]*)</text>", drawn))))


def test_every_line_of_the_screen_is_in_it() -> None:
    drawn = words(DRAWN)
    for line in screen(FACTS, colour=False).splitlines():
        assert re.sub(r"\s", "", line) in drawn


def test_what_needs_attention_has_a_colour_of_its_own() -> None:
    (line,) = re.findall(r'class="(status-r\d+)"[^>]*>!&#160;&#160;1\.', DRAWN)
    (plain,) = re.findall(r'class="(status-r\d+)"[^>]*>\$&#160;make', DRAWN)
    assert line != plain


def test_it_asks_no_other_site_for_anything() -> None:
    for drawn in (DRAWN, PICTURE.read_text()):
        assert set(re.findall(r"https?://[^\s\"')]+", drawn)) <= {
            "http://www.w3.org/2000/svg",
            "https://www.textualize.io",
        }
        assert "url(http" not in drawn


def test_the_same_screen_is_the_same_picture() -> None:
    assert picture(FACTS, "make status STACK=chat") == DRAWN


def test_nothing_is_drawn_of_a_stack_that_could_not_be_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "status.svg"
    (tmp_path / "stacks").mkdir()
    (tmp_path / "stacks" / "chat.workspace.yaml").write_text("file: nowhere.yaml\nwrittenBy: make chat\n")
    assert main(["--stack", "chat", "--project", str(tmp_path), "--picture", str(file)]) == 2
    assert "make chat first" in capsys.readouterr().err
    assert not file.exists()
