"""The built-in node types: names and where their classes are.

Strings only, so that nothing is imported before it is used.
"""

__all__ = ["BUILT_IN"]

BUILT_IN: dict[str, str] = {
    # sources and generators
    "Clock": "streamlab.nodes.clock:Clock",
    "WavFile": "streamlab.io.wav_file:WavFile",
    "SineGenerator": "streamlab.nodes.sine_generator:SineGenerator",
    "Noise": "streamlab.nodes.noise:Noise",
    # conditioning
    "Gain": "streamlab.nodes.gain:Gain",
    "Mix": "streamlab.nodes.mix:Mix",
    # measurement
    "Statistics": "streamlab.nodes.statistics:Statistics",
    "Level": "streamlab.nodes.level:Level",
    # judgement
    "Limit": "streamlab.nodes.limit:Limit",
    # sinks
    "Print": "streamlab.nodes.print:Print",
    "Collect": "streamlab.nodes.collect:Collect",
    "CsvWriter": "streamlab.io.csv_writer:CsvWriter",
    "WavWriter": "streamlab.io.wav_writer:WavWriter",
}
