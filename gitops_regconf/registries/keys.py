"""The keys of the charts' interface, by which it is known wherever it stands."""

from __future__ import annotations

from typing import Final

REGISTRIES: Final = "containerRegistries"
LOCAL_CACHE: Final = "localRegistryCache"
MANAGEMENT_CLUSTER_CACHE: Final = "managementClusterRegistryCache"
CACHES: Final = (LOCAL_CACHE, MANAGEMENT_CLUSTER_CACHE)
ALL: Final = (REGISTRIES, *CACHES)
