"""A record saves only the fields that it names, and what it puts there was not read from it."""
from tortoise.models import Model


class Post(Model):
    pass


async def retitle(post_id, title):
    post = await Post.get(id=post_id)
    post.title = title.strip()
    await post.save(update_fields=["title"])
