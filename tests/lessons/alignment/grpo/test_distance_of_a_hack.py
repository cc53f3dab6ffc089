"""Hacked trainings ended farther from the reference than all others."""

from lessons.alignment import kept_prices


def farther(kept):
    """Return whether all hacked trainings ended beyond five nats, and all others within half."""
    some = [one for places in kept.values() for one in places]
    hacked, others = (
        [one.kl for one in some if (one.reward < 0.3) == how] for how in (True, False)
    )
    return max(others) < 2.5 < 5 < min(hacked)


def test_hacked_policies_are_far_and_the_others_near():
    kept = kept_prices()
    assert farther(kept)
    near = kept[0.0][0]._replace(kl=1.0)
    assert not farther(kept | {0.0: [near, *kept[0.0][1:]]})
