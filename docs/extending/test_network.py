"""Only neighbours on the ring hear each other."""

from model import CommunityModel


def test_everybody_hears_two():
    community = CommunityModel(network="ring", residents=9, births=False, days=2, rng=1)
    community.step()
    community.finish()
    first = community.recorder.tables()["residents"].query("day == 1")
    assert [len(ids) for ids in first["in_hearing"]] == [2] * 9
