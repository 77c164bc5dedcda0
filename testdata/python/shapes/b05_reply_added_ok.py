"""A conversation: the reply to what was said so far is added to what has been said meanwhile."""


class Conversation:
    def __init__(self, model):
        self._model = model
        self._turns = []

    async def say(self, text):
        self._turns.append(("user", text))
        reply = await self._model.complete(list(self._turns))
        self._turns.append(("model", reply))
        return reply

    def start_over(self):
        self._turns = []
