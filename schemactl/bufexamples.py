"""A change that each of Buf's breaking rules of profile json reports, as a diff of one file."""

from __future__ import annotations

from collections.abc import Mapping


def sides(example: str, package: str = "acme.users.v1") -> tuple[str, str]:
    """The whole file before and after; a file that does not say its syntax is proto3, and of the package."""
    lines = example.strip("\n").split("\n")
    said = any(line[1:].startswith(("syntax", "edition")) for line in lines)
    head = "" if said else f'syntax = "proto3";\npackage {package};\n'
    before, after = ([line[1:] for line in lines if line[:1] != other] for other in "+-")
    return head + "\n".join(before) + "\n", head + "\n".join(after) + "\n"


# By id.
EXAMPLES: Mapping[str, str] = {
    "ENUM_SAME_JSON_FORMAT": """
 edition = "2023";
 package acme.users.v1;
 enum Status {
+  option features.json_format = LEGACY_BEST_EFFORT;
   STATUS_UNSPECIFIED = 0;
 }
""",
    "ENUM_VALUE_NO_DELETE_UNLESS_NAME_RESERVED": """
 enum Status {
+  reserved 1;
   STATUS_UNSPECIFIED = 0;
-  STATUS_ACTIVE = 1;
 }
""",
    "ENUM_VALUE_NO_DELETE_UNLESS_NUMBER_RESERVED": """
 enum Status {
+  reserved "STATUS_ACTIVE";
   STATUS_UNSPECIFIED = 0;
-  STATUS_ACTIVE = 1;
 }
""",
    "ENUM_VALUE_SAME_NAME": """
 enum Status {
   STATUS_UNSPECIFIED = 0;
-  STATUS_ACTIVE = 1;
+  STATUS_ENABLED = 1;
 }
""",
    "FIELD_NO_DELETE_UNLESS_NAME_RESERVED": """
 message User {
+  reserved 2;
   string id = 1;
-  string mail = 2;
 }
""",
    "FIELD_NO_DELETE_UNLESS_NUMBER_RESERVED": """
 message User {
+  reserved "mail";
   string id = 1;
-  string mail = 2;
 }
""",
    "FIELD_SAME_DEFAULT": """
 syntax = "proto2";
 package acme.users.v1;
 message User {
-  optional int32 limit = 1 [default = 10];
+  optional int32 limit = 1 [default = 100];
 }
""",
    "FIELD_SAME_JSON_NAME": """
 message User {
-  string mail = 1 [json_name = "email"];
+  string mail = 1 [json_name = "eMail"];
 }
""",
    "FIELD_SAME_NAME": """
 message User {
-  string mail = 1;
+  string email = 1;
 }
""",
    "FIELD_SAME_ONEOF": """
 message User {
-  string mail = 1;
-  string phone = 2;
+  oneof contact {
+    string mail = 1;
+    string phone = 2;
+  }
 }
""",
    "FIELD_WIRE_JSON_COMPATIBLE_CARDINALITY": """
 message User {
-  string mail = 1;
+  repeated string mail = 1;
 }
""",
    "FIELD_WIRE_JSON_COMPATIBLE_TYPE": """
 message User {
-  int32 age = 1;
+  string age = 1;
 }
""",
    "FILE_SAME_PACKAGE": """
 syntax = "proto3";
-package acme.users.v1;
+package acme.people.v1;
 message User {}
""",
    "MESSAGE_SAME_JSON_FORMAT": """
 edition = "2023";
 package acme.users.v1;
 message User {
+  option features.json_format = LEGACY_BEST_EFFORT;
   string id = 1;
 }
""",
    "MESSAGE_SAME_REQUIRED_FIELDS": """
 syntax = "proto2";
 package acme.users.v1;
 message User {
   required string id = 1;
+  required string mail = 2;
 }
""",
    "PACKAGE_ENUM_NO_DELETE": """
 message User {}
-enum Status {
-  STATUS_UNSPECIFIED = 0;
-}
""",
    "PACKAGE_EXTENSION_NO_DELETE": """
 syntax = "proto2";
 package acme.users.v1;
 message User {
   extensions 100 to 200;
 }
-extend User {
-  optional string mail = 100;
-}
""",
    "PACKAGE_MESSAGE_NO_DELETE": """
 message User {}
-message Address {}
""",
    "PACKAGE_NO_DELETE": """
 syntax = "proto3";
-package acme.users.v1;
+package acme.people.v1;
 message User {}
""",
    "PACKAGE_SERVICE_NO_DELETE": """
 message User {}
-service UserService {}
""",
    "RESERVED_ENUM_NO_DELETE": """
 enum Status {
-  reserved 1;
-  reserved "STATUS_ACTIVE";
   STATUS_UNSPECIFIED = 0;
 }
""",
    "RESERVED_MESSAGE_NO_DELETE": """
 message User {
-  reserved 2;
-  reserved "mail";
   string id = 1;
 }
""",
    "RPC_NO_DELETE": """
 message Order {}
 service OrderService {
-  rpc Place(Order) returns (Order);
   rpc Cancel(Order) returns (Order);
 }
""",
    "RPC_SAME_CLIENT_STREAMING": """
 message Order {}
 service OrderService {
-  rpc Place(Order) returns (Order);
+  rpc Place(stream Order) returns (Order);
 }
""",
    "RPC_SAME_IDEMPOTENCY_LEVEL": """
 message Order {}
 service OrderService {
   rpc Place(Order) returns (Order) {
-    option idempotency_level = IDEMPOTENT;
   }
 }
""",
    "RPC_SAME_REQUEST_TYPE": """
 message Order {}
 message Basket {}
 service OrderService {
-  rpc Place(Order) returns (Order);
+  rpc Place(Basket) returns (Order);
 }
""",
    "RPC_SAME_RESPONSE_TYPE": """
 message Order {}
 message Basket {}
 service OrderService {
-  rpc Place(Order) returns (Order);
+  rpc Place(Order) returns (Basket);
 }
""",
    "RPC_SAME_SERVER_STREAMING": """
 message Order {}
 service OrderService {
-  rpc Place(Order) returns (Order);
+  rpc Place(Order) returns (stream Order);
 }
""",
}
