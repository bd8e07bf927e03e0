"""What is made of a schema: the files of each package, who provides the others, and what cannot be made."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl import config, place, reading
from schemactl.cache import Nothing
from schemactl.finding import Finding
from schemactl.packagessection import ThirdPartyGo, ThirdPartySection
from schemactl.product import Plan, Provider
from schemactl.products import plan
from schemactl.thirdparty import by_path, provider
from schemactl.tree import Directory
from trees import proto, write

USER, ORDER = "acme/users/user.proto", "acme/orders/order.proto"
HTTP = "google/api/http.proto"


def planned(tmp_path: Path, files: dict[str, str], configuration: str = "") -> tuple[Plan, list[Finding]]:
    top = write(tmp_path / "tree", files | {"schemactl.yaml": configuration or "roots: [.]\n"})
    (workspace := tmp_path / "work").mkdir()
    tree, where = Directory(top, None), place.Place(top, ".", None)
    settings = config.load(tree.read, ".", lambda: tree.paths)
    built = reading.compiler(workspace, 1, Nothing())(reading.sources(tree, settings, where, {}))
    assert not built.problems, built.problems
    return plan(settings, built.image, default_name="tree-schemas")


def told(findings: list[Finding]) -> list[str]:
    assert len({each.fingerprint for each in findings}) == len(findings)
    assert {(each.severity, each.source) for each in findings if each.rule != "PACKAGE_FOREIGN"} <= {
        ("error", "compile")
    }
    return [
        f"{each.location.path}:{each.location.line} {each.rule} {each.message}" if each.location else each.message
        for each in findings
    ]


def files(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {product.name: product.files for product in plan.products}


def trivial(path: str, *imports: str) -> dict[str, str]:
    """A file that declares one message, and has one of each import, in a package of its own."""
    own = path.encode().hex()
    return {path: proto(f"message M{own} {{}}", *imports, package=f"p{own}")}


def trivials(*paths: str) -> dict[str, str]:
    return {path: text for each in paths for path, text in trivial(each).items()}


# --- who provides what


COMMON, NEWER = "googleapis-common-protos>=1.66,<2", "googleapis-common-protos>=1.72,<2"


@pytest.mark.parametrize(
    ("file", "requirement", "module", "package"),
    [
        ("google/protobuf/any.proto", "protobuf", "google.golang.org/protobuf", "/types/known/anypb"),
        ("google/protobuf/compiler/plugin.proto", "protobuf", "google.golang.org/protobuf", "/types/pluginpb"),
        ("google/protobuf/cpp_features.proto", "", "", ""),
        ("google/api/http.proto", COMMON, "google.golang.org/genproto/googleapis/api", "/annotations"),
        ("google/api/launch_stage.proto", COMMON, "google.golang.org/genproto/googleapis/api", ""),
        ("google/type/money.proto", COMMON, "google.golang.org/genproto", "/googleapis/type/money"),
        ("google/cloud/common_resources.proto", NEWER, "", ""),
        (
            "google/gapic/metadata/gapic_metadata.proto",
            NEWER,
            "google.golang.org/genproto",
            "/googleapis/gapic/metadata",
        ),
        (
            "google/longrunning/operations.proto",
            COMMON,
            "cloud.google.com/go/longrunning",
            "/autogen/longrunningpb",
        ),
        ("google/iam/v1/policy.proto", "grpc-google-iam-v1>=0.14.2,<1", "cloud.google.com/go/iam", "/apiv1/iampb"),
        (
            "google/iam/v1/logging/audit_data.proto",
            "grpc-google-iam-v1>=0.14.2,<1",
            "google.golang.org/genproto",
            "/googleapis/iam/v1/logging",
        ),
        (
            "opentelemetry/proto/collector/logs/v1/logs_service.proto",
            "opentelemetry-proto>=1.30,<2",
            "go.opentelemetry.io/proto/otlp",
            "/collector/logs/v1",
        ),
        ("opentelemetry/proto/profiles/v1development/profiles.proto", "opentelemetry-proto>=1.35,<2", "", ""),
        ("opentelemetry/proto/processcontext/v1development/process_context.proto", "", "", ""),
        (
            "protoc-gen-openapiv2/options/annotations.proto",
            "protoc-gen-openapiv2>=0.0.1,<1",
            "github.com/grpc-ecosystem/grpc-gateway/v2",
            "/protoc-gen-openapiv2/options",
        ),
    ],
)
def test_what_everybody_has_is_known(file: str, requirement: str, module: str, package: str) -> None:
    found = provider(file, {})
    assert found is not None
    assert (found.requirement, found.go_import, found.go_module) == (requirement, module + package, module)
    assert bool(found.go_version) == bool(module)


@pytest.mark.parametrize(
    "file",
    ["google/api/acme.proto", "google/iam/v2/x.proto", "google/longrunning/operations_proto.proto", "acme.proto"],
)
def test_what_only_stands_beside_it_is_not(file: str) -> None:
    assert provider(file, {}) is None


def test_what_is_configured_wins_and_of_that_the_longest_path() -> None:
    sections = (
        ThirdPartySection(("google/api/", "buf"), "acme-apis>=1"),
        ThirdPartySection(("buf/validate",), None, ThirdPartyGo("x.org/m/validate", "x.org/m", "v1.0.0")),
    )
    configured = by_path(sections)
    assert provider(HTTP, configured) == Provider("acme-apis>=1")
    assert provider("buf/validate/a.proto", configured) == Provider("", "x.org/m/validate", "x.org/m", "v1.0.0")
    below = provider("buf/validate/priv/b.proto", configured)
    assert below == Provider("", "x.org/m/validate/priv", "x.org/m", "v1.0.0")
    assert provider("buffet/a.proto", configured) is None


# --- which files a package has


def test_without_packages_there_is_one_of_all_files_that_cannot_be_published(tmp_path: Path) -> None:
    found, findings = planned(tmp_path, trivials(USER, ORDER))
    (product,) = found.products
    assert (product.name, product.files, product.declared, product.go) == ("tree-schemas", (ORDER, USER), False, None)
    assert product.python is not None
    assert (product.python.distribution, product.python.root, findings) == ("tree-schemas", "", [])


def test_packages_hold_what_their_paths_name_from_the_file_that_says_so(tmp_path: Path) -> None:
    text = """\
