package sql_bad

import (
	"context"
	"database/sql"
	"errors"
	"strings"
)

var errUsed = errors.New("used")

type coupons struct{ db *sql.DB }

// A row is added because there was none: two callers add two.
func (c *coupons) Redeem(ctx context.Context, code string, customer int64) error {
	var n int
	if err := c.db.QueryRowContext(ctx, `SELECT count(*) FROM redemptions WHERE code = $1`, code).Scan(&n); err != nil {
		return err
	}
	if n > 0 {
		return errUsed
	}
	_, err := c.db.ExecContext(ctx, `INSERT INTO redemptions (code, customer) VALUES ($1, $2)`, code, customer) // want `checkthenact`
	return err
}

// Whether there was one is asked in another method, by the error.
func (c *coupons) used(ctx context.Context, code string) (bool, error) {
	var id int64
	err := c.db.QueryRowContext(ctx, `SELECT id FROM redemptions WHERE code = $1`, code).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	return true, err
}

func (c *coupons) add(ctx context.Context, code string, customer int64) error {
	_, err := c.db.ExecContext(ctx, `INSERT INTO redemptions (code, customer) VALUES ($1, $2)`, code, customer)
	return err
}

func (c *coupons) RedeemBy(ctx context.Context, code string, customer int64) error {
	used, err := c.used(ctx, code)
	if err != nil || used {
		return err
	}
	return c.add(ctx, code, customer) // want `checkthenact`
}

// The statement settles it.
func (c *coupons) falseAlarmSettled(ctx context.Context, code string) error {
	if used, err := c.used(ctx, code); err != nil || used {
		return err
	}
	_, err := c.db.ExecContext(ctx, `INSERT INTO redemptions (code) VALUES ($1) ON CONFLICT DO NOTHING`, code)
	return err
}

func isDuplicate(err error) bool { return err != nil && strings.Contains(err.Error(), "duplicate") }

// Who adds the second row is told so.
func (c *coupons) falseAlarmTold(ctx context.Context, code string) error {
	if used, err := c.used(ctx, code); err != nil || used {
		return err
	}
	_, err := c.db.ExecContext(ctx, `INSERT INTO redemptions (code) VALUES ($1)`, code)
	if isDuplicate(err) {
		return errUsed
	}
	return err
}

// The connection may have failed, but whether there was a row is not asked.
func (c *coupons) falseAlarmLog(ctx context.Context, code string) error {
	var n int
	if err := c.db.QueryRowContext(ctx, `SELECT count(*) FROM redemptions WHERE code = $1`, code).Scan(&n); err != nil {
		return err
	}
	_, err := c.db.ExecContext(ctx, `INSERT INTO redemptions (code) VALUES ($1)`, code)
	return err
}

const schema = `
CREATE TABLE IF NOT EXISTS labels (id integer, name text NOT NULL UNIQUE);
`

// Of a table that is declared to have no two rows alike, the second is refused.
func (c *coupons) falseAlarmUnique(ctx context.Context, name string) error {
	var n int
	if err := c.db.QueryRowContext(ctx, `SELECT count(*) FROM labels WHERE name = $1`, name).Scan(&n); err != nil || n > 0 {
		return err
	}
	_, err := c.db.ExecContext(ctx, `INSERT INTO labels (name) VALUES ($1)`, name)
	return err
}

type wallet struct {
	ID      int64
	Owner   string
	Balance int64
}

func (c *coupons) wallet(ctx context.Context, id int64) (*wallet, error) {
	w := &wallet{ID: id}
	if err := c.db.QueryRowContext(ctx, `SELECT owner, balance FROM wallets WHERE id = ?`, id).Scan(&w.Owner, &w.Balance); err != nil {
		return nil, err
	}
	return w, nil
}

func (c *coupons) save(ctx context.Context, w *wallet) error {
	_, err := c.db.ExecContext(ctx, `UPDATE wallets SET owner = ?, balance = ? WHERE id = ?`, w.Owner, w.Balance, w.ID)
	return err
}

// A record that is read by one method, changed, and written back by another.
func (c *coupons) Deposit(ctx context.Context, id, amount int64) error {
	w, err := c.wallet(ctx, id)
	if err != nil {
		return err
	}
	w.Balance += amount
	return c.save(ctx, w) // want `stalerecord`
}

// The key is not the last argument.
func (c *coupons) Spend(ctx context.Context, id, amount int64) error {
	w, err := c.wallet(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.db.ExecContext(ctx, `UPDATE wallets SET balance = $2 WHERE id = $1`, w.ID, w.Balance-amount) // want `stalerecord`
	return err
}

// Only its name is used of what was read.
func (c *coupons) falseAlarmTouched(ctx context.Context, id int64, at string) error {
	w, err := c.wallet(ctx, id)
	if err != nil {
		return err
	}
	_, err = c.db.ExecContext(ctx, `UPDATE wallets SET seen = ? WHERE id = ?`, at, w.ID)
	return err
}
