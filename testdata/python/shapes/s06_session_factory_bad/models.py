"""Tables."""
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    pass


class Voucher(Base):
    __tablename__ = "vouchers"
    code: Mapped[str] = mapped_column(primary_key=True)
    redeemed: Mapped[bool] = mapped_column(default=False)
    redeemed_by: Mapped[str | None]
