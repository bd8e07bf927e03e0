"""Uses gRPC's code of a service as a client and a server would: the part of the trial that needs no connection for it.

Loaded by path, beside the trial; it knows only protobuf and the standard library.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from typing import Any

from google.protobuf.message import Error
from google.protobuf.message_factory import GetMessageClass

_Asked = namedtuple("_Asked", "method invocation_metadata")
_HIDDEN = "a name in the schema may hide one that gRPC's code needs: rename the service, method or message"


def problems(module: Any, service: Any) -> Iterator[str]:
    for what, trial in (("called", _called), ("served", _served)):
        try:
            why = next(trial(module, service), "")
        except Exception as error:
            why = f"{type(error).__name__}: {error}".split("\n")[0][:300]
        if why:
            yield f"service `{service.full_name}` cannot be {what}: {why} ({_HIDDEN})"


class _Channel:
    """Keeps what a stub asks of a channel, instead of the function that would call."""

    def __getattr__(self, kind: str) -> Callable[..., Any]:
        return lambda path, **options: (kind, path, options["request_serializer"], options["response_deserializer"])


class _Server:
    def __init__(self) -> None:
        self.handlers: list[Any] = []
        self.registered: dict[str, Any] = {}

    def add_generic_rpc_handlers(self, handlers: Any) -> None:
        self.handlers += handlers

    def add_registered_method_handlers(self, service: str, handlers: Any) -> None:
        self.registered[service] = handlers


def _called(module: Any, service: Any) -> Iterator[str]:
    stub = getattr(module, f"{service.name}Stub")(_Channel())
    for method in service.methods:
        kind, path, encode, decode = getattr(stub, method.name)
        if (kind, path) != (_kind(method), _path(method)):
            yield f"its stub calls `{path}` ({kind}), not `{_path(method)}` ({_kind(method)})"
        yield from _coded(encode, method.input_type, decode, method.output_type)


def _served(module: Any, service: Any) -> Iterator[str]:
    server = _Server()
    servicer = getattr(module, f"{service.name}Servicer")()
    getattr(module, f"add_{service.name}Servicer_to_server")(servicer, server)
    if others := server.registered.keys() - {service.full_name}:
        yield f"it is registered as `{min(others)}`"
    for method in service.methods:
        asked = _Asked(_path(method), ())
        found = next((handler for each in server.handlers if (handler := each.service(asked))), None)
        if found is None:
            yield f"it has no handler of `{_path(method)}`"
        elif getattr(getattr(found, _kind(method)), "__self__", None) is not servicer:
            yield f"its handler of `{_path(method)}` ({_kind(method)}) is not a method of the servicer"
        else:
            yield from _coded(
                found.response_serializer, method.output_type, found.request_deserializer, method.input_type
            )


def _coded(encode: Any, sent: Any, decode: Any, got: Any) -> Iterator[str]:
    """Whether the functions for the bytes are those of the messages: a nested type can hide them."""
    if not _gives(bytes, lambda: encode(GetMessageClass(sent)())):
        yield f"message `{sent.full_name}` is not sent as its bytes"
    if not _gives(GetMessageClass(got), lambda: decode(b"")):
        yield f"message `{got.full_name}` is not read from its bytes"


def _gives(kind: type, code: Callable[[], Any]) -> bool:
    try:
        return isinstance(code(), kind)
    except Error:
        return True  # it is protobuf's, and asks for required fields
    except Exception:
        return False


def _kind(method: Any) -> str:
    return "_".join("stream" if stream else "unary" for stream in (method.client_streaming, method.server_streaming))


def _path(method: Any) -> str:
    return f"/{method.containing_service.full_name}/{method.name}"
