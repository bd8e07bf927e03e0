"""Runs git as its user does, to talk to a remote: with their credentials and configuration, and no hook or prompt."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from schemactl import tools
from schemactl.git.command import Repository
from schemactl.tools import Result

# What leads git, ssh and credential helpers to the remote and through its door. Not what moves the repository
# (GIT_DIR, GIT_INDEX_FILE, …), and not what writes down what is said there (GIT_TRACE…, GIT_CURL_VERBOSE).
_KEPT = re.compile(
    r"(?i:(?:https?|all|no)_proxy)|SSL_CERT_(?:FILE|DIR)|GIT_SSL_(?!NO_VERIFY)\w+|GIT_PROXY_COMMAND"
    r"|SSH_\w+|GIT_SSH\w*|GIT_ASKPASS|GIT_CONFIG_(?:GLOBAL|SYSTEM|NOSYSTEM)|GIT_COMMITTER_(?:NAME|EMAIL)"
    r"|XDG_\w+|DBUS_SESSION_BUS_ADDRESS|DISPLAY|WAYLAND_DISPLAY|KRB5\w+|GNUPGHOME|GPG_\w+|APPDATA|PROGRAMDATA"
    r"|CURL_CA_BUNDLE|GIT_HTTP_PROXY_AUTHMETHOD|USER|LOGNAME|GCM_\w+|GLAB_CONFIG_DIR|GITLAB_HOST"
)
# What the credential helpers of forges read, and nothing that is on this machine has to.
_TOKENS = re.compile(r"GH_\w+|GITHUB_TOKEN|GITLAB_TOKEN|CI_JOB_TOKEN")
_ALWAYS = {"GIT_TERMINAL_PROMPT": "0", "GIT_ALLOW_PROTOCOL": "https:http:ssh:file", "GIT_NO_REPLACE_OBJECTS": "1"}
# They come after the user's, and so count.
_SETTINGS = (("core.hooksPath", os.devnull), ("core.fsmonitor", "false"))
_SHORT, _LONG = 60.0, 300.0
_NOBODY = "schemactl <schemactl@noreply.invalid>"


def talking_environment(extra: Mapping[str, str] | None = None, *, forge: bool = True) -> dict[str, str]:
    """For a git that fetches or pushes, wherever it runs; `extra` settings of git come last.

    Unless the remote is a `forge`, its tokens stay behind.
    """
    kept = {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
    kept |= {name: value for name, value in os.environ.items() if forge and _TOKENS.fullmatch(name)}
    settings = [*_given(), *_SETTINGS, *(extra or {}).items()]
    numbered = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, setting in enumerate(settings)
        for part, text in zip(("KEY", "VALUE"), setting, strict=True)
    }
    return kept | _ALWAYS | numbered | {"GIT_CONFIG_COUNT": str(len(settings))}


def talk(repo: Repository, *argv: str, settings: Mapping[str, str] | None = None, stdin: bytes = b"") -> Result:
    """Of any exit code. What git says may hold what nobody should read: credentials in a URL."""
    env, limit = talking_environment(settings), timeout(argv[0])
    return tools.run(["git", *argv], ok=None, stdin=stdin, cwd=repo.root, env=env, timeout=limit)


def timeout(command: str) -> float:
    """In seconds: what is only asked has no reason to take long."""
    return _SHORT if command == "ls-remote" else _LONG


def identity(at: Path) -> str:
    """`Name <address>` of the user, by git's configuration and variables, else one that is nobody's."""
    env = talking_environment({"user.useConfigOnly": "true"})
    found = tools.run(["git", "var", "GIT_COMMITTER_IDENT"], ok=None, cwd=at, env=env)
    name = re.match(r"(.+ <.+>) \d+ [+-]\d{4}", found.stdout.decode("utf-8", "replace"))
    return name[1] if name and not found.code else _NOBODY


def _given() -> list[tuple[str, str]]:
    """The settings that the user's own variables hold: those up to the first that is not whole."""
    count = os.environ.get("GIT_CONFIG_COUNT", "")
    found = []
    for number in range(int(count) if re.fullmatch(r"\d{1,4}", count) else 0):
        key, value = (os.environ.get(f"GIT_CONFIG_{part}_{number}") for part in ("KEY", "VALUE"))
        if key is None or value is None:
            break
        found.append((key, value))
    return found
