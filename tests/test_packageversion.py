from __future__ import annotations

import pytest

from schemactl.packageversion import stability

STABLE = "acme.v1 acme.v2 acme.users.v12 v1.v1 acme.v01 acme.v2147483647 acme.users.v000000000000001"
UNSTABLE = "v1alpha v1alpha1 v1beta v2beta12 v1p1alpha v1p2beta3 v1beta01 v1test v4testing_it v1test0 v1testalpha"
NONE = (
    "users v v0 v00 vv1 V1 x1 v1p1 v1_1 v1a v1ALPHA v1beta0 v1p0alpha v0p1beta1 v0test v1p1test v1alphabeta "
    "v1alphatest v1p1p1alpha v1alpha1p1 v1beta1_2 v\u0661 v2147483648 v1beta2147483648 v1p2147483648beta"
)


@pytest.mark.parametrize("package", STABLE.split())
def test_a_number_alone_is_a_stable_version(package: str) -> None:
    assert stability(package) == "stable"


@pytest.mark.parametrize("version", UNSTABLE.split())
def test_alpha_beta_and_test_are_unstable_versions(version: str) -> None:
    assert stability(f"acme.users.{version}") == "unstable"


@pytest.mark.parametrize("version", NONE.split())
def test_anything_else_is_no_version(version: str) -> None:
    assert stability(f"acme.{version}") is None


@pytest.mark.parametrize("before", ["v", "v1alpha", "v1p"])
def test_a_number_of_any_length_is_taken(before: str) -> None:
    assert stability(f"acme.{before}{'9' * 10_000}") is None
    assert stability(f"acme.v{'0' * 10_000}1") == "stable"


@pytest.mark.parametrize("package", ["", "v1", "v1beta1", "acme", "acme.v1.users"])
def test_only_the_last_word_of_several_is_a_version(package: str) -> None:
    assert stability(package) is None
