"""Settings read from environment variables: their base class, and what it says when one is wrong.

class Settings(EnvironmentSettings):
    proxies: int = variable("PROXIES", "how many proxies stand before us", 0, ge=0, le=5)

Settings.read(os.environ).proxies
"""

from collections.abc import Mapping
from typing import Any, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict
from pydantic_settings.sources import PydanticBaseSettingsSource

SENTENCES = {
    "missing": "{name} is not set ({purpose}).",
    "string_too_short": "{name} is too short: give it at least {min_length} random characters.",
    "int_parsing": "{name} must be a whole number, not “{input}”.",
    "int_from_float": "{name} must be a whole number, not “{input}”.",
    "float_parsing": "{name} must be a number, not “{input}”.",
    "bool_parsing": "{name} must be true or false, not “{input}”.",
    "literal_error": "{name} must be {expected}, not “{input}”.",
    "greater_than_equal": "{name} must be at least {ge:g}, not {input}.",
    "less_than_equal": "{name} must be at most {le:g}, not {input}.",
    "value_error": "{name} {error}.",
}


class SettingError(Exception):
    """A setting is missing or cannot be understood; the message names it and says what to do."""


def variable(name: str, purpose: str, default: Any = ..., **checks: Any) -> Any:
    """A field that is read from the variable `name`; without a default it must be set.

    `checks` are those of pydantic's Field, such as `ge` and `le`.
    """
    return Field(default, alias=name, description=purpose, **checks)


class EnvironmentSettings(BaseSettings):
    """Base class of settings whose fields are made by `variable()`."""

    model_config = SettingsConfigDict(
        frozen=True,
        validate_by_name=True,
        validate_by_alias=True,
        validate_default=False,
        enable_decoding=False,  # no JSON in variables
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        **others: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Take what `read` passes, and nothing from the process's own environment."""
        return (init_settings,)

    @classmethod
    def read(cls, environ: Mapping[str, str], **values: Any) -> Self:
        """The settings that `environ` describes; an empty variable counts as unset.

        `values` are those of fields, which beat their variables. Raises SettingError naming the
        first variable that is wrong.
        """
        source = EnvSettingsSource(cls)
        source.env_vars = {
            name.lower(): text.strip() for name, text in environ.items() if text.strip()
        }
        for name in values:
            source.env_vars.pop((cls.model_fields[name].alias or name).lower(), None)
        try:
            return cls(**source(), **values)
        except ValidationError as error:
            raise SettingError(cls._describe(error)) from error

    @classmethod
    def variables(cls) -> dict[str, str]:
        """The purpose of each variable."""
        fields = (field for field in cls.model_fields.values() if field.alias)
        return {str(field.alias): str(field.description) for field in fields}

    def changed(self, **values: Any) -> Self:
        """The same with other values, which are not checked."""
        return self.model_copy(update=values)

    @classmethod
    def _describe(cls, error: ValidationError) -> str:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else cls.__name__
        facts = {
            **first.get("ctx", {}),
            "input": first["input"],
            "name": name,
            "purpose": cls.variables().get(name),
        }
        return SENTENCES.get(first["type"], f"{{name}}: {first['msg']}.").format(**facts)
