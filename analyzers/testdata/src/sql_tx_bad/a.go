// Rows read and written back in a transaction that keeps nobody out.
package sql_tx_bad

import (
	"context"
	"database/sql"
	"errors"
)

var errFunds = errors.New("not enough")

const closeWallet = `
	UPDATE wallets
	   SET state = 'closed'
	 WHERE id = ?`

type store struct{ db *sql.DB }

func (s *store) Withdraw(id string, n int64) error {
	tx, err := s.db.Begin()
	if err != nil {
		return err
	}
	defer tx.Rollback()
	var have int64
	if err := tx.QueryRow("SELECT balance FROM wallets WHERE id = ?", id).Scan(&have); err != nil {
		return err
	}
	if have < n {
		return errFunds
	}
	if _, err := tx.Exec("UPDATE wallets SET balance = ? WHERE id = ?", have-n, id); err != nil { // want `stalerecord`
		return err
	}
	return tx.Commit()
}

func (s *store) Close(ctx context.Context, id string) error {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := s.closeIn(ctx, tx, id); err != nil {
		return err
	}
	return tx.Commit()
}

func (s *store) closeIn(ctx context.Context, tx *sql.Tx, id string) error {
	var state string
	row := tx.QueryRowContext(ctx, `
		SELECT state
		  FROM wallets
		 WHERE id = ?`, id)
	if err := row.Scan(&state); err != nil {
		return err
	}
	if state != "open" {
		return errFunds
	}
	_, err := tx.ExecContext(ctx, closeWallet, id) // want `stalerecord`
	return err
}
