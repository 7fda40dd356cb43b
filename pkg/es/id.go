package es

import (
	"crypto/rand"
	"crypto/sha256"
	"strings"
	"time"

	"github.com/oklog/ulid/v2"

	"throughline.dev/pkg/fail"
)

// ID names one aggregate of state S: a lower-case ULID of 26 characters.
// From outside it comes only through ParseID or UnmarshalText, which check it.
type ID[S any] string

// Person is somebody who acts. What is known about people is not in the log.
type Person struct{}

// PersonID names a person.
type PersonID = ID[Person]

// Tenant is an organisation. The zero Tenant owns nothing.
type Tenant struct{ id string }

const idLen = 26

// ParseID is the only way from a string to an ID.
func ParseID[S any](s string) (ID[S], error) {
	if !validID(s) {
		return "", fail.Invalid("id", "an id is 26 characters of 0-9 and a-z, not %s", quote(s))
	}
	return ID[S](s), nil
}

// ParseTenant is the only way from a string to a Tenant.
func ParseTenant(s string) (Tenant, error) {
	if !validID(s) {
		return Tenant{}, fail.Invalid("tenant", "an organisation's id is 26 characters of 0-9 and a-z, not %s", quote(s))
	}
	return Tenant{s}, nil
}

func validID(s string) bool {
	if len(s) != idLen {
		return false
	}
	for i := range len(s) {
		if c := s[i]; (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// quote shortens what came from outside before it is shown again.
func quote(s string) string {
	if len(s) > 40 {
		s = s[:40] + "…"
	}
	return `"` + strings.ToValidUTF8(s, "?") + `"`
}

// NewID makes a fresh id, ordered by time.
func NewID[S any]() ID[S] { return ID[S](newULID()) }

// NewTenant makes a fresh organisation id.
func NewTenant() Tenant { return Tenant{newULID()} }

func newULID() string {
	return strings.ToLower(ulid.MustNew(ulid.Timestamp(time.Now()), rand.Reader).String())
}

// DeriveID makes the id that the same parts always give, so that a command
// sent twice, or a row imported twice, means the same aggregate.
func DeriveID[S any](parts ...string) ID[S] {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	var u ulid.ULID
	copy(u[:], h.Sum(nil))
	u[0] &= 0x7f
	return ID[S](strings.ToLower(u.String()))
}

func (id ID[S]) String() string { return string(id) }

// MarshalText writes the id as it is.
func (id ID[S]) MarshalText() ([]byte, error) { return []byte(id), nil }

// UnmarshalText accepts an id or nothing.
func (id *ID[S]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ""
		return nil
	}
	parsed, err := ParseID[S](string(b))
	*id = parsed
	return err
}

func (t Tenant) String() string { return t.id }

// MarshalText writes the tenant's id.
func (t Tenant) MarshalText() ([]byte, error) { return []byte(t.id), nil }

// UnmarshalText accepts a tenant's id.
func (t *Tenant) UnmarshalText(b []byte) error {
	parsed, err := ParseTenant(string(b))
	*t = parsed
	return err
}
