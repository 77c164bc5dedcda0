"""A record saves only the fields that it names, but what it puts there was computed from what was read."""
from tortoise.models import Model


class Post(Model):
    pass


async def like(post_id):
    post = await Post.get(id=post_id)
    post.likes += 1  # BAD: stalerecord @like
    await post.save(update_fields=["likes"])  # BAD: stalerecord @like
