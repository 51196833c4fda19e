"""What runs in a container."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from itertools import pairwise

from policies.container import words
from policies.kinds import BUILT_IMAGE, CONTAINER, REMOTE_IMAGE
from policies.rule import Resource, Rule

_SUPERVISORS = {
    *("supervisord", "circusd", "monit", "systemd", "pm2", "pm2-runtime"),
    *("s6-svscan", "s6-overlay-suexec", "runsvdir", "runit", "runit-init", "my_init"),
    *("foreman", "honcho", "overmind", "hivemind"),
}
_INITS = {"/init", "/sbin/init", "/lib/systemd/systemd"}
_SHELLS = {"sh", "bash", "ash", "dash", "zsh", "busybox"}
_BUNDLES = re.compile(r"(^|/)(phusion/(baseimage|passenger)|linuxserver/|s6-|[\w.-]*supervisor)")
_BACKGROUND = re.compile(r"(?<![&>|<\\])&(?![&>\d])")
"""The shell's `&` by itself: not `&&`, `>&2`, `2>&1`, `&>file` or `|&`."""
_QUOTED = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
_OPERATORS = set(";&|()\n")
_PREFIXES = {"exec", "if", "then", "else", "do", "while", "until", "!", "{", "sudo", "nohup", "command"}
_ASSIGNMENT = re.compile(r"\w+=")
_SSH_SERVERS = {"sshd", "dropbear", "tinysshd"}
_SSH_IMAGES = re.compile(r"(^|[/-])(sshd|dropbear|openssh-server)([-:@]|$)")


def _several(container: Resource) -> Iterator[str]:
    started = words(container)
    for program in _programs(started):
        if program in _INITS or _name(program) in _SUPERVISORS:
            yield f"starts {program}, which runs several programs"
    for script in _scripts(started):
        if _BACKGROUND.search(_QUOTED.sub("''", script)):
            yield "starts a program in the background of another, with the shell's &"
    image = container.properties.known_text("image")
    if _BUNDLES.search(image):
        yield f"takes the image {image}, which runs several programs under an init"


def _bundle(image: Resource) -> Iterator[str]:
    name = image.properties.text("name") or image.properties.text("imageName")
    if _BUNDLES.search(name):
        yield f"is the image {name}, which runs several programs under an init"


def _one_process(resource: Resource) -> Iterator[str]:
    return _several(resource) if resource.kind == CONTAINER else _bundle(resource)


def _ssh_server(resource: Resource) -> Iterator[str]:
    properties = resource.properties
    for name in ("image", "name", "imageName"):
        image = properties.known_text(name)
        if (resource.kind == CONTAINER) == (name == "image") and _SSH_IMAGES.search(image):
            yield f"takes the image {image}, an SSH server"
    if resource.kind != CONTAINER:
        return
    for program in _programs(words(resource)):
        if _name(program) in _SSH_SERVERS:
            yield f"starts {program}"
    if any(port.number("internal") == 22 for port in properties.parts("ports")):
        yield "publishes port 22 of the container"


def _programs(started: list[str]) -> Iterator[str]:
    """Every program that a command starts by name, those in a shell's script included."""
    yield from started[:1]
    for script in _scripts(started):
        first = True
        for word in _words(script):
            if set(word) <= _OPERATORS:
                first = True
            elif first and word not in _PREFIXES and not _ASSIGNMENT.match(word):
                yield word
                first = False


def _name(program: str) -> str:
    return program.rpartition("/")[2]


def _scripts(started: list[str]) -> Iterator[str]:
    """What a shell among the words is given to run."""
    shell = False
    for word, following in pairwise(started):
        shell = shell or _name(word) in _SHELLS
        if shell and re.fullmatch(r"-[a-z]*c", word):
            yield following


def _words(script: str) -> list[str]:
    try:
        # A line's end ends a command too.
        lexer = shlex.shlex(script.replace("\n", " ; "), posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        return list(lexer)
    except ValueError:
        return script.split()


RULES = (
    Rule(
        name="one-process",
        level="mandatory",
        what="A container runs one program, without an init that runs several.",
        why="Docker sees the init only: a program in it that died or hangs is neither restarted nor replaced,"
        " and its log is lost.",
        fix="Make a container of each program; `init` is enough where a program leaves zombies.",
        kinds=(CONTAINER, REMOTE_IMAGE, BUILT_IMAGE),
        find=_one_process,
    ),
    Rule(
        name="no-ssh-server",
        level="mandatory",
        what="No container runs an SSH server.",
        why="It is a second door to the app, with passwords and keys that nobody rotates.",
        fix="Use `docker exec` on the machine, which Homeport's own SSH key opens.",
        kinds=(CONTAINER, REMOTE_IMAGE, BUILT_IMAGE),
        find=_ssh_server,
    ),
)
