"""Why a change that one of Buf's breaking rules reports breaks somebody, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

_KEEP_UNTIL = "Keep it, mark it `deprecated = true`, and delete it when no reader or record of the old kind is left."
_TWO_STEPS = "Add a new {0} beside the old one, move writers and readers over, then delete the old one and reserve it."
_RESERVE = 'Reserve both when deleting: `reserved 1;` and `reserved "name";`.'
_PUT_BACK = "Put it back. Only what was never published may be taken out again."
_RPC = "Add a new method beside the old one, move the callers over, then deprecate the old one."
_MOVED = "Generated code has {0} of a file in a place of its own, so moving {0} to another file breaks it too."
_CODE = "Code that was generated before and code that uses it no longer fit: {0}."
_OPTION = "Put the option back. To change it, plan it with everybody who compiles against the code."

# The options of a file, and what in generated code follows from each.
_FILE_OPTIONS = {
    "CC_ENABLE_ARENAS": "C++ allocates messages differently",
    "CC_GENERIC_SERVICES": "C++ has or lacks service classes",
    "CSHARP_NAMESPACE": "C# types get other names",
    "GO_PACKAGE": "Go packages are imported by another path",
    "JAVA_GENERIC_SERVICES": "Java has or lacks service classes",
    "JAVA_MULTIPLE_FILES": "Java classes are nested in another class, or no longer",
    "JAVA_OUTER_CLASSNAME": "the outer class of Java gets another name",
    "JAVA_PACKAGE": "Java classes are in another package",
    "OBJC_CLASS_PREFIX": "Objective-C classes get other names",
    "OPTIMIZE_FOR": "C++ and Java gain or lose methods",
    "PHP_CLASS_PREFIX": "PHP classes get other names",
    "PHP_METADATA_NAMESPACE": "PHP finds its metadata elsewhere",
    "PHP_NAMESPACE": "PHP classes are in another namespace",
    "PY_GENERIC_SERVICES": "Python has or lacks service classes",
    "RUBY_PACKAGE": "Ruby classes are in another module",
    "SWIFT_PREFIX": "Swift types get other names",
}

# By id: why, what to do.
_BY_ID: Mapping[str, tuple[str, str]] = {
    "ENUM_SAME_JSON_FORMAT": (
        "Names of enum values are what JSON carries. Without JSON support for the enum nobody checks them any more.",
        "Put the feature `json_format` back to what it was.",
    ),
    "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": (
        "JSON carries the name. A reader without it drops the value or fails on old records, and a later value of the "
        "same name gives these another meaning.",
        _RESERVE,
    ),
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": (
        "Binary carries the number. If a later value takes it, old records get another meaning without anybody "
        "noticing.",
        _RESERVE,
    ),
    "ENUM_VALUE_SAME_NAME": (
        "JSON carries the name: readers of either side do not know the other's, and drop the value or fail.",
        "Keep the name. To rename, set `allow_alias`, add the new name after the old one, and swap them once every "
        "reader knows both.",
    ),
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": (
        "JSON carries the name. If a later field takes it, old records are read as the new field, or not at all.",
        _RESERVE,
    ),
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": (
        "Binary carries the number. If a later field takes it, old records are read as the new field, or not at all.",
        _RESERVE,
    ),
    "FIELD_SAME_DEFAULT": (
        "A field that is not in a record has its default: with another one, old records say something else.",
        "Put the default back, or add a new field.",
    ),
    "FIELD_SAME_JSON_NAME": (
        "JSON carries this name. Strict readers fail on the other one, tolerant ones silently see an empty field.",
        "Keep the `json_name`. " + _TWO_STEPS.format("field"),
    ),
    "FIELD_SAME_NAME": (
        "JSON carries the name. Strict readers fail on the other one, tolerant ones silently see an empty field.",
        "Keep the name, or keep the old one on the wire by `json_name`. " + _TWO_STEPS.format("field"),
    ),
    "FIELD_SAME_ONEOF": (
        "Of a oneof only one member survives. Fields that were set together lose all but one when they move into it, "
        "and JSON readers fail on the second.",
        "Leave the field where it is. " + _TWO_STEPS.format("field"),
    ),
    "FIELD_WIRE_COMPATIBLE_CARDINALITY": (
        "A reader of the old kind keeps one of many values, or sees a list where there was one.",
        _TWO_STEPS.format("field"),
    ),
    "FIELD_WIRE_COMPATIBLE_TYPE": (
        "Each type has its own form in binary. Read as another one, a value is skipped, cut off or wrong.",
        _TWO_STEPS.format("field"),
    ),
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": (
        "In JSON a list is `[…]` and a single value is not: readers of either side fail on the other's records.",
        _TWO_STEPS.format("field"),
    ),
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE": (
        "Each type has its own form in binary and in JSON. Read as another one, a value is wrong or an error.",
        _TWO_STEPS.format("field"),
    ),
    "FILE_SAME_PACKAGE": (
        "The package is part of every type's full name: in generated code, in registries, in `Any` and in RPC paths.",
        "Keep the package. A new version goes into a file of its own, beside the old one.",
    ),
    "MESSAGE_SAME_JSON_FORMAT": (
        "Without JSON support nobody checks that names in JSON are unique, and readers of JSON may stop working.",
        "Put the feature `json_format` back to what it was.",
    ),
    "MESSAGE_SAME_REQUIRED_FIELDS": (
        "A reader refuses every record without a required field: old records when one is added, new ones when it goes.",
        "Add fields as optional, and leave required ones as they are.",
    ),
    "PACKAGE_ENUM_NO_DELETE": ("Whoever uses the enum no longer compiles.", _KEEP_UNTIL),
    "PACKAGE_EXTENSION_NO_DELETE": ("Whoever sets or reads the extension no longer compiles.", _KEEP_UNTIL),
    "PACKAGE_MESSAGE_NO_DELETE": (
        "Whoever uses the message no longer compiles; an event that vanishes leaves its readers without a schema.",
        _KEEP_UNTIL,
    ),
    "PACKAGE_NO_DELETE": ("Everything in the package is gone for whoever uses it.", _KEEP_UNTIL),
    "PACKAGE_SERVICE_NO_DELETE": ("Callers of the service fail.", _KEEP_UNTIL),
    "RESERVED_ENUM_NO_DELETE": (
        "The reservation protects old records from a new value under an old number or name.",
        _PUT_BACK,
    ),
    "RESERVED_MESSAGE_NO_DELETE": (
        "The reservation protects old records from a new field under an old number or name.",
        _PUT_BACK,
    ),
    "RPC_NO_DELETE": ("Callers of the method fail.", _KEEP_UNTIL),
    "RPC_SAME_CLIENT_STREAMING": ("Callers and servers speak differently: calls fail.", _RPC),
    "RPC_SAME_IDEMPOTENCY_LEVEL": ("Clients retry calls that may then be carried out twice, or stop retrying.", _RPC),
    "RPC_SAME_REQUEST_TYPE": ("Servers read the request as another message.", _RPC),
    "RPC_SAME_RESPONSE_TYPE": ("Callers read the response as another message.", _RPC),
    "RPC_SAME_SERVER_STREAMING": ("Callers and servers speak differently: calls fail.", _RPC),
    "ENUM_NO_DELETE": (_MOVED.format("an enum"), _KEEP_UNTIL),
    "ENUM_SAME_TYPE": (
        "An open enum keeps values that it does not know, a closed one moves them to the unknown fields.",
        "Put the feature `enum_type`, or the syntax, back to what it was.",
    ),
    "ENUM_VALUE_NO_DELETE": ("Code that names the value no longer compiles.", _KEEP_UNTIL),
    "EXTENSION_MESSAGE_NO_DELETE": ("Extensions with a number in the range no longer compile.", _PUT_BACK),
    "EXTENSION_NO_DELETE": (_MOVED.format("an extension"), _KEEP_UNTIL),
    "FIELD_NO_DELETE": ("Code that reads or sets the field no longer compiles.", _KEEP_UNTIL),
    "FIELD_SAME_CARDINALITY": (
        "Generated code has another type for it: a list for one value, or a value that can be absent.",
        _TWO_STEPS.format("field"),
    ),
    "FIELD_SAME_CPP_STRING_TYPE": (_CODE.format("C++ has another type for the field"), _OPTION),
    "FIELD_SAME_JAVA_UTF8_VALIDATION": (
        "Java refuses text that is not UTF-8 where it did not before, or lets it pass.",
        _OPTION,
    ),
    "FIELD_SAME_JSTYPE": (_CODE.format("JavaScript has another type for the field"), _OPTION),
    "FIELD_SAME_TYPE": ("Generated code has another type for the field.", _TWO_STEPS.format("field")),
    "FIELD_SAME_UTF8_VALIDATION": (
        "Readers refuse text that is not UTF-8 where they did not before, or let it pass.",
        "Put the feature `utf8_validation` back to what it was.",
    ),
    "FILE_NO_DELETE": (
        "Files that import it no longer compile, nor does code that includes what is generated from it.",
        "Keep the file. What moved elsewhere can be passed on by `import public`.",
    ),
    "FILE_SAME_SYNTAX": (
        "The syntax decides on presence, on open enums and on how repeated fields are written.",
        "Put the syntax back. To move to editions, set the features so that everything stays as it was.",
    ),
    "MESSAGE_NO_DELETE": (_MOVED.format("a message"), _KEEP_UNTIL),
    "MESSAGE_NO_REMOVE_STANDARD_DESCRIPTOR_ACCESSOR": (_CODE.format("C++ lacks the accessor `descriptor()`"), _OPTION),
    "ONEOF_NO_DELETE": ("Code that asks which member is set no longer compiles.", _KEEP_UNTIL),
    "SERVICE_NO_DELETE": (_MOVED.format("a service"), _KEEP_UNTIL),
}

BUF: Mapping[str, tuple[str, str]] = {
    **_BY_ID,
    **{f"FILE_SAME_{name}": (_CODE.format(effect), _OPTION) for name, effect in _FILE_OPTIONS.items()},
}
