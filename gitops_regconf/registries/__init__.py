"""What nodes are told about registries: the interface, profiles, and how layers are merged."""
