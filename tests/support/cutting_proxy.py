"""Stands between clients and a server, and cuts connections by chance: before a request gets through, or before its
reply does. Arguments: its port, the server's port, the chance for each piece of data, the seed.
"""

from __future__ import annotations

import asyncio
import random
import sys
from asyncio import StreamReader, StreamWriter
from contextlib import suppress

# Connections get through with so many pieces, for whoever connects anew to make its way.
UNHURT = 10


class Cut(Exception):
    pass


def main(port: int, server: int, chance: float, seed: int) -> None:
    dice = random.Random(seed)

    async def forward(reader: StreamReader, writer: StreamWriter, replies: list[bool], is_request: bool) -> None:
        pieces = 0
        while data := await reader.read(65536):
            pieces += 1
            if is_request and pieces > UNHURT and dice.random() < chance:
                if dice.random() < 0.5:
                    raise Cut
                replies.append(False)  # this request gets through, and its reply is lost
            if not is_request and replies:
                raise Cut
            writer.write(data)
            await writer.drain()
        raise Cut

    async def serve(reader: StreamReader, writer: StreamWriter) -> None:
        try:
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", server)
        except OSError:
            writer.close()
            return
        replies: list[bool] = []
        with suppress(Cut, OSError):
            ways = forward(reader, to_writer, replies, True), forward(to_reader, writer, replies, False)
            await asyncio.gather(*ways)
        for each in (writer, to_writer):
            with suppress(Exception):
                each.transport.abort()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", port) as listening:
            await listening.serve_forever()

    asyncio.run(run())


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), int(sys.argv[4]))
