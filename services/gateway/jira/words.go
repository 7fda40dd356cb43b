package jira

// kinds: the issue types that Jira comes with, by their translated names.
var kinds = words(map[string]string{
	"epic":        "epic|épopée|epos|épica|épico",
	"story":       "story|user story|récit|récit utilisateur|histoire|historia|historia de usuario|história|user-story",
	"task":        "task|tâche|aufgabe|tarea|tarefa",
	"bug":         "bug|defect|bogue|anomalie|fehler|error|erro|defeito",
	"subtask":     "sub-task|subtask|sous-tâche|unteraufgabe|teilaufgabe|subtarea|sub-tarea|subtarefa|sub-tarefa|technical task",
	"feature":     "feature|new feature|fonctionnalité|nouvelle fonctionnalité|neue funktion|funktion|nueva función|función|nova funcionalidade|funcionalidade|recurso",
	"improvement": "improvement|amélioration|verbesserung|mejora|melhoria",
	"initiative":  "initiative|iniciativa",
})

// categories: Jira's three status categories by their keys and translations.
var categories = words(map[string]string{
	"todo":  "new|to do|todo|à faire|a faire|zu erledigen|aufgaben|por hacer|tareas por hacer|a fazer|itens pendentes|tarefas pendentes",
	"doing": "indeterminate|in progress|en cours|in arbeit|in bearbeitung|en curso|em andamento|em progresso",
	"done":  "done|complete|terminé|terminé(e)|terminée|fertig|erledigt|listo|hecho|finalizado|finalizada|concluído|concluídos|itens concluídos|feito",
})

// defaultStatuses: the category of the statuses in Jira's own workflows, for
// exports without the category column.
var defaultStatuses = words(map[string]string{
	"todo":  "open|reopened|backlog|selected for development|ouvert|ouverte|rouvert|rouverte|offen|erneut geöffnet|abierta|abierto|reabierta|aberto|aberta|reaberto",
	"doing": "in review|under review|in development|en revue",
	"done":  "closed|resolved|fermé|fermée|résolu|résolue|geschlossen|gelöst|cerrada|cerrado|resuelta|resuelto|fechado|fechada|resolvido|resolvida",
})

func words(names map[string]string) map[string]string {
	t := map[string]string{}
	for word, all := range names {
		for name := range set(all) {
			t[name] = word
		}
	}
	return t
}

// finish derives what follows from the words of the issue itself.
func (i *Issue) finish() {
	i.Kind = kinds[fold(i.Type)]
	switch {
	case i.Subtask:
		i.Kind = "subtask"
	case i.Kind == "subtask":
		i.Subtask = true
	}
	if i.TypeLevel == nil {
		level := 0
		switch i.Kind {
		case "":
			return
		case "epic":
			level = 1
		case "initiative":
			level = 2
		case "subtask":
			level = -1
		}
		i.TypeLevel = &level
	}
}

// category of a status; told is what the export itself says.
func category(told, status string) string {
	if c := categories[fold(told)]; c != "" {
		return c
	}
	s := fold(status)
	if c := categories[s]; c != "" {
		return c
	}
	return defaultStatuses[s]
}
