"""Loans in PostgreSQL."""
from __future__ import annotations

from dataclasses import dataclass

import asyncpg


@dataclass
class Loan:
    id: int
    state: str
    renewals: int


class LoanRepository:
    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def get(self, loan_id: int) -> Loan | None:
        row = await self._pool.fetchrow("SELECT id, state, renewals FROM loans WHERE id = $1", loan_id)
        return Loan(row["id"], row["state"], row["renewals"]) if row else None

    async def save(self, loan: Loan) -> None:
        await self._pool.execute(
            "UPDATE loans SET state = $2, renewals = $3 WHERE id = $1", loan.id, loan.state, loan.renewals
        )
