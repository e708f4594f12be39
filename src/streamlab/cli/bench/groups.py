"""The list of what is measured: groups of rows, by the topic under which they are shown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from streamlab.cli.bench import growth, hops, latency, limits, measuring, memory, pools, startup, throughput
from streamlab.cli.bench.rows import Bench

__all__ = ["GROUPS", "Group", "chosen"]


@dataclass(frozen=True)
class Group:
    """Rows that are measured together. ``aliases`` are further names that they are asked for by."""

    id: str
    topic: str
    measure: Callable[[Bench], None]
    aliases: tuple[str, ...] = ()


GROUPS: tuple[Group, ...] = (
    Group("S1", "Throughput", throughput.s1),
    Group("S2", "Throughput", throughput.s2),
    Group("S3", "Throughput", throughput.s3),
    Group("S4", "Throughput", throughput.s4),
    Group("S5", "Throughput", throughput.against_queues),
    Group("S6", "Throughput", measuring.real_chain),
    Group("M", "Measurement", measuring.metrics),
    Group("O", "Measurement", measuring.octave_speed),
    Group("hop", "Hops and branches", hops.edges),
    Group("S7", "Hops and branches", hops.branches, ("fan-out",)),
    Group("drain", "Hops and branches", hops.drain),
    Group("S8", "Waiting", latency.trigger_to_sink, ("E10",)),
    Group("E9", "Waiting", latency.loop_lag),
    Group("E1", "Waiting", latency.overlap),
    Group("S9", "Jobs", pools.jobs),
    Group("S10", "Jobs", pools.speed_up),
    Group("P4", "Jobs", pools.waves),
    Group("S11", "Memory", memory.idle),
    Group("S12", "Memory", memory.endless),
    Group("S13", "Start-up", startup.start_up),
    Group("growth/nodes", "Growth", growth.by_nodes, ("growth",)),
    Group("growth/channels", "Growth", growth.by_channels, ("growth",)),
    Group("growth/size", "Growth", growth.by_size, ("growth",)),
    Group("growth/pipelines", "Growth", growth.by_pipelines, ("growth",)),
    Group("limit", "Limits of this machine", limits.limits),
)


def chosen(only: Sequence[str]) -> list[Group]:
    """Return the groups that are asked for, in their order; all when none is named. Raises KeyError."""
    names = {name for group in GROUPS for name in (group.id, *group.aliases)}
    for name in only:
        if name not in names:
            raise KeyError(name)
    return [group for group in GROUPS if not only or {group.id, *group.aliases} & set(only)]
