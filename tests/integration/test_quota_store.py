"""Quotas as they are kept, and how large logs are; on both databases."""

from __future__ import annotations

from factories import LogMaker
from protocol.run import pack_runs
from storage.audit_store import AuditStore
from storage.database import Database
from storage.log_store import LogStore
from storage.quota_store import DAY_MS, Change, Day, EntryQuota, QuotaKind, QuotaStore
from storage_factories import store_singly

HJO, SKARA = b"\x01" * 32, b"\x02" * 32


def change(kind: QuotaKind, log: bytes, quota: EntryQuota | None, detail: str = "") -> Change:
    """What a person decides."""
    return Change(kind, log, quota, "anna", "member quota", detail)


async def test_a_changed_quota_is_kept_and_audited(database: Database) -> None:
    """The two kinds stand apart, the last decision holds, and going back leaves no row."""
    quotas = QuotaStore(database)
    await quotas.change(change(QuotaKind.LOG, HJO, EntryQuota(5, 10**15)), 1)
    await quotas.change(change(QuotaKind.NEIGHBOUR, HJO, EntryQuota(7, 1)), 2)
    await quotas.change(change(QuotaKind.LOG, HJO, EntryQuota(6, 3), "Exempel"), 3)
    assert await quotas.changed() == {
        (QuotaKind.LOG, HJO): EntryQuota(6, 3),
        (QuotaKind.NEIGHBOUR, HJO): EntryQuota(7, 1),
    }
    await quotas.change(change(QuotaKind.LOG, HJO, None, "default"), 4)

    assert list(await quotas.changed()) == [(QuotaKind.NEIGHBOUR, HJO)]
    lines = await AuditStore(database).newest(9)
    assert [(line.subject, line.detail) for line in lines] == [
        (HJO.hex(), detail) for detail in ("default", "Exempel", "", "")
    ]


async def test_a_log_is_as_large_as_what_is_kept_of_it(database: Database) -> None:
    """The sum is that of the runs, by log and for one alone, also after they are packed anew."""
    quotas, logs = QuotaStore(database), LogStore(database)
    makers = [LogMaker(number) for number in (1, 2)]
    for maker in makers:
        maker.extend(maker.number * 20)
        await store_singly(database, maker)
    before = await quotas.sizes()
    assert await logs.pack(makers[0].log)
    after = await quotas.sizes()

    for maker in makers:
        whole = sum(run.size_bytes for run in pack_runs(maker.envelopes))
        assert 0 <= before[maker.log] - whole < 3 * len(maker.envelopes)
        assert await quotas.size(maker.log) == after[maker.log]
    assert await quotas.size(SKARA) == 0


async def test_what_a_neighbour_brought_is_kept(database: Database) -> None:
    """The last state of each neighbour's day; it lasts 24 hours and no clock set back keeps it."""
    quotas = QuotaStore(database)
    await quotas.save_day(HJO, Day(10, 1, 100))
    await quotas.save_day(SKARA, Day(20, 3, 300))
    await quotas.save_day(HJO, Day(10, 2, 200))
    assert await quotas.days() == {HJO: Day(10, 2, 200), SKARA: Day(20, 3, 300)}

    day = Day(10, 2, 200)
    assert [day.lasts(now_ms) for now_ms in (9, 10, 9 + DAY_MS, day.ends_ms)] == [
        False,
        True,
        True,
        False,
    ]
