package rights

// parts returns the scope's parts from the most to the least specific.
func (s Scope) parts() [5]string {
	return [5]string{s.Team, s.Product, s.ART, s.ValueStream, s.Portfolio}
}

// Contains tells whether what lies in o lies in s: every part that s names is
// named by o with the same id. The empty scope, the organisation, contains
// all. Nothing is known of which team works on which product: a team lies in a
// product only where the scope asked for names both.
func (s Scope) Contains(o Scope) bool {
	mine, other := s.parts(), o.parts()
	for i, p := range mine {
		if p != "" && p != other[i] {
			return false
		}
	}
	return true
}

// weight orders scopes by how specific they are: the most specific part
// counts more than all the wider ones together.
func (s Scope) weight() int {
	w := 0
	for _, p := range s.parts() {
		w <<= 1
		if p != "" {
			w |= 1
		}
	}
	return w
}

// containing yields every scope that contains s: s itself, s with any of its
// parts left out, and last the organisation.
func (s Scope) containing(yield func(Scope) bool) {
	s.without(0, yield)
}

// without yields s with any of its parts from the n-th on left out.
func (s Scope) without(n int, yield func(Scope) bool) bool {
	fields := [...]*string{&s.Team, &s.Product, &s.ART, &s.ValueStream, &s.Portfolio}
	for n < len(fields) && *fields[n] == "" {
		n++
	}
	if n == len(fields) {
		return yield(s)
	}
	if !s.without(n+1, yield) {
		return false
	}
	*fields[n] = ""
	return s.without(n+1, yield)
}

// meet returns the scope of what lies in both, and false when nothing can.
func (s Scope) meet(o Scope) (Scope, bool) {
	possible := true
	one := func(a, b string) string {
		if a != "" && b != "" && a != b {
			possible = false
		}
		if a == "" {
			return b
		}
		return a
	}
	m := Scope{
		Team:        one(s.Team, o.Team),
		Product:     one(s.Product, o.Product),
		ART:         one(s.ART, o.ART),
		ValueStream: one(s.ValueStream, o.ValueStream),
		Portfolio:   one(s.Portfolio, o.Portfolio),
	}
	return m, possible
}
