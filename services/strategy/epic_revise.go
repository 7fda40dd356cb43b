package strategy

import (
	"slices"
	"strings"

	"throughline.dev/pkg/es"
)

// EpicRevised says what the epic is called and is about from now on.
type EpicRevised struct {
	Title       string   `json:"title"`
	Description string   `json:"description,omitempty"`
	Kind        EpicKind `json:"kind"`
}

func (e EpicRevised) Evolve(s Epic) Epic {
	s.Title, s.Description, s.Kind = e.Title, e.Description, e.Kind
	return s
}

// EpicOwnerNamed says who the Epic Owner is; empty: nobody.
type EpicOwnerNamed struct {
	Owner es.PersonID `json:"owner,omitempty"`
}

func (e EpicOwnerNamed) Evolve(s Epic) Epic { s.Owner = e.Owner; return s }

// EpicThemeLinked says that the epic serves a theme.
type EpicThemeLinked struct {
	Theme ThemeID `json:"theme"`
}

func (e EpicThemeLinked) Evolve(s Epic) Epic { s.Themes = es.Added(s.Themes, e.Theme); return s }

// EpicThemeUnlinked says that the epic no longer serves a theme.
type EpicThemeUnlinked struct {
	Theme ThemeID `json:"theme"`
}

func (e EpicThemeUnlinked) Evolve(s Epic) Epic { s.Themes = without(s.Themes, e.Theme); return s }

// EpicObjectiveLinked says that the epic serves an objective.
type EpicObjectiveLinked struct {
	Objective ObjectiveID `json:"objective"`
}

func (e EpicObjectiveLinked) Evolve(s Epic) Epic {
	s.Objectives = es.Added(s.Objectives, e.Objective)
	return s
}

// EpicObjectiveUnlinked says that the epic no longer serves an objective.
type EpicObjectiveUnlinked struct {
	Objective ObjectiveID `json:"objective"`
}

func (e EpicObjectiveUnlinked) Evolve(s Epic) Epic {
	s.Objectives = without(s.Objectives, e.Objective)
	return s
}

// EpicValueStreamsNamed carries all value streams that the epic belongs to.
type EpicValueStreamsNamed struct {
	ValueStreams []ValueStreamID `json:"valueStreams,omitempty"`
}

func (e EpicValueStreamsNamed) Evolve(s Epic) Epic { s.ValueStreams = e.ValueStreams; return s }

// EpicBlocked says what keeps the epic from moving on.
type EpicBlocked struct {
	Reason string `json:"reason"`
}

func (e EpicBlocked) Evolve(s Epic) Epic { s.Blocked = e.Reason; return s }

// EpicUnblocked says that the epic may move on.
type EpicUnblocked struct {
	Note string `json:"note,omitempty"`
}

func (EpicUnblocked) Evolve(s Epic) Epic { s.Blocked = ""; return s }

func without[T comparable](ids []T, gone T) []T {
	var left []T
	for _, id := range ids {
		if id != gone {
			left = append(left, id)
		}
	}
	return left
}

// ReviseEpic says anew what an epic is. What is left out stays as it is; an
// empty text or list clears.
type ReviseEpic struct {
	Title        *string          `json:"title,omitempty" minLength:"1" maxLength:"300"`
	Description  *string          `json:"description,omitempty" maxLength:"131072"`
	Kind         EpicKind         `json:"kind,omitempty" enum:"business,enabler"`
	Owner        *es.PersonID     `json:"owner,omitempty" doc:"The Epic Owner."`
	Themes       *[]ThemeID       `json:"themes,omitempty" doc:"All themes the epic serves."`
	ValueStreams *[]ValueStreamID `json:"valueStreams,omitempty" doc:"All value streams the epic belongs to."`
	Facts        EpicFacts        `json:"-"`
}

