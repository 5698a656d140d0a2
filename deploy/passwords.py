"""Passwords of a new installation, one file each: `python3 deploy/passwords.py var/secrets` makes what is missing.

Each service has its own account at the database and at the broker; at the broker it may declare and read its own
queues, and announce nothing in another service's name. Needs Python's standard library only.
"""

import base64
import hashlib
import json
import secrets
import sys
from pathlib import Path
from typing import Any

SERVICES = ("registry", "territory", "credit", "training", "portal")
DATABASE_URL = "postgresql://{service}:{password}@postgres:5432/{service}"
BUS_URL = "amqp://{service}:{password}@rabbitmq:5672//"


def create(folder: Path) -> list[str]:
    """The names of the files that were made; what is there already stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    made = [name for name in ["postgres_password"] if _write(folder / name, _password())]
    for service in SERVICES:
        for kind, url in (("database", DATABASE_URL), ("bus", BUS_URL)):
            name = f"{service}_{kind}_url"
            if _write(folder / name, url.format(service=service, password=_password())):
                made.append(name)
    accounts = {service: _password_in((folder / f"{service}_bus_url").read_text()) for service in SERVICES}
    if _write(folder / "rabbitmq_definitions.json", json.dumps(definitions(accounts), indent=1)):
        made.append("rabbitmq_definitions.json")
    return made


def definitions(accounts: dict[str, str]) -> dict[str, Any]:
    """RabbitMQ's own accounts, in the form it loads at its start; `accounts` gives the password of each service."""
    return {
        "vhosts": [{"name": "/"}],
        "users": [
            {
                "name": service,
                "password_hash": _rabbitmq_hash(password),
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
            }
            for service, password in accounts.items()
        ],
        "permissions": [
            {"user": service, "vhost": "/"} | dict.fromkeys(("configure", "write", "read"), _own(service))
            for service in accounts
        ],
        "topic_permissions": [
            {
                "user": service,
                "vhost": "/",
                "exchange": "csem.events",
                "write": f"^org\\.csem\\.{service}\\.",
                "read": ".*",
            }
            for service in accounts
        ],
    }


def _own(service: str) -> str:
    return rf"^csem\.(events|{service}\..+)$"


def _rabbitmq_hash(password: str) -> str:
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _password() -> str:
    return secrets.token_urlsafe(24)


def _password_in(url: str) -> str:
    return url.partition("//")[2].partition("@")[0].partition(":")[2]


def _write(path: Path, content: str) -> bool:
    """Readable by the accounts inside the containers; the folder keeps everybody else out."""
    if path.exists():
        return False
    path.write_text(content)
    path.chmod(0o444)
    return True


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    print("\n".join(create(Path(sys.argv[1]))) or "nothing was missing")  # noqa: T201 - told to who runs it
