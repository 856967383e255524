"""The community, its measurement and its studies."""
