"""The page docs/settings.md says what the models say."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import AfterValidator, Field

from components.domain import Email, Settings
from stacks.mistakes import MistakesError
from stacks.settings import load
from tools.setting_types import Words, anchor, domain_types
from tools.settings_reference import FILE, MARK, PARTS, page, reference, sections

WORDS = Words(domain_types(), {})


class _Undocumented(Settings):
    size: int


def test_the_committed_page_is_what_the_models_say() -> None:
    current = FILE.read_text()
    assert current == page(current), "docs/settings.md is old. Run: make settings-reference"


def test_every_section_of_a_stack_file_has_its_part() -> None:
    with pytest.raises(MistakesError) as error:
        load("chat", {"homeport:typo": "1"}, [])
    (unknown,) = (mistake for mistake in error.value.mistakes if mistake.path == "homeport:typo")
    assert unknown.allowed == f"one of {', '.join(PARTS)}"


def test_no_two_sections_share_an_anchor() -> None:
    anchors = [anchor(section.title) for section in sections()]
    assert sorted(set(anchors)) == sorted(anchors)


def test_what_is_written_by_hand_is_kept() -> None:
    assert page(f"# By hand\n{MARK}old").startswith(f"# By hand\n{MARK}\n## homeport:host\n")


def test_a_page_without_the_mark_is_not_overwritten() -> None:
    with pytest.raises(ValueError, match="lacks the line"):
        page("# Somebody's own page\n")


def test_a_setting_without_a_docstring_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PARTS, "undocumented", _Undocumented)
    with pytest.raises(ValueError, match=r"_Undocumented\.size has no docstring"):
        reference()


@pytest.mark.parametrize(
    ("annotation", "said"),
    [
        (Annotated[int, Field(ge=10, le=2048)], "integer, 10 to 2048"),
        (Annotated[int, Field(ge=96)], "integer, 96 or more"),
        (Annotated[str, Field(min_length=1)], "text, not empty"),
        (Annotated[str, Field(min_length=3, max_length=63)], "text, 3 to 63 characters"),
        (Annotated[str, Field(pattern="^a+$")], "text matching `^a+$`"),
        (Annotated[list[Email], Field(min_length=1)], "list of [Email](#email), not empty"),
        (list[str] | None, "list of text"),
        (dict[str, str], "map of names to text"),
        (Literal["tcp", "udp"], "`tcp` or `udp`"),
        (bool, "true or false"),
        (Annotated[Email, AfterValidator(str.lower)], "[Email](#email)"),
    ],
)
def test_a_type_is_said_in_words(annotation: object, said: str) -> None:
    assert WORDS.of(annotation) == said


def test_a_type_without_words_is_refused() -> None:
    with pytest.raises(TypeError, match="no words"):
        WORDS.of(complex)


def test_every_shared_type_is_explained() -> None:
    explained = {shared.name for shared in domain_types()}
    assert explained == {
        *(
            "Fqdn",
            "CertificateName",
            "DnsName",
            "Cidr",
            "ClosedCidr",
            "Version",
            "FullVersion",
            "Name",
            "Email",
        ),
        *("Calendar", "Port"),
    }
