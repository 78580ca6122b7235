package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// postgresStore is a [Store] on a server, for several programs at once.
type postgresStore struct {
	*engine
	pool     *pgxpool.Pool
	warnings []string

	listening sync.WaitGroup
	closing   context.Context //nolint:containedctx // it ends with the store, and with it all that listen
	end       context.CancelFunc
}

// OpenPostgres opens the store in a PostgreSQL database, named by a URL or by keywords and values as
// libpq knows them. Several hosts may be named: the one that takes writes is found, also after a failover.
// It returns an error where the server's settings would lose what was acknowledged.
func OpenPostgres(ctx context.Context, url string) (Store, error) {
	config, err := postgresConfig(url)
	if err != nil {
		return nil, err
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDBFromPool(pool)
	s := &postgresStore{pool: pool, engine: &engine{
		reads: db, writes: db, dialect: postgresDialect{pool},
		readOptions: &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true},
	}}
	s.closing, s.end = context.WithCancel(context.WithoutCancel(ctx))
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("open PostgreSQL: %w", err), s.Close())
	}
	return s, nil
}

// CheckPostgres returns an error for an address of a database that can't be right. It does not connect, and
// the error has no password in it.
func CheckPostgres(url string) error {
	_, err := postgresConfig(url)
	return err
}

// longestConnect bounds the time to connect to one host.
const longestConnect = 5 * time.Second

// postgresConfig fills in what the URL leaves open. An error of the parser has no password in it.
func postgresConfig(url string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, err
	}
	if config.ConnConfig.ValidateConnect == nil {
		config.ConnConfig.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	// A host that is gone must not use up the time of a request. Zero means no limit.
	if limit := config.ConnConfig.ConnectTimeout; limit == 0 || limit > longestConnect {
		config.ConnConfig.ConnectTimeout = longestConnect
	}
	config.PingTimeout = 2 * time.Second
	config.AfterConnect = prepareSession
	return config, nil
}

// prepareSession is run on each new connection, since after a failover the server is another one.
func prepareSession(ctx context.Context, c *pgx.Conn) error {
	// A program that locked the revision row and hangs must not keep it, and those that wait for the lock
	// must not wait for ever. After lock_timeout there is no other try.
	if _, err := c.Exec(ctx, `SET lock_timeout = '5s'; SET idle_in_transaction_session_timeout = '15s'`); err != nil {
		return err
	}
	return checkPostgres(ctx, c)
}

// unsafeError says that a server's settings would lose what it acknowledged. Another try does not help.
type unsafeError struct{ setting, got, want string }

// Error is meant for the administrator.
func (e *unsafeError) Error() string {
	return fmt.Sprintf("PostgreSQL has %s = %s, by which writes can be lost: want %s", e.setting, e.got, e.want)
}

func checkPostgres(ctx context.Context, c *pgx.Conn) error {
	for _, setting := range []struct {
		name string
		safe []string
	}{
		{"fsync", []string{"on"}},
		{"full_page_writes", []string{"on"}},
		{"synchronous_commit", []string{"on", "remote_apply"}},
	} {
		var got string
		if err := c.QueryRow(ctx, `SELECT current_setting($1)`, setting.name).Scan(&got); err != nil {
			return err
		}
		if !slices.Contains(setting.safe, got) {
			return &unsafeError{setting.name, got, strings.Join(setting.safe, " or ")}
		}
	}
	return nil
}

func (s *postgresStore) start(ctx context.Context) error {
	return s.retrying(ctx, func() error {
		var checksums string
		if err := s.pool.QueryRow(ctx, `SHOW data_checksums`).Scan(&checksums); err != nil {
			return err
		}
		if checksums != "on" {
			s.warnings = []string{"PostgreSQL runs without data checksums: it does not notice bits that flip on its disk"}
		}
		return s.migrate(ctx)
	})
}

// Warnings are what the server could do better.
func (s *postgresStore) Warnings() []string { return s.warnings }

// Close waits for the listeners.
func (s *postgresStore) Close() error {
	s.end()
	s.listening.Wait()
	err := s.close()
	s.pool.Close()
	return err
}

// postgresDialect is what PostgreSQL does in its own way.
type postgresDialect struct{ pool *pgxpool.Pool }

const channel = "cyclecal_changes"

func (postgresDialect) words(ddl string) string {
	return strings.NewReplacer("INTEGER", "bigint", "BLOB", "bytea", ") WITHOUT ROWID, STRICT", ")", ") STRICT", ")").Replace(ddl)
}

// lockSchema keeps two programs that start from migrating at once.
func (postgresDialect) lockSchema(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_advisory_xact_lock(hashtext('cyclecal schema'))`)
	return err
}

func (postgresDialect) announce(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `SELECT pg_notify($1, '')`, channel)
	return err
}

// again expects that a lost connection, or a server that stops, comes back.
func (d postgresDialect) again(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		d.pool.Reset()
		return true
	}
	switch said.Code {
	case "40001", "40P01": // serialization, deadlock
		return true
	case "25006", "57P01", "57P02", "57P03", "25P03": // read only, shut down, crashed, starting, idle too long
		d.pool.Reset()
		return true
	}
	return strings.HasPrefix(said.Code, "08") // the connection
}
