"""Making a new node: its keys, its log's first entry, and the sheet that can save it one day.

The next key is made here, committed to in the first entry, and handed back once for the recovery
sheet; it is never written to this machine (docs/adr/0013). Order: signing key, first entry in
the database, guard, log id. A set-up that is interrupted leaves no `log_id`, so it is never taken
for a node; nobody has seen its log.
"""

from __future__ import annotations

from dataclasses import dataclass

from node.clock import Clock, SystemClock
from node.config import Settings
from node.errors import AlreadyCreatedError, ArgumentError
from node.ground.data_folder import DataFolder
from node.ground.last_run import LAST_RUN
from node.process.recovery_sheet import RecoverySheet
from protocol.chain import begin_log, verify_run
from protocol.directory import Standing
from protocol.errors import KeyEventError
from protocol.identity import SigningKey, fingerprint, next_key_digest
from protocol.limits import EPOCH_BYTES, SALT_BYTES
from storage.database import Database
from storage.key_file import SEED_BYTES
from storage.log_store import LogStore
from storage.settings_store import EPOCH, OWN_LOG, SettingsStore


@dataclass(frozen=True, slots=True)
class Created:
    """A new node: its log id and fingerprint, and the recovery sheet that is shown once."""

    log: str
    fingerprint: str
    code: str
    name: str
    sheet: RecoverySheet


async def create_node(
    settings: Settings, *, code: str, name: str, clock: Clock | None = None
) -> Created:
    """Create the node in the data folder of `settings`.

    Raises `AlreadyCreatedError`, `ArgumentError` for a bad kommunkod or name, or a storage error.
    """
    clock = clock or SystemClock()
    folder = DataFolder(settings.data)
    if folder.key_file.exists():
        raise AlreadyCreatedError(f"There is a node in {settings.data} already.")
    signing_seed, recovery_seed = clock.token(SEED_BYTES), clock.token(SEED_BYTES)
    recovery_digest = next_key_digest(SigningKey(recovery_seed).public_key)
    try:
        first = begin_log(
            SigningKey(signing_seed),
            recovery_digest,
            code,
            name,
            time_ms=clock.time_ms(),
            salt=clock.token(SALT_BYTES),
        )
    except KeyEventError as error:
        raise ArgumentError(f"The municipality cannot be named so: {error}.") from error
    log = first.entry.id
    with folder.lock:
        folder.key_file.create(signing_seed)
        database = await Database.open(settings.database)
        try:
            store, facts = LogStore(database), SettingsStore(database)
            if await facts.get(OWN_LOG) is not None:
                raise AlreadyCreatedError("The database holds another node's log already.")
            result = verify_run(None, log, [first])
            await store.append_run(result, standing=Standing.OWN, received_ms=clock.time_ms())
            epoch = clock.token(EPOCH_BYTES)
            known = {OWN_LOG: log.hex(), EPOCH: epoch.hex(), LAST_RUN: str(clock.time_ms())}
            await facts.put_many(known)
        finally:
            await database.close()
        folder.guard.write(1, log)
        folder.write_log_id(log)
    sheet = RecoverySheet(log, code, name, recovery_seed, 1, first.entry.header.time_ms)
    return Created(log.hex(), fingerprint(log), code, name, sheet)
