"""Analytics: what students do, and what it says about them."""