roots: [proto]
packages:
  - {name: users, paths: [proto/acme/users], python: {root: acme.events, generator: grpcio-tools==1.80.1}}
  - {name: orders, paths: [proto/acme/orders/order.proto], languages: [go], go: {module: x.org/o, required: false}}
"""
    found, findings = planned(tmp_path, {f"proto/{path}": each for path, each in trivials(USER, ORDER).items()}, text)
    users, orders = found.products
    assert (users.files, orders.files, findings) == ((USER,), (ORDER,), [])
    assert users.python is not None
    assert (users.python.distribution, users.python.root, users.python.generator) == ("users", "acme.events", "1.80.1")
    assert (orders.python, orders.go and orders.go.module, orders.declared) == (None, "x.org/o", True)


def test_our_options_are_in_no_package_and_no_import(tmp_path: Path) -> None:
    options = Path("schemactl/protos/schemactl/v1/options.proto").read_text("utf-8")
    tree = trivial(USER, "schemactl/v1/options.proto") | {"schemactl/v1/options.proto": options}
    found, findings = planned(tmp_path, tree)
    assert (files(found), findings) == ({"tree-schemas": (USER,)}, [])
    assert set(found.providers) == set()


def test_copies_of_files_of_others_are_required_and_not_made_again(tmp_path: Path) -> None:
    tree = trivial(USER, HTTP) | {HTTP: proto("message Http {}", package="google.api")}
    found, findings = planned(tmp_path, tree | trivial("google/protobuf/any.proto"))
    assert (files(found), findings) == ({"tree-schemas": (USER,)}, [])
    assert set(found.providers) == {HTTP}


def test_a_tree_of_nothing_but_files_of_somebody_else_is_theirs(tmp_path: Path) -> None:
    common, logs = "opentelemetry/proto/common/v1/common.proto", "opentelemetry/proto/logs/v1/logs.proto"
    found, findings = planned(tmp_path, trivial(common) | trivial(logs, common))
    assert (files(found), found.providers) == ({"tree-schemas": (common, logs)}, {})
    assert [(each.rule, each.severity) for each in findings] == [("PACKAGE_FOREIGN", "warning")]
    assert findings[0].message.startswith(f"`{common}` and 1 more are in `opentelemetry-proto` too: who installs that")
    pasted = "\n".join((findings[0].help or "").split("\n")[1:])
    (again := tmp_path / "again").mkdir()
    assert planned(again, trivial(common) | trivial(logs, common), f"roots: [.]\n{pasted}\n")[1] == []


@pytest.mark.parametrize(("path", "made"), [("google/api", True), ("google/api/http.proto", True), ("google", False)])
def test_a_copy_is_made_only_where_a_path_means_it(tmp_path: Path, path: str, made: bool) -> None:
    tree = trivial(HTTP) | trivial("google/acme/x.proto") | trivial(USER, HTTP)
    text = f"roots: [.]\npackages: [{{name: google, paths: [{path}]}}, {{name: acme, paths: [acme]}}]\n"
    found, findings = planned(tmp_path, tree, text)
    assert (HTTP in files(found)["google"]) == made
    assert (HTTP in found.providers) != made
    assert findings == []


def test_a_path_without_files_is_told_where_it_stands(tmp_path: Path) -> None:
    text = "roots: [.]\npackages:\n- {name: one, paths: [acme, gone]}\n- {name: two, paths: [google]}\n"
    _, findings = planned(tmp_path, trivials(USER, HTTP), text)
    assert told(findings) == [
        "schemactl.yaml:3 PACKAGE_EMPTY `gone` of the package `one` should hold proto files, and has none",
        f"schemactl.yaml:4 PACKAGE_EMPTY `google` of the package `two` holds only files that others provide, such as "
        f"`{HTTP}`: these are never made again",
    ]


def test_no_files_at_all_are_told_too(tmp_path: Path) -> None:
    _, findings = planned(tmp_path, trivials("google/protobuf/any.proto"))
    (message,) = told(findings)
    assert message.startswith("the package `tree-schemas` holds only files that others provide")
