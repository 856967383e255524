"""Whoever stands higher is paid more, and residents are told so."""

import numpy as np

from agents.prompts.static import read_static, render_static
from model import CommunityModel


def test_who_stands_higher_is_paid_more():
    community = CommunityModel(regime="seniority", start_standing=(0, 200), days=40, rng=1)
    while community.running:
        community.step()
    assert read_static(render_static(community.rules)) == community.rules
    community.finish()
    worked = community.recorder.tables()["residents"].query("worked > 0")
    assert np.corrcoef(worked["standing"], worked["paid"])[0, 1] > 0.3
