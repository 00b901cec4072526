"""Free TCP ports on the loopback."""

import socket
from collections.abc import Iterable


def is_free(port: int) -> bool:
    """Whether we could listen on that port."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def find_free(wanted: Iterable[int]) -> int:
    """The first of `wanted` that is free, else any that is."""
    for port in wanted:
        if port < 65536 and is_free(port):
            return port
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        return int(any_port.getsockname()[1])
