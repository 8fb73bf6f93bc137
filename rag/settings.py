"""The settings of the project, read once: from the environment, else from `.streamlit/secrets.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from rag.errors import BadSettings

PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent
SECRETS = PROJECT / ".streamlit" / "secrets.toml"


def _named(name: str) -> Any:
    """Return a field that is read under exactly this name, in capitals."""
    return Field(default=None, validation_alias=AliasChoices(name, name.lower()))


class Settings(BaseSettings):
    """Where the sources are, where the index is kept, which language model writes, if any, and who may ask how much.

    `model` is named as LangChain's init_chat_model takes it ("openai:…"); `model_prices` are US dollars for a million
    tokens read and written ("0.15/0.60"); `model_first_seconds`, `model_seconds` and `model_tokens` limit how long its
    first word and the whole answer may take, and how much it may write. On a `hosted` page strangers ask: there the
    limits on questions and dollars hold. `offline` forbids to fetch papers; `contact` is the e-mail address that
    services are told, `services_url` a server that stands for all of them. Raises BadSettings, which
    names what cannot be read and never its value.
    """

    model_config = SettingsConfigDict(
        env_prefix="RAG_", frozen=True, extra="ignore", populate_by_name=True, hide_input_in_errors=True
    )

    seeds: Path = PROJECT / "seeds"
    data: Path = PROJECT / ".rag"
    model: str | None = None
    model_prices: str | None = None
    model_first_seconds: float | None = Field(default=None, gt=0)
    model_seconds: float | None = Field(default=None, gt=0)
    model_tokens: int | None = Field(default=None, ge=50)
    seed: int = 7
    hosted: bool = False
    offline: bool = False
    contact: str = ""
    services_url: str = ""
    frame_ancestors: str = Field(default="", pattern=r"^\s*(https?://[A-Za-z0-9.*-]+(:\d+)?\s*)*$")
    password: SecretStr | None = None
    owner_password: SecretStr | None = None
    keep_questions: bool = False
    questions_a_minute: int = Field(default=10, ge=1)
    questions_a_day: int = Field(default=200, ge=1)
    model_enabled: bool = True
    dollars_a_call: float = Field(default=0.05, gt=0)
    dollars_a_visitor_day: float = Field(default=0.25, gt=0)
    dollars_a_day: float = Field(default=1.0, gt=0)
    dollars_a_month: float = Field(default=10.0, gt=0)
    openai_api_key: SecretStr | None = _named("OPENAI_API_KEY")
    openai_base_url: str | None = _named("OPENAI_BASE_URL")
    uploads: bool = True
    grobid_url: str | None = _named("GROBID_URL")
    database_url: SecretStr | None = _named("DATABASE_URL")
    chroma_url: SecretStr | None = _named("CHROMA_URL")
    chroma_token: SecretStr | None = _named("CHROMA_TOKEN")
    chroma_api_key: SecretStr | None = _named("CHROMA_API_KEY")
    chroma_tenant: str | None = _named("CHROMA_TENANT")
    chroma_database: str | None = _named("CHROMA_DATABASE")

    def __init__(self, **given: Any) -> None:
        try:
            super().__init__(**given)
        except ValidationError as error:
            names = sorted({in_capitals(str(wrong["loc"][0])) for wrong in error.errors(include_input=False)})
            where = "look at the environment and at .streamlit/secrets.toml."
            raise BadSettings(f"{', '.join(names)} cannot be read: {where}") from None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment come before the file of secrets; on the page Streamlit puts the file there first."""
        return init_settings, env_settings, InitSettingsSource(settings_cls, _secrets())


def in_capitals(name: str) -> str:
    """Return the name of a setting as the environment has it."""
    return (
        name.upper()
        if name.upper().startswith(("OPENAI_", "DATABASE_", "CHROMA_", "GROBID_"))
        else f"RAG_{name.upper()}"
    )


def _secrets() -> dict[str, Any]:
    """Return what the file of secrets sets; raise BadSettings when it cannot be opened or is not TOML."""
    try:
        found = tomllib.loads(SECRETS.read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except OSError:
        raise BadSettings(".streamlit/secrets.toml cannot be opened: check its owner and permissions.") from None
    except (ValueError, RecursionError):
        raise BadSettings('.streamlit/secrets.toml is not valid TOML: write NAME = "value", one per line.') from None
    known = {in_capitals(name) for name in Settings.model_fields}
    return {name.removeprefix("RAG_").lower(): value for name, value in found.items() if name in known}
