"""Records that save themselves: one is read and saved, one is locked, one is left to the database."""
from tortoise.expressions import F
from tortoise.models import Model


class Wallet(Model):
    balance: int
    frozen: bool


class Overdrawn(Exception):
    pass


class Wallets:
    async def pay(self, wallet_id: int, amount: int) -> int:
        wallet = await Wallet.get(id=wallet_id)
        if wallet.balance < amount:
            raise Overdrawn(wallet_id)
        wallet.balance -= amount
        await wallet.save()  # BAD: stalerecord
        return wallet.balance

    async def pay_locked(self, wallet_id: int, amount: int) -> int:
        wallet = await Wallet.select_for_update().get(id=wallet_id)
        if wallet.balance < amount:
            raise Overdrawn(wallet_id)
        wallet.balance -= amount
        await wallet.save()
        return wallet.balance

    async def top_up(self, wallet_id: int, amount: int) -> None:
        await Wallet.filter(id=wallet_id).update(balance=F("balance") + amount)

    async def frozen(self, wallet_id: int) -> bool:
        wallet = await Wallet.get(id=wallet_id)
        return wallet.frozen
