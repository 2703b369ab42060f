"""Facts that try the files of a log, and what makes two logs the same."""

WARSAW = "Europe/Warsaw"

RICH = [
    {"lead": 'ä,"1"', "occurred_at": "2026-03-13", "kind": "created", "type": "chat", "note": "a\nb"},
    {"lead": "B", "occurred_at": "2026-03-13 12:00:00.25", "kind": "attempted", "by": "ana"},
    {"lead": "B", "occurred_at": "2026-03-13 13:00", "kind": "attempted", "seconds": "0", "human": "no"},
    {"lead": "B", "occurred_at": "2026-03-13 14:00", "kind": "attempted", "direction": "inbound"},
    {"lead": "B", "occurred_at": "2026-03-13 15:00", "kind": "won", "amount": "-12.3456"},
    {"lead": "B", "occurred_at": "2026-03-13 16:00", "kind": "won", "recorded_at": "2026-03-14 10:00"},
    {"lead": "B", "occurred_at": "2026-03-13 17:00", "kind": "accepted", "silent": "yes"},
    {"lead": "B", "occurred_at": "2026-03-13 18:00", "kind": "returned", "to": "re-engage",
     "not_before": "2026-04-13", "reason": "no_time", "source_id": "7", "system": "crm"},
    {"lead": "สมชาย", "occurred_at": "2026-03-13 18:00", "kind": "handed_over", "owner": "ana", "by": "mia"},
    {"account": "Acme", "occurred_at": "2026-03-13 18:00", "kind": "engaged", "what": "visit"},
]  # fmt: skip


def same(one, other):
    for name in ("starts", "at", "recorded_at", "kind", "amount", "flags"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist(), name
    assert list(one.facts()) == list(other.facts())
    if one.accounts is not None:
        same(one.accounts, other.accounts)
