"""An item of a table is put back as it was computed from a copy."""


class Wallets:
    def __init__(self, table):
        self._table = table

    async def earn(self, owner, coins):
        answer = await self._table.get_item(Key={"owner": owner})
        total = answer["Item"]["coins"] + coins
        await self._table.put_item(Item={"owner": owner, "coins": total})  # BAD: stalerecord
        return total
