"""The store compares before it puts the item back, or computes it."""


class Wallets:
    def __init__(self, table):
        self._table = table

    async def earn(self, owner, coins):
        answer = await self._table.get_item(Key={"owner": owner})
        item = answer["Item"]
        changed = {"owner": owner, "coins": item["coins"] + coins, "version": item["version"] + 1}
        await self._table.put_item(Item=changed, ConditionExpression="version = :v", ExpressionAttributeValues={":v": item["version"]})

    async def earn_there(self, owner, coins):
        await self._table.update_item(Key={"owner": owner}, UpdateExpression="ADD coins :n", ExpressionAttributeValues={":n": coins})

    async def create(self, owner):
        await self._table.put_item(Item={"owner": owner, "coins": 0})
