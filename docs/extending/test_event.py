"""A feast is held and told."""

from model import CommunityModel
from model.world.event_words import sentence


def test_a_feast_is_held_and_told():
    community = CommunityModel(days=2, rng=1, shocks=[{"day": 1, "kind": "feast", "size": 5}])
    community.step()
    community.finish()
    held = community.recorder.tables()["events"].query("kind == 'feast'")
    assert sentence(held.iloc[0]) == "R1 ate 5 at the feast"
