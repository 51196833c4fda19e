"""Reading the files that the sandbox's mail relay keeps."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest

from sandbox.box import Box
from sandbox.mail_account import MailAccount
from sandbox.mail_sink import Mail, mails

ENVELOPE = b"X-Envelope-From: app@homeport.test\r\nX-Envelope-To: ada@homeport.test, bob@homeport.test\r\n"
PLAIN = ENVELOPE + b"From: App <app@homeport.test>\r\nSubject: Hello\r\n\r\nWelcome\r\n"


@pytest.fixture
def box(tmp_path: Path) -> Box:
    """A box that is only a folder."""
    # With its version named, the client asks no engine for one.
    box = Box(tmp_path, docker.DockerClient(version="1.44"))
    box.mail_folder.mkdir()
    return box


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "20260102T030405.000000Z-0123.eml"


def test_the_sender_and_recipients_are_those_of_the_envelope(path: Path) -> None:
    path.write_bytes(PLAIN)
    mail = Mail.read(path)
    assert mail.sender == "app@homeport.test"
    assert mail.recipients == ("ada@homeport.test", "bob@homeport.test")


def test_an_envelope_that_the_client_forged_is_not_believed(path: Path) -> None:
    path.write_bytes(ENVELOPE + b"X-Envelope-To: eve@homeport.test\r\n" + PLAIN.removeprefix(ENVELOPE))
    assert Mail.read(path).recipients == ("ada@homeport.test", "bob@homeport.test")


def test_an_encoded_subject_is_read(path: Path) -> None:
    path.write_bytes(PLAIN.replace(b"Hello", b"=?utf-8?q?Gr=C3=BC=C3=9Fe?="))
    assert Mail.read(path).subject == "Grüße"


def test_the_plain_text_is_taken_before_the_html(path: Path) -> None:
    parts = b"".join(
        b"--x\r\nContent-Type: text/%s; charset=utf-8\r\n\r\n%s\r\n" % part
        for part in ((b"html", b"<p>rich</p>"), (b"plain", b"poor"))
    )
    header = b'MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="x"\r\n\r\n'
    path.write_bytes(ENVELOPE + header + parts + b"--x--\r\n")
    assert Mail.read(path).text.strip() == "poor"


def test_html_is_the_text_where_there_is_no_other(path: Path) -> None:
    path.write_bytes(ENVELOPE + b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n\r\n<p>rich</p>\r\n")
    assert Mail.read(path).text.strip() == "<p>rich</p>"


def test_mails_come_in_the_order_of_their_arrival(box: Box) -> None:
    for second, subject in ((9, b"last"), (1, b"first")):
        kept = box.mail_folder / f"20260102T03040{second}.000000Z-0123.eml"
        kept.write_bytes(PLAIN.replace(b"Hello", subject))
    assert [mail.subject for mail in mails(box)] == ["first", "last"]


def test_a_mail_that_is_still_being_written_is_not_there_yet(box: Box) -> None:
    (box.mail_folder / "20260102T030405.000000Z-0123.part").write_bytes(ENVELOPE)
    assert mails(box) == []


def test_the_relay_is_told_the_account_of_the_box() -> None:
    told = MailAccount("app", "secret").environment()
    assert (told["MAIL_USER"], told["MAIL_PASSWORD"]) == ("app", "secret")
