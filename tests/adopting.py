"""What the tests of `init` share: repositories to adopt, and what it says and writes."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from schemactl.cli import app
from schemactl.init import origin
from shell import git
from trees import Done, commit, repository

USER = """\
syntax = "proto3";
package {package};

message User {{
  string id = 1;
  string userName = 2;
}}
"""
ENVELOPE = """\
syntax = "proto3";
package {package};

import "google/protobuf/timestamp.proto";
import "schemactl/v1/options.proto";

enum EventType {{
  EVENT_TYPE_UNSPECIFIED = 0;
}}

message {name} {{
  string id = 1;
}}

message {name}Envelope {{
  option (schemactl.v1.topic) = {{name: "{topic}" key: "payload.id"}};
  string event_uuid = 1;
  google.protobuf.Timestamp occurred_at = 2;
  EventType event_type = 3;
  {name} payload = 4;
  {name} prev_payload = 5;
}}
"""


def user(package: str) -> str:
    return USER.format(package=package)


def envelope(package: str, topic: str, name: str = "Order") -> str:
    return ENVELOPE.format(package=package, topic=topic, name=name)


BUF_V2 = {
    "buf.yaml": "version: v2\nmodules:\n  - path: proto\n    excludes: [proto/third_party]\nlint:\n  use: [MINIMAL]\n"
    "breaking:\n  use: [WIRE_JSON]\n",
    "proto/acme/users/v1/user.proto": user("acme.users.v1"),
    "proto/acme/users/v1/wrong.proto": user("acme.accounts.v1").replace("User", "Account"),
    "proto/third_party/audit/audit.proto": user("audit").replace("User", "Audit"),
}
BUF_WORK = {
    "buf.work.yaml": "version: v1\ndirectories: [users, shared]\n",
    "users/buf.yaml": "version: v1\nlint:\n  use: [DEFAULT]\n  except: [FIELD_LOWER_SNAKE_CASE]\n",
    "shared/buf.yaml": "version: v1\n",
    "users/acme/users/v1/user.proto": user("acme.users.v1"),
    "shared/acme/shared/v1/name.proto": user("acme.shared.v1").replace("User", "Name"),
}
BUF_V1BETA1 = {
    "buf.yaml": "version: v1beta1\nbuild:\n  roots: [proto]\nlint:\n  use: [DEFAULT]\n",
    "proto/acme/users/v1/user.proto": user("acme.users.v1"),
}
PROTOC = {
    "proto/acme/users/v1/user.proto": user("acme.users.v1"),
    "proto/acme/orders/v1/order.proto": 'syntax = "proto3";\npackage acme.orders.v1;\n'
    'import "acme/users/v1/user.proto";\nmessage Order {\n  acme.users.v1.User buyer = 1;\n}\n',
}
BUF_BELOW = {
    "part/buf.yaml": "version: v1\nlint:\n  use: [MINIMAL]\n",
    "part/acme/users/v1/user.proto": user("acme.users.v1"),
    "acme/orders/v1/order.proto": user("acme.orders.v1").replace("User", "Order"),
}
EVENTS = {
    "acme/users/v1/user.proto": envelope("acme.users.v1", "acme.users.status", "User"),
    "acme/orders/v1/order.proto": envelope("acme.orders.v1", "acme.orders.lifecycle"),
    "acme/orders/v1/wrong.proto": user("acme.orders.v1"),
}


COMMIT = "0123456789abcdef0123456789abcdef01234567"
ACTION = f"acme/schemactl@{COMMIT}"


def installed(url: str = "", **vcs: str) -> dict[str, Any]:
    """What an installation says of itself: from git at `url`, else from an index."""
    return {"url": url, "vcs_info": {"vcs": "git", "commit_id": COMMIT, **vcs}} if url else {}


def from_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if installed from an index: whoever runs the tests may have a checkout with a remote."""
    monkeypatch.setattr(origin, "_direct", installed)


def init(root: Path, *arguments: str) -> Done:
    done = CliRunner().invoke(app, ["init", "-C", str(root), *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def wrote(root: Path, *arguments: str) -> Done:
    done = init(root, "--yes", *arguments)
    assert done.code == 0, done
    return done


def findings(root: Path, command: str = "lint", *arguments: str) -> list[dict[str, Any]]:
    done = CliRunner().invoke(app, [command, "-C", str(root), "--format", "json", *arguments])
    assert done.exit_code in (0, 1), done.output
    found: list[dict[str, Any]] = json.loads(done.stdout)["findings"]
    return found


def at(root: Path, url: str) -> Path:
    """With a remote that nobody asks."""
    assert git(root, "remote", "add", "origin", url).returncode == 0
    return root


def loaded(path: Path) -> Any:
    return yaml.safe_load(path.read_bytes())


def examples(text: str) -> list[str]:
    """The text with one example in force, for each of them; done as its first lines say, and not better."""
    assert (
        "Where text\n# follows the `#` at once, it is an example: remove the first `#` of each of\n# its lines" in text
    )
    lines = text.splitlines()
    kept: list[list[int]] = [[]]
    for number, line in enumerate(lines):
        if re.match(r" *#\S", line):
            kept[-1].append(number)
        elif kept[-1]:
            kept.append([])
    return [
        "\n".join(line.replace("#", "", 1) if at in block else line for at, line in enumerate(lines)) + "\n"
        for block in kept
        if block
    ]


def files(root: Path) -> dict[str, bytes]:
    """All of them, but for git's own."""
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file() and not path.is_symlink() and ".git" not in path.relative_to(root).parts
    }


def repo(root: Path, files: Mapping[str, str | bytes]) -> Path:
    root.mkdir(parents=True, exist_ok=True)
    return repository(root, files)


__all__ = ["commit"]
