// Rows that the transaction, or the statement itself, keeps as they were read.
package sql_tx_ok

import (
	"context"
	"database/sql"
	"errors"
)

var errFunds = errors.New("not enough")

type store struct{ db *sql.DB }

func (s *store) Locked(ctx context.Context, id string, n int64) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have int64
	if err := tx.QueryRowContext(ctx, "SELECT balance FROM wallets WHERE id = $1 FOR UPDATE", id).Scan(&have); err != nil {
		return err
	}
	if have < n {
		return errFunds
	}
	if _, err := tx.ExecContext(ctx, "UPDATE wallets SET balance = $1 WHERE id = $2", have-n, id); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *store) Serializable(ctx context.Context, id string, n int64) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have int64
	if err := tx.QueryRowContext(ctx, "SELECT balance FROM wallets WHERE id = $1", id).Scan(&have); err != nil {
		return err
	}
	if have < n {
		return errFunds
	}
	if _, err := tx.ExecContext(ctx, "UPDATE wallets SET balance = $1 WHERE id = $2", have-n, id); err != nil {
		return err
	}
	return tx.Commit()
}

// Whoever began the transaction knows its isolation.
func Rename(tx *sql.Tx, id, name string) error {
	var old string
	if err := tx.QueryRow("SELECT name FROM wallets WHERE id = $1", id).Scan(&old); err != nil || old == name {
		return err
	}
	_, err := tx.Exec("UPDATE wallets SET name = $1 WHERE id = $2", name, id)
	return err
}

// The condition stands on a line of its own.
func (s *store) Conditional(id, name string) error {
	var old string
	if err := s.db.QueryRow("SELECT name FROM wallets WHERE id = $1", id).Scan(&old); err != nil || old == name {
		return err
	}
	_, err := s.db.Exec(`UPDATE wallets
		SET name = $1
		WHERE id = $2
		AND name = $3`, name, id, old)
	return err
}
