"""What a hostile neighbour signs with its own good key: valid, unwanted, or two in one place.

What is valid must be taken and do no harm; two entries at one number must freeze its log.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from protocol import messages, strict_json
from protocol.content import Comment, Withdraw
from protocol.entry import Envelope
from protocol.limits import INTEGER_MAX
from protocol.run import decode_run, encode_run
from simulation.hostile_runs import sealed
from simulation.ingest_model import generation_of

if TYPE_CHECKING:
    from simulation.hostile import HostileNode

TINY_ENTRIES = 100
FORKS = ("fork_at_number", "fork_to_one_half")
VALID_MISDEEDS = (
    "backdated",
    "far_future",
    "endless_entries",
    "withdrawal_of_anothers",
    "dangling_reference",
)


def misbehave(node: HostileNode, name: str) -> None:
    """Publish what keeps every rule of the log and is meant badly."""
    node.wall_step_ms = 0
    match name:
        case "backdated":
            node.wall_step_ms = -node.now_ms()
            node.publish("comment", b'{"schema":1}')
        case "far_future":
            node.wall_step_ms = INTEGER_MAX // 2
            node.publish("comment", b'{"schema":1}')
        case "endless_entries":
            for _ in range(TINY_ENTRIES):
                node.publish("comment", b"")
        case "withdrawal_of_anothers":
            target = _anothers_entry(node)
            node.publish("withdraw", strict_json.dumps(Withdraw(target=target, reason="Z")))
        case _:
            target = node.random.choice((bytes(32).hex(), node.disk.heads[node.log].id.hex()))
            node.publish("comment", strict_json.dumps(Comment(record=target, text="Z")))


def _anothers_entry(node: HostileNode) -> str:
    entries = [
        item.entry.id.hex()
        for log, chain in sorted(node.disk.chains.items())
        if log != node.log
        for item in chain
        if item.entry.header.kind == "experience"
    ]
    return node.random.choice(entries) if entries else bytes(32).hex()


def fork_run(node: HostileNode, name: str, frame: bytes, receiver: str) -> list[bytes]:
    """Return a run of our own log that ends in another entry than the one everybody else gets.

    To one half it is always the same one, and the other half never sees it from us.
    """
    message = messages.decode(frame)
    assert isinstance(message, messages.Run)
    envelopes = list(decode_run(message.payload))
    last = envelopes[-1].entry
    in_half = ord(receiver[0]) % 2 == 0
    is_ours = last.log == node.log and last.header.sequence > 1 and not last.is_key_event
    if not is_ours or (name == "fork_to_one_half" and not in_half):
        return [frame]
    number = 0 if name == "fork_to_one_half" else node.random.randrange(1, 200)
    envelopes[-1] = _other_entry(node, last.header.sequence, number)
    node.world.oracle.equivocated(node, envelopes[-1])
    payload = encode_run(envelopes)
    return [messages.encode(messages.Run(message.log, message.first, len(envelopes), payload))]


def _other_entry(node: HostileNode, sequence: int, number: int) -> Envelope:
    """Another entry at a number of our own log, the same for the same number."""
    before = node.disk.chains[node.log][sequence - 2].entry
    head = node.disk.heads[node.log]._replace(sequence=sequence - 1, id=before.id)
    keys = head.keys
    generation = sum(first <= sequence for first, _ in keys.periods) - 1
    assert generation <= generation_of(head)
    content = b'{"schema":1,"text":"other"}'
    return sealed(head, node.key(generation), "comment", content, salt=number)
