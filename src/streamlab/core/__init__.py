"""The vocabulary: frames, stream infos, channels, parameters, nodes. What the author of a node imports."""

from streamlab.core.channel import Receiver, Sender, channel
from streamlab.core.channel_state import ChannelStatistics
from streamlab.core.context import Context
from streamlab.core.frame import DataFrame
from streamlab.core.frame_run import FrameRun
from streamlab.core.info import ChannelInfo, StreamInfo
from streamlab.core.node import ProcessingNode, Source
from streamlab.core.params import param
from streamlab.core.registry import node_class, node_types, register
from streamlab.core.samples import Samples
from streamlab.core.verdict import Outcome, Verdict

__all__ = [
    "ChannelInfo",
    "ChannelStatistics",
    "Context",
    "DataFrame",
    "FrameRun",
    "Outcome",
    "ProcessingNode",
    "Receiver",
    "Samples",
    "Sender",
    "Source",
    "StreamInfo",
    "Verdict",
    "channel",
    "node_class",
    "node_types",
    "param",
    "register",
]
