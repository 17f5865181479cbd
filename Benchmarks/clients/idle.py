"""Opens many keep-alive connections, asks once on each, and holds them. Usage: idle.py PORT COUNT.

Says "open N" when they are; on a line on standard input it says "still N", how many the server has kept, and ends.
"""

import json
import socket
import sys

# Below the bound that a server may put on one address; also, an address has no more than some 28,000 ports to give.
PER_ADDRESS = 500

REQUEST = b"GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def connect(port, number):
    connection = socket.socket()
    connection.settimeout(10)
    connection.bind((f"127.0.2.{number // PER_ADDRESS + 1}", 0))
    connection.connect(("127.0.0.1", port))
    connection.sendall(REQUEST)
    if not connection.recv(4096).startswith(b"HTTP/1.1 200"):
        raise OSError("the answer was not 200")
    connection.setblocking(False)
    return connection


def is_open(connection):
    try:
        return connection.recv(1, socket.MSG_PEEK) != b""
    except BlockingIOError:
        return True
    except OSError:
        return False


def main(port, count):
    connections, trouble = [], None
    for number in range(count):
        try:
            connections.append(connect(port, number))
        except OSError as error:
            trouble = str(error)
            break
    print(json.dumps({"open": len(connections), "trouble": trouble}), flush=True)
    sys.stdin.readline()
    print(json.dumps({"still": sum(map(is_open, connections))}), flush=True)


main(int(sys.argv[1]), int(sys.argv[2]))
