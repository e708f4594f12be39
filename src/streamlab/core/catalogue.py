"""The built-in node types: names and where their classes are.

Strings only, so that nothing is imported before it is used.
"""

__all__ = ["BUILT_IN"]

BUILT_IN: dict[str, str] = {
    # sources and generators
    "Clock": "streamlab.nodes.generators.clock:Clock",
    "File": "streamlab.io.file:File",
    "WavFile": "streamlab.io.wav_file:WavFile",
    "CsvFile": "streamlab.io.csv_file:CsvFile",
    "MatFile": "streamlab.io.mat_file:MatFile",
    "Hdf5File": "streamlab.io.hdf5_file:Hdf5File",
    "ArrowFile": "streamlab.io.arrow_file:ArrowFile",
    "ParquetFile": "streamlab.io.parquet_file:ParquetFile",
    "UffFile": "streamlab.io.uff_file:UffFile",
    "TdmsFile": "streamlab.io.tdms_file:TdmsFile",
    "SineGenerator": "streamlab.nodes.generators.sine_generator:SineGenerator",
    "MultiTone": "streamlab.nodes.generators.multi_tone:MultiTone",
    "Square": "streamlab.nodes.generators.square:Square",
    "Triangle": "streamlab.nodes.generators.triangle:Triangle",
    "Sawtooth": "streamlab.nodes.generators.sawtooth:Sawtooth",
    "Pulse": "streamlab.nodes.generators.pulse:Pulse",
    "ToneBurst": "streamlab.nodes.generators.tone_burst:ToneBurst",
    "LogSweep": "streamlab.nodes.generators.log_sweep:LogSweep",
    "Dc": "streamlab.nodes.generators.dc:Dc",
    "Noise": "streamlab.nodes.generators.noise:Noise",
    # conditioning
    "Gain": "streamlab.nodes.conditioning.gain:Gain",
    "Offset": "streamlab.nodes.conditioning.offset:Offset",
    "ConvertUnit": "streamlab.nodes.conditioning.convert_unit:ConvertUnit",
    "Sensitivity": "streamlab.nodes.conditioning.sensitivity:Sensitivity",
    "RemoveDc": "streamlab.nodes.conditioning.remove_dc:RemoveDc",
    "Filter": "streamlab.nodes.conditioning.filter:Filter",
    "Resample": "streamlab.nodes.conditioning.resample:Resample",
    "CheckSignal": "streamlab.nodes.conditioning.check_signal:CheckSignal",
    "Calibrate": "streamlab.nodes.conditioning.calibrate:Calibrate",
    "Mix": "streamlab.nodes.conditioning.mix:Mix",
    # measurement
    "Statistics": "streamlab.nodes.measurement.statistics:Statistics",
    "Level": "streamlab.nodes.measurement.level:Level",
    "SoundLevel": "streamlab.nodes.measurement.sound_level:SoundLevel",
    "OctaveBands": "streamlab.nodes.measurement.octave_bands:OctaveBands",
    "FrequencyWeighting": "streamlab.nodes.measurement.frequency_weighting:FrequencyWeighting",
    "TimeWeighting": "streamlab.nodes.measurement.time_weighting:TimeWeighting",
    "Moments": "streamlab.nodes.measurement.moments:Moments",
    "Spectrum": "streamlab.nodes.measurement.spectrum:Spectrum",
    "Spectrogram": "streamlab.nodes.measurement.spectrogram:Spectrogram",
    "EnvelopeSpectrum": "streamlab.nodes.measurement.envelope_spectrum:EnvelopeSpectrum",
    "Peaks": "streamlab.nodes.measurement.peaks:Peaks",
    "Integrate": "streamlab.nodes.measurement.integrate:Integrate",
    # logic
    "Rechunk": "streamlab.nodes.logic.rechunk:Rechunk",
    "Select": "streamlab.nodes.logic.select:Select",
    "Split": "streamlab.nodes.logic.split:Split",
    "Delay": "streamlab.nodes.logic.delay:Delay",
    "Router": "streamlab.nodes.logic.router:Router",
    "Gate": "streamlab.nodes.logic.gate:Gate",
    "Switch": "streamlab.nodes.logic.switch:Switch",
    "Counter": "streamlab.nodes.logic.counter:Counter",
    "RunUntil": "streamlab.nodes.logic.run_until:RunUntil",
    # judgement
    "Limit": "streamlab.nodes.judgement.limit:Limit",
    "Mask": "streamlab.nodes.judgement.mask:Mask",
    "NofM": "streamlab.nodes.judgement.n_of_m:NofM",
    # sinks
    "Print": "streamlab.nodes.sinks.print:Print",
    "Collect": "streamlab.nodes.sinks.collect:Collect",
    "ArrowWriter": "streamlab.io.arrow_writer:ArrowWriter",
    "CsvWriter": "streamlab.io.csv_writer:CsvWriter",
    "Hdf5Writer": "streamlab.io.hdf5_writer:Hdf5Writer",
    "MatWriter": "streamlab.io.mat_writer:MatWriter",
    "ParquetWriter": "streamlab.io.parquet_writer:ParquetWriter",
    "UffWriter": "streamlab.io.uff_writer:UffWriter",
    "WavWriter": "streamlab.io.wav_writer:WavWriter",
}
