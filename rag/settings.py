"""The settings of the project, read from the environment once."""

from __future__ import annotations

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

PROJECT = Path(__file__).resolve().parent.parent


class Settings(BaseSettings):
    """Where the sources are and where the index is kept: `RAG_SEEDS`, `RAG_DATA`."""

    model_config = SettingsConfigDict(env_prefix="RAG_", frozen=True, extra="ignore")

    seeds: Path = PROJECT / "seeds"
    data: Path = PROJECT / ".rag"
