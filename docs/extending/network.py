"""A network: everybody hears the two beside it on a ring."""

from model.world.hearing import Network


def ring(scenario, seed):
    """Each founder and the next; the last and the first."""
    n = scenario.residents
    return [(one, (one + 1) % n) for one in range(n)]


RING = Network(ring)
