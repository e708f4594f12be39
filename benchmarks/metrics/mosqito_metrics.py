"""MoSQITo: third octaves, channel by channel, on whole arrays."""

import numpy as np
from mosqito.sound_level_meter.noct_spectrum.noct_spectrum import noct_spectrum
from timing import BANDS, answer, level


def third_octaves(samples, rate):
    spectra = [noct_spectrum(row, rate, *BANDS)[0] for row in samples]
    return level(np.square(spectra[0]))


if __name__ == "__main__":
    answer("mosqito", {"thirds": third_octaves})
