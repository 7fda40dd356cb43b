package jira

import (
	"strconv"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// field is the place in Issue that a column or custom field belongs to.
type field int

const (
	fieldNone field = iota
	fieldKey
	fieldID
	fieldType
	fieldSummary
	fieldDescription
	fieldStatus
	fieldStatusCategory
	fieldStatusCategoryChanged
	fieldResolution
	fieldPriority
	fieldProjectKey
	fieldProjectName
	fieldProjectType
	fieldProjectLead
	fieldProjectLeadID
	fieldProjectDescription
	fieldProjectURL
	fieldReporter
	fieldReporterID
	fieldCreator
	fieldCreatorID
	fieldAssignee
	fieldAssigneeID
	fieldCreated
	fieldUpdated
	fieldResolved
	fieldStart
	fieldDue
	fieldLabels
	fieldComponents
	fieldFixVersions
	fieldAffectsVersions
	fieldParent
	fieldParentKey
	fieldParentID
	fieldParentSummary
	fieldEpicLink
	fieldEpicName
	fieldSubtasks
	fieldLinkInward
	fieldLinkOutward
	fieldPoints
	fieldEstimate // "Story point estimate", the other points field of Cloud
	fieldSprint
	fieldRank
	fieldFlagged
	fieldOriginal
	fieldRemaining
	fieldSpent
	fieldSumOriginal
	fieldSumRemaining
	fieldSumSpent
	fieldWorklog
	fieldComment
	fieldAttachment
	fieldWatchers
	fieldWatchersID
	fieldVotes
)

// headings: the column names of Jira's CSV, folded (see fold), in English
// (Cloud, Server, the wording of 2025), French, German, Spanish and Portuguese.
var headings = table(map[field]string{
	fieldKey:                   "issue key|work item key|clé de ticket|clé du ticket|clé de demande|vorgangsschlüssel|clave de incidencia|clave de la incidencia|clave|chave da item|chave do item|chave da pendência",
	fieldID:                    "issue id|work item id|id de ticket|id du ticket|id de demande|vorgangs-id|vorgangsid|id de la incidencia|id de incidencia|id da item|id do item|id da pendência",
	fieldType:                  "issue type|work type|work item type|type de ticket|type de demande|vorgangstyp|tipo de incidencia|tipo de item|tipo de pendência",
	fieldSummary:               "summary|résumé|zusammenfassung|resumen|resumo",
	fieldDescription:           "description|beschreibung|descripción|descrição",
	fieldStatus:                "status|état|statut|estado|situação",
	fieldStatusCategory:        "status category|catégorie d'état|catégorie de statut|statuskategorie|categoría de estado|categoría del estado|categoria do status|categoria de status",
	fieldStatusCategoryChanged: "status category changed|catégorie d'état modifiée|statuskategorie geändert|categoría de estado modificada|categoria do status alterada",
	fieldResolution:            "resolution|résolution|lösung|resolución|resolução",
	fieldPriority:              "priority|priorité|priorität|prioridad|prioridade",
	fieldProjectKey:            "project key|clé de projet|clé du projet|projektschlüssel|clave del proyecto|clave de proyecto|chave do projeto",
	fieldProjectName:           "project name|nom du projet|nom de projet|projektname|nombre del proyecto|nome do projeto",
	fieldProjectType:           "project type|type de projet|projekttyp|tipo de proyecto|tipo de projeto",
	fieldProjectLead:           "project lead|chef de projet|responsable de projet|projektleiter|projektleitung|responsable del proyecto|líder do projeto|líder de projeto",
	fieldProjectLeadID:         "project lead id|id de responsable de projet|id de chef de projet|projektleiter-id|projektleitungs-id|id de responsable del proyecto|id do líder do projeto",
	fieldProjectDescription:    "project description|description du projet|description de projet|projektbeschreibung|descripción del proyecto|descrição do projeto",
	fieldProjectURL:            "project url|url du projet|projekt-url|url del proyecto|url do projeto",
	fieldReporter:              "reporter|rapporteur|autor|berichterstatter|informador|informante|relator",
	fieldReporterID:            "reporter id|id de rapporteur|id du rapporteur|autor-id|autoren-id|id de informador|id del informador|id do relator",
	fieldCreator:               "creator|créateur|ersteller|creador|criador",
	fieldCreatorID:             "creator id|id de créateur|id du créateur|ersteller-id|id de creador|id del creador|id do criador",
	fieldAssignee:              "assignee|personne assignée|responsable|attribution|zugewiesene person|bearbeiter|persona asignada|responsável",
	fieldAssigneeID:            "assignee id|id de la personne assignée|id de personne assignée|id der zugewiesenen person|bearbeiter-id|id de la persona asignada|id de persona asignada|id do responsável",
	fieldCreated:               "created|création|créé|créée|date de création|erstellt|creada|creado|criado|criada",
	fieldUpdated:               "updated|mise à jour|mis à jour|aktualisiert|actualizada|actualizado|atualizado|atualizado(a)|atualizada",
	fieldResolved:              "resolved|résolu|résolue|résolution date|erledigt|gelöst|resuelta|resuelto|resolvido|resolvido(a)|resolvida",
	fieldStart:                 "start date|date de début|startdatum|fecha de inicio|data de início",
	fieldDue:                   "due date|due|date d'échéance|échéance|fälligkeitsdatum|fällig|fälligkeit|fecha de vencimiento|data limite|data de vencimento|data para ficar pronto",
	fieldLabels:                "labels|label|étiquettes|étiquette|stichwörter|stichwort|etiquetas|etiqueta",
	fieldComponents:            "component/s|components|component|composants|composant|composant(s)|composante(s)|komponenten|komponente/n|komponente(n)|componentes|componente/s|componente(s)",
	fieldFixVersions:           "fix version/s|fix versions|fix version|version(s) corrigée(s)|versions corrigées|version de correction|versions de correction|lösungsversion/en|lösungsversion(en)|lösungsversionen|versión(es) correctora(s)|versiones corregidas|versão(ões) corrigida(s)|versões corrigidas",
	fieldAffectsVersions:       "affects version/s|affects versions|affected versions|affects version|affecte la/les version(s)|versions affectées|version(s) affectée(s)|betrifft version/en|betrifft version(en)|betroffene versionen|afecta a la(s) versión(es)|versiones afectadas|versões afetadas|afeta versões",
	fieldParent:                "parent|principal|übergeordnet|pai",
	fieldParentKey:             "parent key|parent issue key|parent work item key|clé parent|clé parente|clave principal|übergeordneter schlüssel|chave pai|chave do pai",
	fieldParentID:              "parent id|parent issue id|id parent|id principal|id pai",
	fieldParentSummary:         "parent summary|résumé parent|résumé du parent|resumen principal",
	fieldEpicLink:              "epic link",
	fieldEpicName:              "epic name",
	fieldSubtasks:              "sub-tasks|subtasks|sous-tâches|unteraufgaben|subtareas|subtarefas",
	fieldPoints:                "story points|story point",
	fieldEstimate:              "story point estimate|story points estimate",
	fieldSprint:                "sprint",
	fieldRank:                  "rank",
	fieldFlagged:               "flagged",
	fieldOriginal:              "original estimate|estimation originale|estimation initiale|ursprüngliche schätzung|estimación original|estimativa original",
	fieldRemaining:             "remaining estimate|estimation restante|restliche schätzung|verbleibende schätzung|estimación restante|trabajo restante|estimativa restante",
	fieldSpent:                 "time spent|temps consacré|temps passé|zeitaufwand|benötigte zeit|aufgewendete zeit|tiempo empleado|tiempo trabajado|tempo gasto",
	fieldWorklog:               "log work|worklog",
	fieldComment:               "comment|comments|commentaire|commentaires|kommentar|kommentare|comentario|comentarios|comentário|comentários",
	fieldAttachment:            "attachment|attachments|pièce jointe|pièces jointes|anhang|anhänge|adjunto|adjuntos|archivo adjunto|anexo|anexos",
	fieldWatchers:              "watchers|watcher|observateurs|observateur|beobachter|observadores|seguidores",
	fieldWatchersID:            "watchers id|watcher id|watchers ids|id des observateurs|id d'observateurs|beobachter-id|id de observadores|id de los observadores|id dos observadores",
	fieldVotes:                 "votes|stimmen|votos",
})

// customNames: fields that Jira's own apps add, and whose names sites keep.
var customNames = table(map[field]string{
	fieldPoints:   "story points|[chart] story points",
	fieldEstimate: "story point estimate|story points estimate",
	fieldEpicLink: "epic link|lien d'epic|epos-verknüpfung|enlace de épica|link do épico",
	fieldEpicName: "epic name|nom de l'epic",
	fieldSprint:   "sprint|sprints",
	fieldRank:     "rank|rang|rango|classificação",
	fieldParent:   "parent link",
	fieldFlagged:  "flagged",
	fieldStart:    "start date|date de début|startdatum|fecha de inicio|data de início",
})

// customPrefixes stand before " (name of the field)".
var customPrefixes = set("custom field|custom fields|champs personnalisés|champ personnalisé|benutzerdefinierte felder|benutzerdefiniertes feld|benutzerdefinierte feld|campo personalizado|campos personalizados|campo personalizzato|campi personalizzati")

// A link column says in its prefix that it is a link and which way it goes:
// "Inward issue link (Blocks)", "Outward work item link (Blocks)".
var (
	linkWords    = []string{"link", "lien", "enlace", "vínculo", "verknüpfung", "ligação"}
	inwardWords  = []string{"inward", "entrant", "entrante", "entrada", "eingehend"}
	outwardWords = []string{"outward", "sortant", "saliente", "salida", "saída", "ausgehend"}
)

func table(names map[field]string) map[string]field {
	t := map[string]field{}
	for f, all := range names {
		for _, name := range strings.Split(all, "|") {
			t[name] = f
		}
	}
	return t
}

func set(names string) map[string]bool {
	t := map[string]bool{}
	for _, name := range strings.Split(names, "|") {
		t[name] = true
	}
	return t
}

// fold makes two spellings of a name equal: case, composed accents, kinds of
// space and apostrophe.
func fold(s string) string {
	s = strings.ToLower(s)
	if strings.IndexFunc(s, func(r rune) bool { return r >= 0x80 }) >= 0 {
		s = oneForm.Replace(norm.NFC.String(s))
	}
	return strings.Join(strings.Fields(s), " ")
}

var oneForm = strings.NewReplacer("\uFEFF", "", "\u00a0", " ", "\u202f", " ", "’", "'")

// column is one column of a CSV.
type column struct {
	name string // as in the header
	key  string // in Issue.Custom: without "Custom field (…)"
	arg  string // link columns: the link type
	to   field
}

// recognise says what a header cell means.
func recognise(name string) column {
	c := column{name: strings.TrimSpace(strings.TrimPrefix(name, "\uFEFF"))}
	c.key = c.name
	folded := fold(c.name)
	if f, ok := headings[folded]; ok {
		c.to = f
		return c
	}
	if sum, ok := strings.CutPrefix(folded, "σ "); ok {
		switch headings[sum] {
		case fieldOriginal:
			c.to = fieldSumOriginal
		case fieldRemaining:
			c.to = fieldSumRemaining
		case fieldSpent:
			c.to = fieldSumSpent
		}
		return c
	}
	prefix, inner, ok := strings.Cut(c.name, "(")
	if !ok || !strings.HasSuffix(inner, ")") {
		return c
	}
	prefix, inner = fold(prefix), strings.TrimSpace(strings.TrimSuffix(inner, ")"))
	switch {
	case customPrefixes[prefix]:
		c.to = customNames[fold(inner)]
		if inner != "" {
			c.key = inner
		}
	case hasWord(prefix, linkWords) && hasWord(prefix, inwardWords):
		c.to, c.arg = fieldLinkInward, inner
	case hasWord(prefix, linkWords) && hasWord(prefix, outwardWords):
		c.to, c.arg = fieldLinkOutward, inner
	}
	return c
}

func hasWord(s string, words []string) bool {
	for _, w := range words {
		if strings.Contains(s, w) {
			return true
		}
	}
	return false
}

// header is the meaning of a CSV's first row.
type header struct {
	columns        []column
	key, id        int // -1: no such column
	created        int
	updated, known int
}

func readHeader(cells []string) header {
	h := header{key: -1, id: -1, created: -1, updated: -1}
	plain := map[string]bool{}
	for i, cell := range cells {
		c := recognise(cell)
		if c.name == "" {
			c.name = "Column " + strconv.Itoa(i+1)
			c.key = c.name
		}
		h.columns = append(h.columns, c)
		if c.to != fieldNone {
			h.known++
		}
		if c.key == c.name {
			plain[c.name] = true
		}
		for at, f := range map[*int]field{&h.key: fieldKey, &h.id: fieldID, &h.created: fieldCreated, &h.updated: fieldUpdated} {
			if c.to == f && *at < 0 {
				*at = i
			}
		}
	}
	// "Environment" and "Custom field (Environment)" are two fields.
	for i, c := range h.columns {
		if c.key != c.name && plain[c.key] {
			h.columns[i].key = c.name
		}
	}
	return h
}

// isJira: an issue can be named, and says what it is about.
func (h header) isJira() bool {
	var about bool
	for _, c := range h.columns {
		about = about || c.to == fieldSummary || c.to == fieldType || c.to == fieldStatus
	}
	return (h.key >= 0 || h.id >= 0) && about
}
