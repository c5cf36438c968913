"""A submission server that costs next to nothing: it takes every mail and keeps only its time.

``python sink.py PORT`` runs it as a process of its own. Each line on its standard input is
answered on its standard output with how many mails it has taken and when it took the last (Unix
time, seconds); it ends with its input.
"""

import asyncio
import sys
import time

_END = b"\r\n.\r\n"


class _Line(asyncio.Protocol):
    """One client. Commands are answered 250 whatever they are, but for DATA and QUIT."""

    taken = 0
    last = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._in_data = False
        self._tail = b""
        transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        tail = self._tail + data
        if self._in_data:
            self._tail = tail[-len(_END) :]
            if self._tail == _END:  # nobody pipelines here: the dot ends what was sent
                self._in_data, self._tail = False, b""
                _Line.taken += 1
                _Line.last = time.time()
                self._transport.write(b"250 2.0.0 taken\r\n")
            return
        *lines, self._tail = tail.split(b"\r\n")
        for line in lines:
            self._answer(line[:4].upper())

    def _answer(self, verb: bytes) -> None:
        if verb == b"DATA":
            self._in_data, self._tail = True, b"\r\n"
            self._transport.write(b"354 go on\r\n")
        elif verb == b"QUIT":
            self._transport.write(b"221 bye\r\n")
            self._transport.close()
        else:
            self._transport.write(b"250 ok\r\n")


async def _main(port: int) -> None:
    loop = asyncio.get_running_loop()
    async with await loop.create_server(_Line, "127.0.0.1", port):
        print("listening", flush=True)
        while await asyncio.to_thread(sys.stdin.readline):
            print(_Line.taken, _Line.last, flush=True)


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1])))
