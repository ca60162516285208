"""What can be set: `config/scraper.toml`, overridden by `SCRAPER_…` environment variables."""

from scraper.settings.forms import OBJECT_STORAGE, Proxy, cluster_address, split_address
from scraper.settings.reading import FILE, OTHER_VARIABLES, PREFIX, load_settings, setting_paths, variable
from scraper.settings.sections import (
    AlertSettings,
    BackfillSettings,
    ClusterSettings,
    DedupSettings,
    ExtractSettings,
    FetchSettings,
    LogSettings,
    MetricsSettings,
    OffsiteSettings,
    PollSettings,
    Settings,
    StatusSettings,
    StoreSettings,
    WebSubSettings,
)

__all__ = [
    "FILE",
    "OBJECT_STORAGE",
    "OTHER_VARIABLES",
    "PREFIX",
    "AlertSettings",
    "BackfillSettings",
    "ClusterSettings",
    "DedupSettings",
    "ExtractSettings",
    "FetchSettings",
    "LogSettings",
    "MetricsSettings",
    "OffsiteSettings",
    "PollSettings",
    "Proxy",
    "Settings",
    "StatusSettings",
    "StoreSettings",
    "WebSubSettings",
    "cluster_address",
    "load_settings",
    "setting_paths",
    "split_address",
    "variable",
]
