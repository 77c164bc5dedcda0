"""Renews loans."""
from .repository import LoanRepository


class NotRenewable(Exception):
    pass


class LoanService:
    def __init__(self, loans: LoanRepository, limit: int = 3) -> None:
        self._loans = loans
        self._limit = limit

    async def renew(self, loan_id: int) -> int:
        loan = await self._loans.get(loan_id)
        if loan is None or loan.state != "out" or loan.renewals >= self._limit:
            raise NotRenewable(loan_id)
        loan.renewals += 1
        await self._loans.save(loan)  # BAD: stalerecord
        return loan.renewals

    async def state(self, loan_id: int) -> str:
        loan = await self._loans.get(loan_id)
        return loan.state if loan else "unknown"
