"""What people do about a stolen key, a burned server or a copied machine, at a simulated node.

A rotation is taken as :mod:`node.intake.settling` takes it, and an empty machine gets its log back
as :mod:`node.process.recovering` does.
"""

from __future__ import annotations

from concurrent.futures import Future

from node.errors import RecoveringError
from protocol.chain import Head, rotate, verify_run
from protocol.directory import Standing
from protocol.identity import next_key_digest
from protocol.limits import EPOCH_BYTES
from protocol.run import encode_run
from simulation.disk import Disk
from simulation.ingest_model import generation_of
from simulation.node_model import SimNode


def burn(node: SimNode) -> None:
    """Lose the machine: database, guard, key and files."""
    node.crash()
    node.disk = Disk()
    node.disk.standings[node.log] = Standing.OWN
    node.files.held.clear()
    node.restores += 1
    node.world.removals += 1  # on the new machine nobody is a neighbour until asked
    node.world.oracle.restored(node)


def begin_on_empty_machine(node: SimNode, ask: list[SimNode], key_generation: int) -> None:
    """Start on a new machine with a key and a few neighbours' addresses, and nothing else."""
    node.disk.key_generation = key_generation
    node.disk.neighbours = {other.log for other in ask}
    for other in ask:
        if other.name not in node.dials:
            node.dials.append(other.name)
    node.start()


def bring_sheet_in_force(
    node: SimNode, keep_through: int | None = None, *, without_rest: bool = False
) -> Future[None]:
    """Ask for a rotation to the key of the recovery sheet; what follows ``keep_through`` gives way.

    It is done when what is being stored is, and the answer says so. Raises
    :class:`node.errors.RecoveringError`, as does the answer, while the node may not rotate, which
    it may ``without_rest`` although its log is not all here.
    """
    node.own.recovery.require_rotation(node.directory.get(node.log), without_rest=without_rest)
    if node.own.is_asking() and not without_rest:
        raise RecoveringError("neighbours are asked first")
    answer: Future[None] = Future()

    def carry_out() -> None:
        try:
            _rotate(node, keep_through, without_rest)
        except RecoveringError as error:
            answer.set_exception(error)
        else:
            answer.set_result(None)

    node.ingest.take_alone(carry_out)
    return answer


def _rotate(node: SimNode, keep_through: int | None, without_rest: bool) -> None:
    """Continue from the entry that is the last to stand by now."""
    view = node.directory.get(node.log)
    node.own.recovery.require_rotation(view, without_rest=without_rest)
    assert view is not None, "our own log has a row"
    assert view.head is not None, "whoever may rotate holds the log"
    base = _head_at(node, view.head, keep_through)
    sheet = generation_of(base) + 1
    digest = next_key_digest(node.key(sheet + 1).public_key)
    time_ms, salt = max(0, node.now_ms()), node.random.randbytes(32)
    envelope = rotate(base, node.key(sheet), digest, time_ms=time_ms, salt=salt)
    result = verify_run(base, base.log, [envelope])
    assert result.error is None, "it is made with the key that was committed to"
    node.world.trace.note(node.name, f"rotates after entry {base.sequence} of {view.head.sequence}")
    node.ingest.put_in_place(node.log, base.sequence, result)
    node.disk.key_generation = sheet
    node.disk.guard = (envelope.entry.header.sequence, envelope.entry.id)
    node.own.compare_key()
    node.own.rotated()
    node.own.recovery.note_copy(met=False)
    node.hub.renew(node.random.randbytes(EPOCH_BYTES))
    node.world.oracle.acknowledged(node, result.accepted)
    if base.sequence < view.head.sequence or view.frozen:
        node.perform(node.hub.settled(node.log, node.now_ms()))
    else:
        previous, payload = (base.sequence, base.id), encode_run([envelope])
        node.perform(node.hub.head_changed(node.log, previous, node.now_ms(), payload, 1, None))


def _head_at(node: SimNode, head: Head, sequence: int | None) -> Head:
    if sequence is None or sequence >= head.sequence:
        return head
    sequence = max(sequence, head.keys.since)
    return head._replace(sequence=sequence, id=node.disk.chains[node.log][sequence - 1].entry.id)
