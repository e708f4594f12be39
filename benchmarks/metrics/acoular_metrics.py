"""acoular: A-weighting, third octaves; block by block, as it is made to be used."""

import acoular
import numpy as np
from timing import answer, level

acoular.config.global_caching = "none"


def source(samples, rate):
    return acoular.TimeSamples(data=np.ascontiguousarray(samples.T), sample_freq=float(rate))


def a_weighting(samples, rate):
    weighted = acoular.FiltFreqWeight(source=source(samples, rate), weight="A")
    out = np.concatenate(list(weighted.result(1024)))
    return level((out[:, 0] ** 2).mean())


def third_octaves(samples, rate):
    bank = acoular.OctaveFilterBank(source=source(samples, rate), fraction="Third octave", lband=13, hband=43)
    power = acoular.TimePower(source=bank)
    averages = np.concatenate(list(acoular.Average(source=power, num_per_average=rate).result(16)))
    # Columns: the bands of the first channel, then those of the next.
    return level(averages.mean(axis=0).reshape(bank.num_bands, -1)[:, 0])


if __name__ == "__main__":
    answer("acoular", {"A": a_weighting, "thirds": third_octaves})
