package importer

import (
	"slices"
	"strings"

	"throughline.dev/services/backlog"
	"throughline.dev/services/gateway/jira"
)

// kindOf says what an issue becomes by Jira's hierarchy level and its type: an
// initiative a capability, an epic a feature, a bug a bug, a sub-task a task,
// everything else a story. sub is a sub-task, which needs a second look.
func kindOf(i jira.Issue) (k backlog.Kind, sub bool) {
	level := 0
	if i.TypeLevel != nil {
		level = *i.TypeLevel
	}
	switch {
	case i.Subtask || i.Kind == "subtask" || level < 0:
		return backlog.Task, true
	case level > 1:
		return backlog.Capability, false
	case level == 1:
		return backlog.Feature, false
	case i.Kind == "bug":
		return backlog.Bug, false
	}
	return backlog.Story, false
}

// What a resolution or a status that ends an issue without its being done
// contains, in lower case; statuses only as whole names.
var (
	droppedResolutions = []string{"won't", "wont ", "will not", "duplicate", "cannot reproduce", "can't reproduce", "unable to reproduce",
		"not reproducible", "invalid", "incomplete", "rejected", "declined", "abandoned", "obsolete", "cancelled", "canceled", "not a bug",
		"not an issue", "by design", "works as", "needs more info", "not our bug", "outdated", "withdrawn", "out of scope", "hold",
		"doublon", "annulé", "ne sera pas", "invalide", "rejeté", "duplikat", "abgebrochen", "ungültig", "wird nicht", "duplicado",
		"cancelado", "inválido", "rechazado", "rejeitado"}
	droppedStatuses = []string{"cancelled", "canceled", "won't do", "won't fix", "wont do", "wont fix", "rejected", "declined", "abandoned",
		"obsolete", "duplicate", "invalid", "withdrawn", "annulé", "annulée", "annulé(e)", "abgebrochen", "abgelehnt", "cancelado", "cancelada",
		"rechazado", "rejeitado"}
	reviewStatuses  = []string{"review", "verif", "test", "qa", "revue", "prüfung", "revisión", "revisão"}
	queuedStatuses  = []string{"ready", "selected for development", "approved", "accepted", "prêt", "bereit", "listo para", "pronto para"}
	analyseStatuses = []string{"analy", "discovery", "refin", "investigat", "design"}
)

func plainly(s string) string {
	return strings.ReplaceAll(strings.ToLower(strings.TrimSpace(s)), "’", "'")
}

func contains(s string, words []string) bool {
	s = plainly(s)
	return s != "" && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
}

// categoryOf is Jira's status category; where it is not known, an issue with a
// resolution is done and any other to do.
func categoryOf(i jira.Issue) (category string, known bool) {
	switch {
	case i.StatusCategory != "":
		return i.StatusCategory, true
	case slices.Contains(droppedStatuses, plainly(i.Status)):
		return "done", true
	case i.Resolution != "" && !unresolved(i.Resolution), !i.Resolved.IsZero():
		return "done", true
	}
	return "todo", i.Status == ""
}

func unresolved(resolution string) bool {
	return slices.Contains([]string{"unresolved", "non résolu", "non résolue", "nicht erledigt", "sin resolver", "não resolvido"}, plainly(resolution))
}

func closed(i jira.Issue) bool { c, _ := categoryOf(i); return c == "done" }

// stateOf says where an issue stands in the workflow of its kind. The name of
// its status is kept beside it.
func stateOf(k backlog.Kind, i jira.Issue) backlog.State {
	category, _ := categoryOf(i)
	if category == "done" {
		if contains(i.Resolution, droppedResolutions) || slices.Contains(droppedStatuses, plainly(i.Status)) {
			return backlog.Cancelled
		}
		return backlog.Done
	}
	art := k == backlog.Capability || k == backlog.Feature
	switch {
	case category == "doing" && art:
		return backlog.Implementing
	case category == "doing" && k == backlog.Task:
		return backlog.Doing
	case category == "doing" && contains(i.Status, reviewStatuses):
		return backlog.Review
	case category == "doing":
		return backlog.InProgress
	case k == backlog.Task:
		return backlog.ToDo
	case contains(i.Status, queuedStatuses) && !art && inSprint(i):
		return backlog.Planned
	case contains(i.Status, queuedStatuses):
		return backlog.Ready
	case art && contains(i.Status, analyseStatuses):
		return backlog.Analyzing
	case art:
		return backlog.Funnel
	case inSprint(i):
		return backlog.Planned
	}
	return backlog.Draft
}

// inSprint tells whether an open issue is in a sprint that is not over. A CSV
// does not say how a sprint stands; then the last one counts.
func inSprint(i jira.Issue) bool {
	n := len(i.Sprints)
	return n > 0 && i.Sprints[n-1].State != "closed"
}
