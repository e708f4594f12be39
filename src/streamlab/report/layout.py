"""Layout of a graph: nodes in layers along the stream, few crossings, short ways.

Layers by the longest path; ways over several layers get a place in each of them; the order in a layer by the
mean place of the neighbours (K. Sugiyama, S. Tagawa, M. Toda, IEEE Trans. SMC 11, 1981); the places by least
squares with a smallest distance, which pooling of neighbours solves exactly (R. E. Barlow et al., 1972).
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

__all__ = ["Layout", "lay_out"]

_SWEEPS = 8

Key = Hashable


@dataclass(frozen=True, slots=True)
class Layout:
    """Where things are: ``layer`` counts along the stream, ``place`` across it, in units of a node.

    ``ways`` has for each edge the (layer, place) of its ends and of what it passes in between.
    """

    layers: int
    width: float
    layer: dict[str, int]
    place: dict[str, float]
    ways: list[list[tuple[int, float]]]


def lay_out(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> Layout:
    """Place the nodes of a graph without cycles; in ``nodes`` each stands behind those that feed it."""
    layer = _layers(nodes, edges)
    rows: list[list[Key]] = [[] for _ in range(max(layer.values(), default=-1) + 1)]
    for name in nodes:
        rows[layer[name]].append(name)
    chains: list[list[Key]] = []
    for number, (source, target) in enumerate(edges):
        between: list[Key] = [(number, at) for at in range(layer[source] + 1, layer[target])]
        for at, dummy in enumerate(between, layer[source] + 1):
            rows[at].append(dummy)
        chains.append([source, *between, target])
    before: dict[Key, list[Key]] = {key: [] for row in rows for key in row}
    after: dict[Key, list[Key]] = {key: [] for row in rows for key in row}
    for chain in chains:
        for one, two in pairwise(chain):
            after[one].append(two)
            before[two].append(one)
    rows = _ordered(rows, before, after)
    places = _placed(rows, before, after)
    home = {key: number for number, row in enumerate(rows) for key in row}
    return Layout(
        layers=len(rows),
        width=max(places.values(), default=0.0) + 1.0,
        layer=layer,
        place={name: places[name] for name in nodes},
        ways=[[(home[key], places[key]) for key in chain] for chain in chains],
    )


def _layers(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The longest path to each node; a node without inputs stands right before its first reader."""
    before: dict[str, list[str]] = {name: [] for name in nodes}
    after: dict[str, list[str]] = {name: [] for name in nodes}
    for source, target in edges:
        before[target].append(source)
        after[source].append(target)
    layer: dict[str, int] = {}
    for name in nodes:
        layer[name] = max((layer[one] + 1 for one in before[name]), default=0)
    for name in nodes:
        if not before[name] and after[name]:
            layer[name] = max(0, min(layer[one] for one in after[name]) - 1)
    return layer


def _ordered(
    rows: list[list[Key]], before: Mapping[Key, list[Key]], after: Mapping[Key, list[Key]]
) -> list[list[Key]]:
    """Sweep down and up; the order with the fewest crossings is kept, the first of equals."""
    best, fewest = [list(row) for row in rows], _crossings(rows, after)
    rows = [list(row) for row in rows]
    for sweep in range(_SWEEPS):
        down = sweep % 2 == 0
        near = before if down else after
        for number in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            beside = rows[number - 1] if down else rows[number + 1]
            index = {key: place for place, key in enumerate(beside)}
            centre = {
                key: sum(index[one] for one in near[key]) / len(near[key]) if near[key] else float(place)
                for place, key in enumerate(rows[number])
            }
            rows[number].sort(key=centre.__getitem__)
        crossings = _crossings(rows, after)
        if crossings < fewest:
            best, fewest = [list(row) for row in rows], crossings
    return best


def _crossings(rows: Sequence[Sequence[Key]], after: Mapping[Key, list[Key]]) -> int:
    count = 0
    for number, row in enumerate(rows[:-1]):
        index = {key: place for place, key in enumerate(rows[number + 1])}
        ends = [sorted(index[one] for one in after[key]) for key in row]
        seen: list[int] = []
        for places in ends:
            count += sum(1 for place in places for other in seen if other > place)
            seen += places
    return count


def _placed(
    rows: Sequence[Sequence[Key]], before: Mapping[Key, list[Key]], after: Mapping[Key, list[Key]]
) -> dict[Key, float]:
    """Pull each to the middle of its neighbours, at least one unit from the next in its layer."""
    place: dict[Key, float] = {key: float(at) for row in rows for at, key in enumerate(row)}
    for sweep in range(2 * _SWEEPS):
        down = sweep % 2 == 0
        for row in rows if down else reversed(rows):
            wanted = []
            for key in row:
                near = (before[key] if down else after[key]) or (after[key] if down else before[key])
                wanted.append(sum(place[one] for one in near) / len(near) if near else place[key])
            for key, found in zip(row, _spread(wanted), strict=True):
                place[key] = found
    least = min(place.values(), default=0.0)
    return {key: value - least for key, value in place.items()}


def _spread(wanted: Sequence[float]) -> list[float]:
    """Return the places nearest to the wanted ones (least squares), in order and one unit apart."""
    blocks: list[tuple[float, int]] = []  # sum and number of what moves together
    for number, place in enumerate(wanted):
        total, count = place - number, 1
        while blocks and blocks[-1][0] / blocks[-1][1] >= total / count:
            more, others = blocks.pop()
            total, count = total + more, count + others
        blocks.append((total, count))
    means = [total / count for total, count in blocks for _ in range(count)]
    return [mean + number for number, mean in enumerate(means)]
