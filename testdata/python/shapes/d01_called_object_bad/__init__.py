"""Uploads."""
from .service import Uploads

__all__ = ["Uploads"]
