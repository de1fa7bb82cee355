"""What a server said, a line per message, so that answers can be compared and read.

Everything on the wire is in it, but for

1. the table and column numbers of a result column, which are PostgreSQL's catalogue's;
2. hints, and where in its source a server is (file, line, routine), which are each server's own;
3. the message of an error outside of class 23: clients act on the SQLSTATE and the position;
4. the detail of 23514 and 23502, which is the whole row there and the numbers here.
"""

import struct

BARE = {
    b"1": "ParseComplete",
    b"2": "BindComplete",
    b"3": "CloseComplete",
    b"n": "NoData",
    b"s": "PortalSuspended",
    b"I": "EmptyQueryResponse",
}


def line_of(kind, body):
    """One message as a line."""
    if kind in BARE:
        return BARE[kind]
    return LINES[kind](body)


def command_complete(body):
    return f"CommandComplete {text(body)}"


def ready(body):
    return f"ReadyForQuery {body.decode()}"


def row_description(body):
    (count,) = struct.unpack_from("!h", body)
    at, columns = 2, []
    for _ in range(count):
        end = body.index(b"\0", at)
        _, _, oid, size, modifier, form = struct.unpack_from("!IhIhih", body, end + 1)
        columns.append(f"{body[at:end].decode()}:{oid}/{size}/{modifier}/{form}")
        at = end + 1 + 18
    return f"RowDescription {' '.join(columns)}"


def data_row(body):
    (count,) = struct.unpack_from("!h", body)
    at, cells = 2, []
    for _ in range(count):
        (length,) = struct.unpack_from("!i", body, at)
        at += 4
        if length < 0:
            cells.append("NULL")
            continue
        cells.append(repr(body[at : at + length])[1:])
        at += length
    return f"DataRow {' '.join(cells)}"


def parameter_description(body):
    (count,) = struct.unpack_from("!H", body)
    return f"ParameterDescription {struct.unpack_from(f'!{count}I', body, 2)}"


def parameter_status(body):
    name, value, _ = body.decode().split("\0")
    return f"ParameterStatus {name}={value}"


def error(body):
    return reported("ErrorResponse", body)


def notice(body):
    return reported("NoticeResponse", body)


def reported(what, body):
    fields = {field[:1].decode(): field[1:].decode() for field in body.split(b"\0") if field}
    words = [what, fields["S"], fields["V"], fields["C"]]
    if "P" in fields:
        words.append(f"at {fields['P']}")
    is_whole = fields["C"].startswith("23") or what == "NoticeResponse"
    if is_whole:
        words += [f"{key}={fields[key]}" for key in "Mstcn" if key in fields]
        if not is_own_detail(fields):
            words += [f"D={fields['D']}"]
    return " ".join(words)


def is_own_detail(fields):
    """Where PostgreSQL shows the row and Holdfast the numbers, or there is none."""
    return "D" not in fields or fields["C"] in ("23514", "23502")


def copy_out_response(body):
    return f"CopyOutResponse {body.hex()}"


def copy_data(body):
    return f"CopyData {body!r}"


def text(body):
    return body.rstrip(b"\0").decode()


LINES = {
    b"C": command_complete,
    b"Z": ready,
    b"T": row_description,
    b"D": data_row,
    b"t": parameter_description,
    b"S": parameter_status,
    b"E": error,
    b"N": notice,
    b"H": copy_out_response,
    b"d": copy_data,
    b"c": lambda body: "CopyDone",
}


def gist(lines):
    """The tags and SQLSTATEs alone, as a page shows them: "BEGIN, 25001"."""
    words = []
    for line in lines:
        kind, *rest = line.split(" ")
        if kind == "CommandComplete":
            words.append(" ".join(rest))
        elif kind == "ErrorResponse":
            words.append(rest[2])
        elif kind == "NoticeResponse":
            words.append(f"warning {rest[2]}")
        elif kind == "DataRow":
            words.append(line.removeprefix("DataRow "))
    return ", ".join(words)


def outline(lines):
    """The kinds of messages, errors with their SQLSTATE, columns with their types."""
    words = []
    for line in lines:
        kind, *rest = line.split(" ")
        if kind == "ErrorResponse":
            kind += f" {rest[2]}"
        elif kind == "RowDescription":
            kind += "".join(f" {column.split('/')[0]}" for column in rest)
        words.append(kind)
    return ", ".join(words[:-1])  # ReadyForQuery is the last of all