func (c ReviseEpic) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	now := EpicRevised{s.Title, s.Description, s.Kind}
	if c.Title != nil {
		now.Title = strings.TrimSpace(*c.Title)
	}
	if c.Description != nil {
		now.Description = *c.Description
	}
	if c.Kind != "" {
		now.Kind = c.Kind
	}
	if err := described(now.Title, now.Description, maxImported, now.Kind); err != nil {
		return nil, err
	}
	var happened []es.Event[Epic]
	if now != (EpicRevised{s.Title, s.Description, s.Kind}) {
		happened = append(happened, now)
	}
	if c.Owner != nil && *c.Owner != s.Owner {
		if *c.Owner == "" && s.State != Funnel && s.State != Reviewing {
			return nil, ErrNoEpicOwner
		}
		happened = append(happened, EpicOwnerNamed{*c.Owner})
	}
	if c.Themes != nil {
		relinked, err := s.relink(distinct(*c.Themes), c.Facts)
		if err != nil {
			return nil, err
		}
		happened = append(happened, relinked...)
	}
	if c.ValueStreams != nil && !slices.Equal(distinct(*c.ValueStreams), s.ValueStreams) {
		for _, v := range *c.ValueStreams {
			// One that has been retired since may stay, but not come.
			if slices.Contains(s.ValueStreams, v) {
				continue
			}
			if err := c.Facts.stream("valueStreams", v, s.Portfolio); err != nil {
				return nil, err
			}
		}
		happened = append(happened, EpicValueStreamsNamed{distinct(*c.ValueStreams)})
	}
	return happened, nil
}

// relink makes themes the epic's only ones.
func (s Epic) relink(themes []ThemeID, f EpicFacts) ([]es.Event[Epic], error) {
	var happened []es.Event[Epic]
	for _, t := range themes {
		if slices.Contains(s.Themes, t) {
			continue
		}
		if err := f.theme("themes", t, s.Portfolio); err != nil {
			return nil, err
		}
		happened = append(happened, EpicThemeLinked{t})
	}
	gone := false
	for _, t := range s.Themes {
		if !slices.Contains(themes, t) {
			happened, gone = append(happened, EpicThemeUnlinked{t}), true
		}
	}
	if gone {
		if err := s.keepsTheme(themes, f); err != nil {
			return nil, err
		}
	}
	return happened, nil
}

// keepsTheme refuses to take the last active theme from an active epic. One
// that has none already may lose the others.
func (s Epic) keepsTheme(left []ThemeID, f EpicFacts) error {
	if !s.State.Active() || s.themed(f) != nil {
		return nil
	}
	s.Themes = left
	return s.themed(f)
}

// LinkTheme says that the epic serves a theme.
type LinkTheme struct {
	Theme ThemeID   `json:"theme"`
	Facts EpicFacts `json:"-"`
}

func (c LinkTheme) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if slices.Contains(s.Themes, c.Theme) {
		return nil, nil
	}
	if err := c.Facts.theme("theme", c.Theme, s.Portfolio); err != nil {
		return nil, err
	}
	return es.Happened(EpicThemeLinked{c.Theme})
}

// UnlinkTheme says that the epic no longer serves a theme.
type UnlinkTheme struct {
	Theme ThemeID   `json:"theme"`
	Facts EpicFacts `json:"-"`
}

func (c UnlinkTheme) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if !slices.Contains(s.Themes, c.Theme) {
		return nil, nil
	}
	if err := s.keepsTheme(without(s.Themes, c.Theme), c.Facts); err != nil {
		return nil, err
	}
	return es.Happened(EpicThemeUnlinked{c.Theme})
}

// LinkObjective says that the epic serves an objective.
type LinkObjective struct {
	Objective ObjectiveID `json:"objective"`
	Facts     EpicFacts   `json:"-"`
}

func (c LinkObjective) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if slices.Contains(s.Objectives, c.Objective) {
		return nil, nil
	}
	if err := c.Facts.objective("objective", c.Objective, s.Portfolio); err != nil {
		return nil, err
	}
	return es.Happened(EpicObjectiveLinked{c.Objective})
}

// UnlinkObjective says that the epic no longer serves an objective.
type UnlinkObjective struct {
	Objective ObjectiveID `json:"objective"`
}

func (c UnlinkObjective) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if !slices.Contains(s.Objectives, c.Objective) {
		return nil, nil
	}
	return es.Happened(EpicObjectiveUnlinked{c.Objective})
}

// BlockEpic says what keeps the epic from moving on.
type BlockEpic struct {
	Reason string `json:"reason" minLength:"1" maxLength:"65536"`
}

func (c BlockEpic) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := because(c.Reason); err != nil {
		return nil, err
	}
	if s.Blocked == c.Reason {
		return nil, nil
	}
	return es.Happened(EpicBlocked{c.Reason})
}

// UnblockEpic says that the epic may move on.
type UnblockEpic struct {
	Note string `json:"note,omitempty" maxLength:"65536"`
}

func (c UnblockEpic) Decide(s Epic, _ es.Meta) ([]es.Event[Epic], error) {
	if err := s.open(); err != nil {
		return nil, err
	}
	if err := written("note", c.Note, maxText); err != nil {
		return nil, err
	}
	if s.Blocked == "" {
		return nil, nil
	}
	return es.Happened(EpicUnblocked{c.Note})
}
