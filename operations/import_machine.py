"""The machine's part of an import: one script, given a task, over the stack's SSH connection."""

from __future__ import annotations

import hashlib
import shlex
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from components.host.shell import with_variables
from operations.import_files import Sent, send

_SCRIPT = Path(__file__).parent / "import_machine.sh"

Task = Literal["begin", "lacking", "dump", "files", "run"]


class MachineError(Exception):
    """The machine refused or failed. The text is what it said."""


@dataclass(frozen=True)
class ImportMachine:
    """Runs the tasks of `import_machine.sh`. A connection that ends, ends the task."""

    command_line: str
    """The stack's output `ssh`."""
    variables: Mapping[str, str]
    told: Callable[[str], None]
    """Takes each line as the machine says it."""

    def begin(self) -> None:
        """See that data may come. Raises `MachineError`."""
        self._task("begin", {}, lambda _: None, self.told)

    def lacking_extensions(self) -> list[str]:
        """The dump's extensions that the server's image has not. Raises `MachineError`."""
        lines: list[str] = []
        self._task("lacking", {}, lambda _: None, lines.append)
        return lines

    def send_dump(self, content: Iterable[bytes]) -> str:
        """Have the dump on the machine; its checksum. Raises `MachineError`."""
        sum_here = hashlib.sha256()

        def write(stream: IO[bytes]) -> None:
            for part in content:
                sum_here.update(part)
                stream.write(part)

        lines: list[str] = []
        self._task("dump", {}, write, lines.append)
        if lines[-1:] != [sum_here.hexdigest()]:
            raise MachineError("the dump did not arrive whole: try again")
        return sum_here.hexdigest()

    def send_files(self, volume: str, folder: Path) -> Sent:
        """Have a volume's files on the machine. Raises `MachineError`; `OSError` for what cannot be read."""
        sent: list[Sent] = []
        lines: list[str] = []
        self._task(
            "files", {"volume": volume}, lambda stream: sent.append(send(folder, stream)), lines.append
        )
        if lines[-1:] != [f"{sent[0].files} {sent[0].size}"]:
            raise MachineError(f"the files of {volume} did not arrive whole: try again")
        return sent[0]

    def run(self, checksum: str, lacking: Sequence[str] = ()) -> None:
        """Load and swap; everything is as before where it fails. Raises `MachineError`."""
        self._task("run", {"sum": checksum, "lacking": ", ".join(lacking)}, None, self.told)

    def _task(
        self,
        task: Task,
        more: Mapping[str, str],
        write: Callable[[IO[bytes]], None] | None,
        told: Callable[[str], None],
    ) -> None:
        """`write` gives the task its input; without it, the input stays open until the task ends."""
        script = with_variables(_SCRIPT.read_text(), {"task": task, **self.variables, **more})
        with (
            tempfile.TemporaryFile() as errors,
            subprocess.Popen(
                [*shlex.split(self.command_line), "sudo bash -s"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
            ) as process,
        ):
            if process.stdin is None or process.stdout is None:
                raise TypeError("the pipes that were asked for")
            reader = threading.Thread(target=_tell, args=(process.stdout, told))
            reader.start()
            try:
                process.stdin.write(script.encode())
                process.stdin.flush()
                if write:
                    write(process.stdin)
                    process.stdin.close()
                process.wait()
            except BrokenPipeError:
                # It ended early, and says why. What is still held back goes nowhere.
                with suppress(BrokenPipeError):
                    process.stdin.close()
                process.wait()
            except BaseException:
                process.kill()
                with suppress(BrokenPipeError):
                    process.stdin.close()
                raise
            finally:
                reader.join()
            if process.returncode:
                errors.seek(0)
                said = errors.read().decode(errors="replace").strip()
                raise MachineError(said or f"the connection ended with status {process.returncode}")


def _tell(stream: IO[bytes], told: Callable[[str], None]) -> None:
    for line in stream:
        told(line.decode(errors="replace").rstrip("\n"))
