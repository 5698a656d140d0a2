"""What differs between one installation and another: read once from `CSEM_*`, every mistake told at once."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

SERVICES = ("registry", "territory", "credit", "training", "portal")


class SettingsError(Exception):
    """The environment cannot be used; the message lists every mistake with what to write instead."""


@dataclass(frozen=True)
class Settings:
    """The settings of one service in one process."""

    service: str
    home: Path
    database_url: str
    bus_url: str
    public_url: str
    peer_urls: Mapping[str, str]
    keys: Path
    secure_cookies: bool = False
    trusted_proxies: int = 0
    """How many gateways stand in front and name the caller's address (`X-Forwarded-For`)."""
    log_format: str = "json"
    demonstration: bool = False
    placement_solver: str = "highs"
    """By what training groups are improved: `highs`, or `cpsat` where OR-tools is installed."""
    dask: str | None = None
    """The scheduler of a dask cluster on which rounds of a country are answered."""

    @property
    def files(self) -> Path:
        """Where this service keeps stored files."""
        return self.home / "files" / self.service

    @classmethod
    def read(cls, service: str, environ: Mapping[str, str]) -> "Settings":
        """The settings of `service`; `CSEM_REGISTRY_DATABASE_URL` wins over `CSEM_DATABASE_URL`."""
        if service not in SERVICES:
            raise SettingsError(f"unknown service {service!r}: one of {', '.join(SERVICES)}")
        reader = _Reader(service, environ)
        home = Path(reader.text("HOME", "var")).absolute()
        settings = cls(
            service=service,
            home=home,
            database_url=reader.checked("DATABASE_URL", f"sqlite:///{home}/{service}.sqlite", _database_url),
            bus_url=reader.checked("BUS_URL", "memory://", _bus_url),
            public_url=reader.checked("PUBLIC_URL", "http://127.0.0.1:8000", _http_url).rstrip("/"),
            peer_urls={
                peer: reader.checked(f"{peer.upper()}_URL", f"inprocess://{peer}", _peer_url).rstrip("/")
                for peer in SERVICES
            },
            keys=Path(reader.text("KEYS", str(home / "keys"))).absolute(),
            secure_cookies=reader.flag("SECURE_COOKIES", default=False),
            trusted_proxies=reader.count("TRUSTED_PROXIES", maximum=3),
            log_format=reader.one_of("LOG_FORMAT", ("json", "console"), "json"),
            demonstration=reader.flag("DEMO", default=False),
            placement_solver=reader.checked("PLACEMENT_SOLVER", "highs", _placement_solver),
            dask=reader.checked("DASK", "", _dask) or None,
        )
        reader.finish()
        return settings

    def require_separate(self) -> None:
        """Raises `SettingsError` where this process could not reach the others: in a process of its own, a service
        needs their addresses and a broker that is outside.
        """
        mistakes = [
            f"CSEM_{peer.upper()}_URL: where does {peer} answer? An address like http://{peer}-web:8000"
            for peer, url in self.peer_urls.items()
            if peer != self.service and url.startswith("inprocess://")
        ]
        if self.bus_url.startswith("memory:"):
            mistakes.append("CSEM_BUS_URL: memory:// reaches nobody outside this process; write amqp://…")
        if mistakes:
            raise SettingsError("\n".join(mistakes))


class _Reader:
    """Reads `CSEM_*` and gathers the mistakes instead of stopping at the first. What is secret may stand in a file
    that `CSEM_…_FILE` names: environments are shown by more tools than files are.
    """

    def __init__(self, service: str, environ: Mapping[str, str]) -> None:
        self._prefixes = (f"CSEM_{service.upper()}_", "CSEM_")
        self._environ = environ
        self._mistakes: list[str] = []

    def text(self, name: str, default: str) -> str:
        for prefix in self._prefixes:
            if prefix + name in self._environ:
                return self._environ[prefix + name]
            if f"{prefix}{name}_FILE" in self._environ:
                return self._content(f"{prefix}{name}_FILE", default)
        return default

    def _content(self, name: str, default: str) -> str:
        try:
            return Path(self._environ[name]).read_text().strip()
        except (OSError, UnicodeDecodeError) as error:
            self._mistakes.append(f"{name}: cannot be read ({error})")
            return default

    def checked(self, name: str, default: str, check: Callable[[str], str | None]) -> str:
        value = self.text(name, default)
        if mistake := check(value):
            self._mistakes.append(f"CSEM_{name}: {mistake}")
        return value

    def flag(self, name: str, *, default: bool) -> bool:
        value = self.text(name, "1" if default else "0")
        if value not in {"0", "1"}:
            self._mistakes.append(f"CSEM_{name}: must be exactly 0 or 1, not {value!r}")
        return value == "1"

    def one_of(self, name: str, choices: tuple[str, ...], default: str) -> str:
        value = self.text(name, default)
        if value not in choices:
            self._mistakes.append(f"CSEM_{name}: must be one of {', '.join(choices)}, not {value!r}")
        return value

    def count(self, name: str, *, maximum: int) -> int:
        value = self.text(name, "0")
        if len(value) == 1 and value in "0123456789" and int(value) <= maximum:
            return int(value)
        self._mistakes.append(f"CSEM_{name}: must be a whole number from 0 to {maximum}, not {value!r}")
        return 0

    def finish(self) -> None:
        if self._mistakes:
            raise SettingsError("\n".join(self._mistakes))


def _scheme(value: str, *schemes: str) -> str | None:
    try:
        if urlsplit(value).scheme in schemes:
            return None
    except ValueError:
        return "is not an address"
    return f"must begin with one of {', '.join(f'{scheme}://' for scheme in schemes)}"


def _database_url(value: str) -> str | None:
    return _scheme(value, "sqlite", "postgresql", "postgresql+psycopg")


def _bus_url(value: str) -> str | None:
    return _scheme(value, "memory", "amqp", "amqps")


def _http_url(value: str) -> str | None:
    return _scheme(value, "http", "https")


def _peer_url(value: str) -> str | None:
    return _scheme(value, "http", "https", "inprocess")


def _placement_solver(value: str) -> str | None:
    if value not in {"highs", "cpsat"}:
        return f"must be one of highs, cpsat, not {value!r}"
    return _extra("cpsat", "ortools") if value == "cpsat" else None


def _dask(value: str) -> str | None:
    return (_scheme(value, "tcp", "tls") or _extra("dask", "distributed")) if value else None


def _extra(name: str, package: str) -> str | None:
    if find_spec(package) is not None:
        return None
    return f"needs {package}, which is not installed: pip install 'red-csem[{name}]', or leave this setting out"
