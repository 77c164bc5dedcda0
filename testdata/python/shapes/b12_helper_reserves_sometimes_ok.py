"""A trial run: the helper lets one trial pass at a time, and everybody else where there is no trial."""
import enum


class Mode(enum.Enum):
    NORMAL = "normal"
    TRIAL = "trial"


class Refused(Exception):
    pass


class Gate:
    def __init__(self):
        self._mode = Mode.NORMAL
        self._trial = False

    def suspect(self):
        self._mode = Mode.TRIAL

    def _enter(self):
        if self._mode is Mode.TRIAL:
            if self._trial:
                raise Refused
            self._trial = True
            return True
        return False

    async def run(self, work):
        mine = self._enter()
        try:
            return await work()
        finally:
            if mine:
                self._trial = False
