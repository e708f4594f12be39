"""What may be asked of a live view, with its defaults."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from streamlab.core.params import pointer
from streamlab.dsp.window import WindowName
from streamlab.errors import ParamError, Problem

__all__ = [
    "KINDS",
    "LevelsOptions",
    "Options",
    "ScalarOptions",
    "ScopeOptions",
    "SpectrumOptions",
    "StripOptions",
    "ViewKind",
    "WaterfallOptions",
    "parse_options",
]

ViewKind = Literal["strip", "scope", "spectrum", "waterfall", "levels", "scalar"]
Columns = Literal[300, 600, 1200, 2400]
Name = Annotated[str, Field(min_length=1, max_length=1000)]
Size = Literal[64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536]
Finite = Annotated[float, Field(allow_inf_nan=False, ge=-1e30, le=1e30)]


def _names(most: int) -> Any:
    return Field(default=None, min_length=1, max_length=most)


class Options(BaseModel):
    """What all views have in common: equal options make one stream."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class StripOptions(Options):
    """The course over time."""

    window: Annotated[float, Field(ge=0.01, le=86400.0)] = 2.0
    columns: Columns = 1200
    channels: list[Name] | None = _names(256)


class ScopeOptions(Options):
    """A triggered window."""

    window: Annotated[float, Field(ge=1e-5, le=60.0)] = 0.02
    columns: Columns = 1200
    channels: list[Name] | None = _names(8)
    mode: Literal["auto", "normal", "single"] = "auto"
    level: Finite = 0.0
    slope: Literal["rising", "falling"] = "rising"
    source: Name | None = None
    pre: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    hysteresis: Annotated[float, Field(ge=0.0, le=1e30)] = 0.0


class _Transform(Options):
    columns: Annotated[int, Field(ge=16, le=4096)] = 1200
    scale: Literal["log", "linear"] = "log"
    size: Size | None = None
    window: WindowName = "hann"
    scaling: Literal["rms", "amplitude", "power", "psd"] = "rms"
    remove_mean: bool = True


class SpectrumOptions(_Transform):
    """The newest spectrum."""

    channels: list[Name] | None = _names(16)
    average: Literal["none", "exponential", "max"] = "exponential"
    count: Annotated[int, Field(ge=1, le=1000)] = 4
    hold: bool = False


class WaterfallOptions(_Transform):
    """Spectra as rows of bytes."""

    columns: Annotated[int, Field(ge=16, le=4096)] = 600
    channel: Name | None = None
    rate: Annotated[float, Field(ge=0.1, le=50.0)] = 20.0
    floor: Annotated[float, Field(ge=-1000.0, le=1000.0)] = -120.0
    ceiling: Annotated[float, Field(ge=-1000.0, le=1000.0)] = 0.0


class LevelsOptions(Options):
    """Meters."""

    channels: list[Name] | None = _names(256)
    time_constant: Annotated[float, Field(ge=0.001, le=60.0)] = 0.125
    hold: Annotated[float, Field(ge=0.0, le=60.0)] = 1.5


class ScalarOptions(Options):
    """Numbers."""

    channels: list[Name] | None = _names(256)


KINDS: dict[str, type[Options]] = {
    "strip": StripOptions,
    "scope": ScopeOptions,
    "spectrum": SpectrumOptions,
    "waterfall": WaterfallOptions,
    "levels": LevelsOptions,
    "scalar": ScalarOptions,
}


def parse_options(kind: str, given: dict[str, Any]) -> Options:
    """Return the options of a view, defaults put in. Raises ParamError with every problem."""
    model = KINDS[kind]
    try:
        options = model.model_validate(given)
    except ValidationError as error:
        raise ParamError(
            [
                Problem(f"/options{pointer(*item['loc'])}", str(item["msg"]), found=str(item["input"])[:60])
                for item in error.errors(include_url=False)
            ],
            title=kind,
        ) from None
    if isinstance(options, WaterfallOptions) and options.floor >= options.ceiling:
        found = f"{options.floor:g} to {options.ceiling:g} dB"
        raise ParamError([Problem("/options/floor", "floor is not below ceiling", found=found)], title=kind)
    return options
