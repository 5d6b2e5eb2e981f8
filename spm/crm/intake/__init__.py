"""Intake: upsert by source key. A row is created, updated, unchanged or held; nothing is lost, nothing half-written.

`reading` opens what came in, `duplicates` finds keys that stand twice, `references` finds what names mean, `sorting` decides about
each row, `storing` writes versions. What it does not do: rights, states of uploads, decisions of people (`spm.crm.services`).
"""
