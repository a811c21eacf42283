"""A Terraform provider spoken to directly, without Terraform: its protocol (version 5) over gRPC.

Terraform itself refuses to plan what does not validate; the provider's own plan takes any
configuration, so that what it makes of one argument can be asked argument by argument. The messages
are small enough to be written and read here; `grpc` and `msgpack` come from scripts/pins/plugin.txt.
"""

import os
import subprocess
import tempfile

import grpc
import msgpack

COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2"
UNKNOWN = msgpack.ExtType(0, b"\x00")


class Refused(Exception):
    """The provider answered with an error."""


class Gone(Exception):
    """The provider ended, or does not answer any more."""


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, content):
    """A field of a message that holds bytes."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def fields(message):
    """The fields of a message: (number, bytes or number)."""
    at = 0

    def read():
        nonlocal at
        value = shift = 0
        while True:
            byte = message[at]
            at += 1
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                return value

    while at < len(message):
        key = read()
        if key & 7 == 2:
            size = read()
            yield key >> 3, message[at : at + size]
            at += size
        elif key & 7 == 0:
            yield key >> 3, read()
        else:
            raise ValueError(f"a field of wire type {key & 7}")


def dynamic(value):
    """A value as the protocol's DynamicValue."""
    return field(1, msgpack.packb(value))


def read_dynamic(message):
    for number, content in fields(message):
        if number == 1:
            return msgpack.unpackb(content, strict_map_key=False, unicode_errors="replace")
    return None


def is_unknown(value):
    return isinstance(value, msgpack.ExtType)


def empty(block):
    """A block with nothing in it, as Terraform would send it."""
    value = dict.fromkeys(block.get("attributes", {}))
    for name, nested in block.get("block_types", {}).items():
        mode = nested["nesting_mode"]
        value[name] = [] if mode in ("list", "set") else {} if mode == "map" else None
        if mode == "group":
            value[name] = empty(nested["block"])
    return value


class Plugin:
    """A running provider."""

    def __init__(self, binary):
        self.scratch = tempfile.TemporaryDirectory(prefix="plugin-")
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))},
            "TF_PLUGIN_MAGIC_COOKIE": COOKIE, "PLUGIN_PROTOCOL_VERSIONS": "5", "TMPDIR": self.scratch.name,
            "PLUGIN_MIN_PORT": "10000", "PLUGIN_MAX_PORT": "25000", "AWS_EC2_METADATA_DISABLED": "true",
        }  # fmt: skip
        self.process = subprocess.Popen(
            [str(binary)], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        parts = self.process.stdout.readline().strip().split("|")
        if len(parts) < 5 or parts[4] != "grpc":
            self.end()
            raise Gone(f"{binary} is no provider that can be spoken to: {'|'.join(parts)!r}")
        target = f"unix:{parts[3]}" if parts[2] == "unix" else parts[3]
        limit = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self.channel = grpc.insecure_channel(target, options=limit)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.scratch.cleanup()

    def call(self, method, message, timeout=30):
        try:
            return self.channel.unary_unary(f"/tfplugin5.Provider/{method}")(message, timeout=timeout)
        except grpc.RpcError as problem:
            raise Gone(f"{method}: {problem.code().name}") from problem

    def refused(self, content):
        """Raises when a diagnostic is an error."""
        found = dict(fields(content))
        if found.get(1) == 1:
            raise Refused(found.get(2, b"").decode(errors="replace"))

    def configure(self, config):
        answer = self.call("Configure", field(1, b"1.11.4") + field(2, dynamic(config)))
        for number, content in fields(answer):
            if number == 1:
                self.refused(content)

    def plan(self, kind, config, prior=None):
        """What the provider plans for a resource that is configured so."""
        message = field(1, kind.encode()) + field(2, dynamic(prior))
        message += field(3, dynamic(config)) + field(4, dynamic(config))
        planned = None
        for number, content in fields(self.call("PlanResourceChange", message)):
            if number == 4:
                self.refused(content)
            elif number == 1:
                planned = read_dynamic(content)
        return planned
