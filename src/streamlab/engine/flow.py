"""What flows on each edge, as far as it can be known before the first sample.

And what is wrong with that (G7).
"""

from collections.abc import Mapping

from streamlab.core.info import StreamInfo, exact_rate
from streamlab.engine.spec import GraphSpec, NodeSpec
from streamlab.errors import ParamError, Problem, StreamLabError

__all__ = ["Flow", "infer_flow"]

Flow = dict[tuple[str, str], StreamInfo | None]
"""From (node, output port) to what comes out of it; None where it is not known yet."""


def infer_flow(spec: GraphSpec, opened: Mapping[str, StreamInfo] | None = None) -> tuple[Flow, list[Problem]]:
    """Ask every node, in the order of the stream, what it makes of its inputs.

    ``opened`` gives the infos of sources that are open. Returns what is known and every problem, each in
    the words of the node that found it.
    """
    flow: Flow = {}
    problems: list[Problem] = []
    for name in spec.order:
        node = spec.nodes[name]
        known = (opened or {}).get(name)
        if known is not None:
            flow.update({(name, port): known for port in node.cls.outputs})
            continue
        inputs = _inputs(spec, node, flow, problems)
        outputs = _outputs(node, inputs, problems)
        if node.cls.generator and name not in spec.triggers and None in inputs.values():
            # It adds channels to those that come, and nobody knows yet which they are. (A trigger is taken
            # to bring none.)
            outputs = dict.fromkeys(outputs)
        flow.update(outputs)
    return flow, problems


def _inputs(
    spec: GraphSpec, node: NodeSpec, flow: Flow, problems: list[Problem]
) -> dict[str, StreamInfo | None]:
    inputs: dict[str, StreamInfo | None] = dict.fromkeys(node.cls.inputs)
    for edge in spec.inputs[node.id]:
        inputs[edge.target_port] = flow.get((edge.source, edge.source_port))
    join = node.join
    policy = "zip" if join is None else join.policy
    if len(inputs) > 1 and node.cls.tier in ("process", "async process"):
        if policy == "zip":
            if not _check_rates(spec, node, inputs, problems):
                return dict.fromkeys(inputs)  # it is said: the node need not say it again
        elif join is not None and policy == "align":
            _check_timed(spec, node, inputs, problems)
            first = next(iter(inputs.values()))
            rate = (
                exact_rate(join.rate)
                if join.rate is not None
                else first.sample_rate
                if first is not None
                else None
            )
            inputs = {
                port: info.replace(sample_rate=rate) if info is not None and rate is not None else None
                for port, info in inputs.items()
            }
    return inputs


def _check_rates(
    spec: GraphSpec, node: NodeSpec, inputs: dict[str, StreamInfo | None], problems: list[Problem]
) -> bool:
    known = {port: info for port, info in inputs.items() if info is not None and info.sample_rate is not None}
    if len({info.sample_rate for info in known.values()}) > 1:
        found = ", ".join(
            f"{edge.source!r} at {float(known[edge.target_port].sample_rate or 0):g} Hz"
            for edge in spec.inputs[node.id]
            if edge.target_port in known
        )
        hint = 'give the node "join": {"policy": "align"}, or resample one of them'
        problems.append(
            Problem(
                node.pointer,
                f"{node.id!r} zips streams of different sample rates",
                "one sample rate",
                found,
                hint,
                node.id,
            )
        )
        return False
    return True


def _check_timed(
    spec: GraphSpec, node: NodeSpec, inputs: dict[str, StreamInfo | None], problems: list[Problem]
) -> None:
    for edge in spec.inputs[node.id]:
        info = inputs[edge.target_port]
        if info is not None and info.sample_rate is None:
            what = f"{node.id!r} aligns a stream that has no sample rate"
            found = f"{info!r} from {edge.source!r}"
            hint = "zip, latest and merge need none"
            problems.append(Problem(node.pointer, what, "a sample rate on every input", found, hint, node.id))


def _outputs(node: NodeSpec, inputs: dict[str, StreamInfo | None], problems: list[Problem]) -> Flow:
    unknown: Flow = {(node.id, port): None for port in node.cls.outputs}
    try:
        found = node.cls.stream_info(node.params, **inputs)
    except ParamError as error:
        for item in error.problems:
            where = f"{node.pointer}/config{item.pointer}" if item.pointer else node.pointer
            problems.append(Problem(where, item.message, item.expected, item.found, item.hint, node.id))
        return unknown
    except Exception as error:
        # A node that trips over its own checks is a problem of the graph, not of whoever validates it.
        text = error.args[0] if isinstance(error, LookupError) and error.args else error
        known = isinstance(error, StreamLabError | ValueError | LookupError)
        problems.append(
            Problem(node.pointer, str(text) if known else f"{type(error).__name__}: {text}", node=node.id)
        )
        return unknown
    if isinstance(found, Mapping):
        return unknown | {(node.id, port): info for port, info in found.items() if port in node.cls.outputs}
    return {(node.id, port): found for port in node.cls.outputs}
