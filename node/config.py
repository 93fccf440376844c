"""Settings of one node: defaults < `tidan.toml` in the data folder < `TIDAN_…` variables < flags.

A secret can also be read from a file named by `TIDAN_…_FILE`; giving both is an error, not a guess.
An unknown name in `tidan.toml` is an error, so that a misspelt setting is never silently without
effect. Nothing here touches the network, and a `Settings` object never changes after it was made.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from node.accessibility import Accessibility
from node.addresses import Network, read_networks
from node.errors import SettingsError
from node.look import Look
from node.mail_address import read_address
from node.origins import LOOPBACK_HOSTS, is_inside, is_loopback, normalise_origin
from node.webhook_address import read_webhook_key, read_webhook_url
from storage.blob_store import Quota
from storage.quota_store import EntryQuota

ENVIRONMENT_PREFIX = "TIDAN_"
SETTINGS_FILE_NAME = "tidan.toml"
DATA_FOLDER_DEFAULT = Path("tidan-data")
AUTOMATIC_INTRODUCERS_MAX = 9
SMTP_TLS_PORT = 465


class Settings(BaseSettings):
    """Everything an operator can set; each field says what it does."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=ENVIRONMENT_PREFIX,
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        validate_default=True,
    )

    data: Path = Field(DATA_FOLDER_DEFAULT, description="Folder of the node: key, guard, database.")
    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8480, ge=1, le=65535, description="Port to listen on.")
    public_url: str = Field(
        "", description="Address at which neighbours reach this node, such as https://tidan.hjo.se."
    )
    other_origins: tuple[str, ...] = Field(
        (), description="More addresses neighbours may dial, such as one inside the own network."
    )
    neighbour_networks: tuple[str, ...] = Field(
        (),
        description="Networks that are not of the public internet and where neighbours are dialled,"
        " such as 10.20.0.0/16.",
    )
    read_access: Literal["open", "signed-in"] = Field(
        "open",
        description="open: who is not signed in reads what is public. signed-in: nothing at all.",
    )
    review_required: bool = Field(
        False,
        description="An editor who is not the author publishes what is written on the pages.",
    )
    proxy_count: int = Field(
        0,
        ge=0,
        le=5,
        description="How many proxies stand before the node and add to X-Forwarded-For.",
    )
    database_url: SecretStr | None = Field(
        None, description="postgresql+asyncpg://… ; when absent an SQLite file in the data folder."
    )
    introductions: str = Field(
        "manual",
        pattern=rf"^(manual|auto-[1-{AUTOMATIC_INTRODUCERS_MAX}])$",
        description="manual: a person decides. auto-k: accept what k of our neighbours introduce.",
    )
    every_signature: bool = Field(
        False,
        description="Check each entry's own signature as it arrives, not only each run's newest.",
    )
    smtp_host: str = Field("", description="Mail server for what users ask for; empty: no mail.")
    smtp_port: int = Field(587, ge=1, le=65535, description="Its port; on 465 TLS from the start.")
    smtp_user: str = Field("", description="User name at the mail server, if it asks for one.")
    smtp_password: SecretStr | None = Field(None, description="Password at the mail server.")
    smtp_sender: str = Field("", description="Address that letters come from.")
    smtp_starttls: bool = Field(True, description="Send only over a connection that STARTTLS made.")
    webhook_url: str = Field(
        "", description="Address that is told by POST when something needs a person, and when not."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="What such a POST is signed with: base64 of 24 to 64 bytes."
    )
    attachments_mb_max: int = Field(
        20_000, ge=0, description="Room for attachments of all municipalities together, in MB."
    )
    attachments_per_log_mb_max: int = Field(
        2_000, ge=0, description="Room for the attachments that one municipality names, in MB."
    )
    log_entries_max: int = Field(
        500_000, ge=1, le=10**12, description="Entries that are kept of another municipality."
    )
    log_mb_max: int = Field(
        1_000, ge=1, le=10**9, description="The same in MB, before compression, attachments apart."
    )
    neighbour_day_entries_max: int = Field(
        5_000_000, ge=1, le=10**12, description="Entries that a neighbour may bring in 24 hours."
    )
    neighbour_day_mb_max: int = Field(
        10_000, ge=1, le=10**9, description="The same in MB, before compression, attachments apart."
    )
    ask_neighbours_seconds: int = Field(
        40,
        ge=0,
        le=3_600,
        description="How long a node that has just started waits for its neighbours before it"
        " signs; 0 for not at all.",
    )
    scrub_hours: int = Field(
        24,
        ge=0,
        le=24 * 365,
        description="Hours from one check of everything stored to the next; 0: never by itself.",
    )
    scrub_mb_per_second: float = Field(
        1.0, gt=0, le=10_000, description="How much such a check reads in a second, in MB."
    )
    log_format: Literal["text", "json"] = Field("text", description="How log lines are written.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least severe log line that is written."
    )
    accessibility: Accessibility = Field(
        Accessibility(), description="What /tillganglighet says, as a table of its own."
    )
    look: Look = Field(Look(), description="Name, logo and colour of the pages, as a table.")

    @field_validator("public_url", mode="after")
    @classmethod
    def _public_url_is_an_origin(cls, value: str) -> str:
        return normalise_origin(value) if value else ""

    @field_validator("other_origins", "neighbour_networks", mode="before")
    @classmethod
    def _split_words(cls, value: object) -> object:
        return value.split() if isinstance(value, str) else value

    @field_validator("other_origins", mode="after")
    @classmethod
    def _other_urls_are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(normalise_origin(url) for url in value)

    @field_validator("neighbour_networks", mode="after")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(str(network) for network in read_networks(value))

    @field_validator("smtp_sender", mode="after")
    @classmethod
    def _sender_is_an_address(cls, value: str) -> str:
        return read_address(value) if value else ""

    @field_validator("webhook_url", mode="after")
    @classmethod
    def _webhook_is_private(cls, value: str) -> str:
        return read_webhook_url(value) if value else ""

    @field_validator("webhook_secret", mode="after")
    @classmethod
    def _webhook_secret_is_one(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None:
            read_webhook_key(value.get_secret_value())
        return value

    @model_validator(mode="after")
    def _password_travels_encrypted(self) -> Self:
        encrypted = self.smtp_starttls or self.smtp_port == SMTP_TLS_PORT
        if self.smtp_user and not encrypted and not is_loopback(self.smtp_host):
            raise ValueError("smtp_user needs smtp_starttls, or port 465: a password would be read")
        return self

    @property
    def origins(self) -> frozenset[str]:
        """The addresses at which a neighbour may rightly have dialled this node."""
        hosts = {self.host, *LOOPBACK_HOSTS} if is_loopback(self.host) else {self.host}
        listening = {normalise_origin(f"http://{bracketed(host)}:{self.port}") for host in hosts}
        return frozenset(listening | {*self.other_origins} | ({self.public_url} - {""}))

    @property
    def inner_networks(self) -> tuple[Network, ...]:
        """Where neighbours are dialled besides on the public internet."""
        return read_networks(self.neighbour_networks)

    @property
    def stands_inside(self) -> bool:
        """Whether nobody but the machines around it reaches this node, as far as it knows."""
        return not self.public_url or is_inside(self.public_url)

    @property
    def introducers_needed(self) -> int | None:
        """How many neighbours' introductions accept a log; None when only a person does."""
        policy, _, count = self.introductions.partition("-")
        return int(count) if policy == "auto" else None

    @property
    def attachment_quota(self) -> Quota:
        """How much room attachments may take, in bytes."""
        return Quota(
            self.attachments_mb_max * 1_000_000, self.attachments_per_log_mb_max * 1_000_000
        )

    @property
    def log_quota(self) -> EntryQuota:
        """How much is kept of another municipality's log, unless a person decides otherwise."""
        return EntryQuota(self.log_entries_max, self.log_mb_max * 1_000_000)

    @property
    def neighbour_quota(self) -> EntryQuota:
        """How much a neighbour may bring in 24 hours, unless a person decides otherwise."""
        return EntryQuota(self.neighbour_day_entries_max, self.neighbour_day_mb_max * 1_000_000)

    @property
    def database(self) -> str:
        """What `storage.Database.open` is given: the URL, else the data folder."""
        if self.database_url is None:
            return str(self.data)
        return self.database_url.get_secret_value()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the library's signature
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources; the folder that holds the file comes from flag or environment."""
        given = init_settings().get("data") or os.environ.get(ENVIRONMENT_PREFIX + "DATA")
        path = Path(given or DATA_FOLDER_DEFAULT) / SETTINGS_FILE_NAME
        file_settings = TomlConfigSettingsSource(settings_cls, toml_file=path)
        if "data" in file_settings.toml_data:
            raise SettingsError(f"{path} names `data`, but the file lies in that folder already.")
        return init_settings, _Environment(settings_cls), file_settings


class _Environment(EnvSettingsSource):
    """`TIDAN_…`, and `TIDAN_…_FILE` for secrets; lists are plain words between spaces."""

    def prepare_field_value(
        self,
        field_name: str,
        field: Any,
        value: Any,
        value_is_complex: bool,
    ) -> Any:
        """Take the text as it is; the fields' own validators read it. Tables are put together."""
        if is_table(field.annotation):
            return super().prepare_field_value(field_name, field, value, value_is_complex)
        return value

    def __call__(self) -> dict[str, Any]:
        values = super().__call__()
        for name, field in self.settings_cls.model_fields.items():
            if field.annotation == SecretStr | None:
                secret = _secret_from_file(name, name in values)
                values |= {} if secret is None else {name: secret}
        return values


def is_table(annotation: object) -> bool:
    """Whether a setting is a table of settings; `TIDAN_TABLE__NAME` sets one of them."""
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _secret_from_file(name: str, also_given: bool) -> str | None:
    variable = f"{ENVIRONMENT_PREFIX}{name.upper()}_FILE"
    path = os.environ.get(variable)
    if not path:
        return None
    if also_given:
        raise SettingsError(f"Both {variable} and {variable.removesuffix('_FILE')} are set.")
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"The file that {variable} names cannot be read ({error}).") from error


def bracketed(host: str) -> str:
    """An IPv6 address as it stands in a URL; other hosts unchanged."""
    return f"[{host}]" if ":" in host else host


def load_settings(**flags: object) -> Settings:
    """Read all sources; a flag that is None was not given.

    Raises `SettingsError` naming the setting; values of secrets are never repeated in it.
    """
    given: dict[str, Any] = {name: value for name, value in flags.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        reason = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"Setting {name}: {reason}." if name else f"{reason}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(f"{SETTINGS_FILE_NAME} is not valid TOML ({error}).") from error


def write_settings_file(folder: Path, values: Mapping[str, str | int | bool]) -> None:
    """Write `tidan.toml` for a new node; refuses to replace one that exists."""
    lines = [f"{name} = {_toml(value)}" for name, value in values.items()]
    with (folder / SETTINGS_FILE_NAME).open("x", encoding="utf-8") as file:
        file.write("\n".join(lines) + "\n")


def _toml(value: str | int | bool) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
