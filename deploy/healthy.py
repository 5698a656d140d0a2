"""Asks a process of this container whether it is well: `python deploy/healthy.py http://127.0.0.1:8000/readyz`."""

import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit


def healthy(url: str) -> bool:
    """Whether `url` answers 200 within three seconds."""
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=3)
    try:
        connection.request("GET", parts.path)
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(not healthy(sys.argv[1]))
