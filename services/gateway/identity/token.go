package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash/crc32"
	"slices"
	"strings"
	"time"

	"throughline.dev/pkg/es"
	"throughline.dev/pkg/fail"
)

// Scope says what a token may do. Each includes the one before.
type Scope string

// The scopes of a token.
const (
	Read  Scope = "read"
	Write Scope = "write"
	Admin Scope = "admin"
)

// MaxTokenLife is the longest that a token may live.
const MaxTokenLife = 365 * 24 * time.Hour

// Token is what is kept of an API token: its hash, never its secret.
type Token struct {
	ID      string      `json:"id"`
	Hash    string      `json:"hash"`
	Tenant  es.Tenant   `json:"tenant"`
	Person  es.PersonID `json:"person"`
	Name    string      `json:"name"`
	Scope   Scope       `json:"scope"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
}

// Session is somebody who signed in with a browser.
type Session struct {
	Tenant  es.Tenant   `json:"tenant"`
	Person  es.PersonID `json:"person"`
	Created time.Time   `json:"created"`
	Expires time.Time   `json:"expires"`
}

// SessionLife is how long somebody stays signed in.
const SessionLife = 12 * time.Hour

// ErrNotSignedIn is every reason why a token or a session does not count: the
// sender learns no more.
var ErrNotSignedIn = fail.Forbidden("this token or session is not valid; sign in again or ask an administrator for a new token")

// The secret has 32 random bytes, so a fast hash of it is safe to keep.
var encoding = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

func random(n int) string {
	b := make([]byte, n)
	if _, err := rand.Read(b); err != nil {
		panic(err) // crypto/rand does not fail
	}
	return encoding.EncodeToString(b)
}

func hash(secret string) string {
	h := sha256.Sum256([]byte(secret))
	return hex.EncodeToString(h[:])
}

func checksum(s string) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE([]byte(s))) }

// IssueToken makes a token tl_<id>_<secret><checksum> for a person and returns
// it; it is never shown again.
func (d *Directory) IssueToken(ctx context.Context, t es.Tenant, person es.PersonID, name string, scope Scope, life time.Duration) (string, Token, error) {
	if !slices.Contains([]Scope{Read, Write, Admin}, scope) {
		return "", Token{}, fail.Invalid("scope", "a scope is read, write or admin, not %q", scope)
	}
	if life <= 0 || life > MaxTokenLife {
		return "", Token{}, fail.Invalid("expires", "a token lives at most %d days", int(MaxTokenLife.Hours()/24))
	}
	p, ok := d.Person(t, person)
	if !ok || p.Imported {
		return "", Token{}, fail.NotFound("person who can sign in", person.String())
	}
	if scope == Admin && !p.Admin {
		return "", Token{}, fail.Invalid("scope", "%s is no administrator", p.Name)
	}
	now := time.Now().UTC()
	tok := Token{ID: random(5), Tenant: t, Person: person, Name: name, Scope: scope, Created: now, Expires: now.Add(life)}
	body := "tl_" + tok.ID + "_" + random(32)
	secret := body + checksum(body)
	tok.Hash = hash(secret)
	if err := d.put(ctx, "token."+tok.ID, tok); err != nil {
		return "", Token{}, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tokens[tok.ID] = tok
	return secret, tok, nil
}

// Authenticate returns the token that a secret belongs to, or ErrNotSignedIn.
func (d *Directory) Authenticate(secret string, now time.Time) (Token, error) {
	parts := strings.Split(secret, "_")
	if len(secret) > 200 || len(parts) != 3 || parts[0] != "tl" || len(parts[2]) < 8 {
		return Token{}, ErrNotSignedIn
	}
	d.mu.RLock()
	tok, ok := d.tokens[parts[1]]
	d.mu.RUnlock()
	if !ok || subtle.ConstantTimeCompare([]byte(hash(secret)), []byte(tok.Hash)) != 1 || now.After(tok.Expires) {
		return Token{}, ErrNotSignedIn
	}
	if _, ok := d.Person(tok.Tenant, tok.Person); !ok {
		return Token{}, ErrNotSignedIn
	}
	return tok, nil
}

// Tokens returns an organisation's tokens, newest first.
func (d *Directory) Tokens(t es.Tenant) []Token {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var all []Token
	for _, tok := range d.tokens {
		if tok.Tenant == t {
			all = append(all, tok)
		}
	}
	slices.SortFunc(all, func(a, b Token) int { return b.Created.Compare(a.Created) })
	return all
}

// RevokeToken ends a token of this organisation at once.
func (d *Directory) RevokeToken(ctx context.Context, t es.Tenant, id string) error {
	d.mu.RLock()
	tok, ok := d.tokens[id]
	d.mu.RUnlock()
	if !ok || tok.Tenant != t {
		return fail.NotFound("token", id)
	}
	if err := d.remove(ctx, "token."+id); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.tokens, id)
	return nil
}

// StartSession signs a person in and returns the session's secret.
func (d *Directory) StartSession(ctx context.Context, t es.Tenant, person es.PersonID) (string, error) {
	if p, ok := d.Person(t, person); !ok || p.Imported {
		return "", ErrNotSignedIn
	}
	secret := random(32)
	now := time.Now().UTC()
	s := Session{Tenant: t, Person: person, Created: now, Expires: now.Add(SessionLife)}
	if err := d.put(ctx, "session."+hash(secret), s); err != nil {
		return "", err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sessions[hash(secret)] = s
	return secret, nil
}

// Session returns the session that a secret belongs to, or ErrNotSignedIn.
func (d *Directory) Session(secret string, now time.Time) (Session, error) {
	d.mu.RLock()
	s, ok := d.sessions[hash(secret)]
	d.mu.RUnlock()
	if !ok || now.After(s.Expires) {
		return Session{}, ErrNotSignedIn
	}
	return s, nil
}

// EndSession signs out.
func (d *Directory) EndSession(ctx context.Context, secret string) error {
	if err := d.remove(ctx, "session."+hash(secret)); err != nil {
		return err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.sessions, hash(secret))
	return nil
}
