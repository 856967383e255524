from model import CommunityModel


def test_it_gives():
    community = CommunityModel(mind="generous", preset="growing", days=9, rng=1)
    community.step()
    assert community.latest.gifts > 0
