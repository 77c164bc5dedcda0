from archive import Archive


class Failing(Archive):
    async def _remove(self, path):
        raise OSError(path)


async def test_close():
    archive = Failing(None)
    archive._removals = set()
    archive.forget("/tmp/a")
    await archive.close()
    assert not archive._removals
