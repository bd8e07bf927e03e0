from __future__ import annotations

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from schemactl.publish import secrets
from schemactl.publish.secrets import redacted

SECRET = 'Ünlucky/with+odd "chars"&more'


@pytest.mark.parametrize(
    "name",
    [
        "UV_PUBLISH_PASSWORD",
        "UV_PUBLISH_TOKEN",
        "GITHUB_TOKEN",
        "CI_JOB_TOKEN",
        "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
        "PYPI_ID_TOKEN",
        "AWS_SECRET_ACCESS_KEY",
        "ACME_API_KEY",
        "acme_db_password",
    ],
)
def test_what_the_environment_calls_secret_is_not_said(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name, SECRET)
    assert redacted(f"it said: {SECRET}!") == "it said: ***!"


@pytest.mark.parametrize("user", ["ci", "__token__", "abc", "somebody"])
def test_a_login_is_hidden_as_it_is_in_headers(user: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", SECRET)
    coded = base64.b64encode(f"{user}:{SECRET}".encode()).decode()
    said = redacted(f"sent Basic {coded} to acme")
    assert said.startswith("sent Basic ")
    assert said.endswith(" to acme")
    left = said.removeprefix("sent Basic ").removesuffix(" to acme").replace("***", "")
    assert len(left) <= len(user) * 4 // 3 + 8  # the name, and what its bits and the last ones share a character with


@pytest.mark.parametrize(
    "form",
    [
        quote(SECRET),
        quote(SECRET, safe=""),
        quote(SECRET, safe="").lower().replace("ünlucky", "Ünlucky"),
        quote_plus(SECRET),
        html.escape(SECRET),
        json.dumps(SECRET),
        json.dumps(SECRET, ensure_ascii=False),
    ],
)
def test_a_secret_is_hidden_as_urls_and_json_spell_it(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PUBLISH_PASSWORD", SECRET)
    assert "odd" not in redacted(f"told {form} to acme")


def test_of_a_secret_that_begins_as_another_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_A_TOKEN", "abcd")
    monkeypatch.setenv("ACME_B_TOKEN", "abcdefgh")
    assert redacted("it is abcdefgh") == "it is ***"


def test_each_line_of_a_key_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNING_KEY", "-----BEGIN-----\nMIIEow==\n-----END-----\n")
    assert redacted("read MIIEow== there") == "read *** there"


def test_logins_and_signatures_in_urls_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://bob:hunter2@proxy.acme.example:3128")
    assert redacted("at https://ci:p@ss@acme.example/x@1") == "at https://acme.example/x@1"
    assert redacted("at https://acme.example/f?a=1&X-Amz-Signature=abc&b=2") == (
        "at https://acme.example/f?a=1&X-Amz-Signature=***&b=2"
    )
    assert redacted("bob's is hunter2") == "bob's is ***"


@pytest.mark.parametrize(
    "token",
    [
        f"pypi-{'AgEIcHlwaS5vcmc' * 4}",
        f"ghs_{'a1B2' * 9}",
        f"glpat-{'x' * 20}",
        "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhY21lIn0.c2ln",
    ],
)
def test_tokens_that_were_given_on_the_way_are_known_by_their_looks(token: str) -> None:
    assert redacted(f"got {token} now") == "got *** now"


def test_a_header_with_credentials_is_hidden() -> None:
    assert "c2VjcmV0" not in redacted("> Authorization: Bearer c2VjcmV0\n> Accept: */*")
    assert "Accept: */*" in redacted("> Authorization: Bearer c2VjcmV0\n> Accept: */*")


def test_words_that_are_no_secrets_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "UV_PUBLISH_USERNAME": "publisher",
        "MAX_TOKENS": "4096",
        "NPM_TOKEN_ENABLED": "true",
        "AWS_WEB_IDENTITY_TOKEN_FILE": "/var/run/token",
        "ACTIONS_ID_TOKEN_REQUEST_URL": "https://acme.example/id",
        "SHORT_TOKEN": "ab",
        "EMPTY_TOKEN": "",
    }.items():
        monkeypatch.setenv(name, value)
    text = "the publisher read 4096 bytes of /var/run/token at https://acme.example/id: true, about tabs"
    assert redacted(text) == text


def test_a_token_in_place_of_a_name_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_PUBLISH_USERNAME", "3f9ac41bd02e77f1aa90")
    assert redacted("as 3f9ac41bd02e77f1aa90") == "as ***"


@pytest.mark.parametrize("start", ["Basic ", "bearer  ", "Basic: ", "BASIC="])
@pytest.mark.parametrize("word", ["Ym9iOmhlbHBlcg==", "a.b-c_d~e", "Ym9i", "YWJj/+", "authYm9i0"])
def test_what_follows_the_name_of_a_scheme_is_hidden(start: str, word: str) -> None:
    assert redacted(f"denied, {start}{word} was sent") == f"denied, {start}*** was sent"


@pytest.mark.parametrize(
    "text", ["Basic authentication failed", "a bearer token is needed", "Basic realm=acme", "basics help"]
)
def test_the_name_of_a_scheme_is_a_word_of_prose_too(text: str) -> None:
    assert redacted(text) == text


def test_what_was_found_out_on_the_way_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "_told", set())
    secrets.hide("helpersecret55", "bob:abc")
    assert redacted("denied for bob:helpersecret55 and bob:abc") == "denied for bob:*** and ***"
    assert "aGVscGVyc2VjcmV0NT" not in redacted(base64.b64encode(b"bobs:helpersecret55").decode())
