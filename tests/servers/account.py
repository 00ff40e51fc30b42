"""The account and the folders of the servers that tests start.

Elasticsearch and PostgreSQL refuse to run as root, as whom tests run in most containers; there they run as `nobody`,
and what they read and write must be within nobody's reach.
"""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
PR_SET_PDEATHSIG = 1
ANYONE_READS = stat.S_IRUSR | stat.S_IRGRP | stat.S_IROTH
ANYONE_ENTERS = stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH


def service_account() -> pwd.struct_passwd | None:
    """Whom servers run as instead of root; None where tests run as an ordinary user."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else None


def within_reach(path: Path) -> bool:
    """Whether the service account can read `path`."""
    if service_account() is None:
        return True
    folders = [path, *path.parents] if path.is_dir() else path.parents
    return bool(path.stat().st_mode & stat.S_IROTH) and all(folder.stat().st_mode & stat.S_IXOTH for folder in folders)


def cache_folder() -> Path:
    """Where unpacked programs are kept from run to run: XUNYUAN_CACHE, else `.cache` in the project.

    A clone below root's home is out of reach of others; then it is /var/cache/xunyuan.
    """
    folder = Path(os.environ.get("XUNYUAN_CACHE") or ROOT / ".cache").expanduser().absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if not within_reach(folder):
        folder = Path("/var/cache/xunyuan")
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    return folder


def hand_over(folder: Path) -> Path:
    """Give a folder with all in it to the service account."""
    if account := service_account():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, account.pw_uid, account.pw_gid, follow_symlinks=False)
    return folder


def open_to_all(folder: Path) -> None:
    """Let anyone read and run what is in a folder, whatever the umask was."""
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | ANYONE_READS | (ANYONE_ENTERS if path.is_dir() or mode & stat.S_IXUSR else 0))


@contextmanager
def run_folder(name: str) -> Iterator[Path]:
    """A folder for one run of a server, the server's own, removed afterwards.

    Its path is short: PostgreSQL's socket lies in it, and such paths end at 107 bytes.
    """
    parent = Path(tempfile.gettempdir())
    folder = Path(tempfile.mkdtemp(prefix=f"xunyuan-{name}-", dir=parent if within_reach(parent) else "/var/tmp"))
    try:
        yield hand_over(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(
    command: Sequence[str | Path], *, folder: Path, environ: Mapping[str, str], log: IO[bytes]
) -> subprocess.Popen[bytes]:
    """Start a server in `folder` with its output in `log`; it ends when the process that started it does."""
    account = service_account()
    return subprocess.Popen(
        [str(part) for part in command],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath), "HOME": str(folder), "LC_ALL": "C.UTF-8", **environ},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
        start_new_session=True,  # Ctrl-C is for the one who started it, who then stops it in order
        preexec_fn=_end_with_parent(),  # noqa: PLW1509  (the one who starts it has one thread)
    )


def _end_with_parent() -> Callable[[], None]:
    """What the child does before it becomes the server: ask for SIGTERM should its parent be killed."""
    libc = ctypes.CDLL(None, use_errno=True)
    return lambda: None if libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM) == 0 else os._exit(127)


def stop(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM, seconds: float = 20) -> None:
    """Ask a server to end, and make it end after `seconds`."""
    if process.poll() is None:
        process.send_signal(by)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
