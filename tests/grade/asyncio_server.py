"""A right calc server in another language and style: asyncio. Run as
   python3 tests/grade/asyncio_server.py PORT; the grader has to give it full marks."""
import asyncio
import re
import sys

SUM = re.compile(rb"([+-]?[0-9]+) ([^ ]) ([+-]?[0-9]+)", re.DOTALL)
LEAST, MOST = -2**63, 2**63 - 1


def calculate(payload):
    match = SUM.fullmatch(payload)
    if not match:
        return 0, 4
    x, op, y = int(match[1]), match[2], int(match[3])
    if not (LEAST <= x <= MOST and LEAST <= y <= MOST):
        return 0, 4
    if op not in b"+-*/%":
        return 0, 2
    if op in b"/%" and y == 0:
        return 0, 1
    if op in b"/%":
        quotient = abs(x) // abs(y) * (1 if (x < 0) == (y < 0) else -1)
        result = quotient if op == b"/" else x - quotient * y
    else:
        result = x + y if op == b"+" else x - y if op == b"-" else x * y
    return (result, 0) if LEAST <= result <= MOST else (0, 3)


class BadFrame(Exception):
    pass


async def read_frame(reader, writer):
    """The next payload, or None at the end of the stream."""
    digits = b""
    while True:
        c = await reader.read(1)
        if c == b"" and digits == b"":
            return None
        if c == b"@" and digits:
            break
        if c in (b" ", b"\t", b"\r", b"\n") and not digits:
            if c == b"\n":
                writer.write(b"\r\n")
            continue
        if not c.isdigit() or digits == b"0" or int(digits + c) > 4095:
            raise BadFrame
        digits += c
    payload = await reader.readexactly(int(digits) + 1)
    if payload[-1:] != b"@":
        raise BadFrame
    return payload[:-1]


async def serve(reader, writer):
    try:
        while (payload := await read_frame(reader, writer)) is not None:
            reply = b"%d %d" % calculate(payload)
            writer.write(b"%d@%s@" % (len(reply), reply))
            await writer.drain()
    except (BadFrame, asyncio.IncompleteReadError):
        writer.write(b"3@0 5@")
        writer.write_eof()
        while await reader.read(4096):
            pass
    except ConnectionError:
        pass
    writer.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", int(sys.argv[1]))
    async with server:
        await server.serve_forever()


asyncio.run(main())
