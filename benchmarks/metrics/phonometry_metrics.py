"""phonometry: A-weighting, third octaves, levels exceeded; on whole arrays."""

import numpy as np
import phonometry
from timing import BANDS, answer, level


def a_weighting(samples, rate):
    return level((phonometry.weighting_filter(samples, rate, "A")[0] ** 2).mean())


def third_octaves(samples, rate):
    low, high = BANDS[0] * 0.97, BANDS[1] * 1.03
    levels, _ = phonometry.octavefilter(samples, rate, fraction=3, limits=[low, high])
    return np.asarray(levels)[0].tolist()


def levels(samples, rate):
    exceeded = phonometry.ln_levels(samples, rate, n=(10, 90), weighting="A")
    return [float(phonometry.laeq(samples, rate)[0]), *(float(exceeded[n][0]) for n in (10, 90))]


if __name__ == "__main__":
    answer("phonometry", {"A": a_weighting, "thirds": third_octaves, "levels": levels})
