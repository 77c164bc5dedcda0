"""The store writes only what is still as it was read, and says so; then it is read again."""
import copy


class TicketService:
    def __init__(self, ticket_repository):
        self._tickets_repository = ticket_repository

    async def claim(self, ticket_id, who):
        while True:
            ticket = await self._tickets_repository.get(ticket_id)
            if ticket.assignee is not None:
                return False
            before = copy.copy(ticket)
            ticket.assignee = who
            if await self._tickets_repository.update_if_unchanged(ticket, before):
                return True

    async def release(self, ticket_id, who):
        ticket = await self._tickets_repository.get(ticket_id)
        if ticket.assignee != who:
            return False
        return await self._tickets_repository.compare_and_set(ticket_id, assignee=None)
