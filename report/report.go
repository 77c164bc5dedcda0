// Package report holds what toctou found: findings and the audit around them, as plain data.
//
// It is the spine of the tool: analysers fill it, renderers read it, and its JSON form can be
// stored and rendered later. It imports the standard library only, prints nothing, and decides
// nothing: every figure and sentence in it was computed before.
package report

// Schema is the version of the JSON form. It changes when a field changes its meaning or goes away.
const Schema = "https://toctou-lint.github.io/schema/audit-1.json"

// Severity says how bad the consequence is; it says nothing about certainty.
type Severity string

const (
	Critical Severity = "critical"
	High     Severity = "high"
	Medium   Severity = "medium"
	Low      Severity = "low"
	Info     Severity = "info"
)

// Confidence says how sure it is that two actors meet; it says nothing about harm.
type Confidence string

const (
	Sure     Confidence = "high"
	Likely   Confidence = "medium"
	Doubtful Confidence = "low"
)

// Window states.
const (
	WindowOpen   = "open"
	WindowLatent = "latent"
)

// Step kinds.
const (
	StepCheck   = "check"
	StepExpiry  = "expiry"
	StepAct     = "act"
	StepWriter  = "writer"
	StepSpawn   = "spawn"
	StepRelated = "related"
)

// Step is one place in the code that a finding speaks of.
type Step struct {
	Kind      string `json:"kind"`
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"` // 1-based, in bytes
	EndLine   int    `json:"endLine,omitempty"`
	EndColumn int    `json:"endColumn,omitempty"` // exclusive
	Function  string `json:"function,omitempty"`
	Label     string `json:"label"`
}

// Turn is one move of the interleaving: who does what, and what is true afterwards.
type Turn struct {
	Actor string `json:"actor"`           // "A" or "B"
	Text  string `json:"text"`            // what the actor does
	State string `json:"state,omitempty"` // what holds afterwards
	File  string `json:"file,omitempty"`
	Line  int    `json:"line,omitempty"`
}

// Edit replaces a range of source text. Lines and columns are 1-based, columns in bytes, the end
// exclusive; an empty range inserts.
type Edit struct {
	File      string `json:"file"`
	Line      int    `json:"line"`
	Column    int    `json:"column"`
	EndLine   int    `json:"endLine"`
	EndColumn int    `json:"endColumn"`
	NewText   string `json:"newText"`
}

// Remedy is a recommended change, as code.
type Remedy struct {
	Title string   `json:"title"`          // what the change does, in one line
	File  string   `json:"file,omitempty"` // where Code belongs
	Line  int      `json:"line,omitempty"` // the number of its first line
	Code  string   `json:"code,omitempty"` // the code after the change
	Why   []string `json:"why,omitempty"`  // why it works
	Edits []Edit   `json:"edits,omitempty"`
}

// Suppression records that a finding was silenced on purpose.
type Suppression struct {
	Reason string `json:"reason"`
	File   string `json:"file"`
	Line   int    `json:"line"`
}

// Finding is one defect: exactly one primary location, one rule, one consequence.
type Finding struct {
	Rule        string       `json:"rule"`
	Language    string       `json:"language"`
	Window      *string      `json:"window"` // "open", "latent" or null
	Severity    Severity     `json:"severity"`
	Confidence  Confidence   `json:"confidence"`
	Consequence string       `json:"consequence"`
	File        string       `json:"file"`
	Line        int          `json:"line"`
	Column      int          `json:"column"` // 1-based, in bytes
	EndLine     int          `json:"endLine,omitempty"`
	EndColumn   int          `json:"endColumn,omitempty"`
	Function    string       `json:"function"`
	Place       string       `json:"place,omitempty"`
	Message     string       `json:"message"` // the title; says what is wrong, never what to do
	Steps       []Step       `json:"steps,omitempty"`
	Notes       []string     `json:"notes,omitempty"`    // what happens, who else writes
	Scenario    []Turn       `json:"scenario,omitempty"` // the interleaving
	Impact      []string     `json:"impact,omitempty"`
	RootCause   string       `json:"rootCause,omitempty"`
	Fix         string       `json:"fix,omitempty"` // the recommended fix in words
	Remedy      *Remedy      `json:"remedy,omitempty"`
	Group       string       `json:"group,omitempty"`
	Fingerprint string       `json:"fingerprint"`
	Also        []string     `json:"also,omitempty"` // rules that would have reported the same defect
	Suppressed  *Suppression `json:"suppressed,omitempty"`
}

// Skipped is a file that was not analysed, and why.
type Skipped struct {
	File   string `json:"file"`
	Reason string `json:"reason"`
}

// Partial is a function that was analysed only in part, and why.
type Partial struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
	Reason   string `json:"reason"`
}

// Service is one deployable part of the project.
type Service struct {
	Name  string `json:"name"`
	Dir   string `json:"dir"`
	Files int    `json:"files"`
}

// TaskUse is one place where a task is created, what becomes of it, and why that is all right or not.
type TaskUse struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function"`
	Target   string `json:"target"`             // what runs in it
	Keeper   string `json:"keeper"`             // who keeps the handle, "" if nobody
	Observer string `json:"observer,omitempty"` // who sees its exception
	Drain    string `json:"drain,omitempty"`    // who awaits or cancels it at the end
	Verdict  string `json:"verdict"`            // tracked, untracked, awaited, owned by …
	Rule     string `json:"rule,omitempty"`     // the rule that reports it, if one does
}

// LockUse is one lock of the project.
type LockUse struct {
	Name       string    `json:"name"`
	Kind       string    `json:"kind"` // asyncio.Lock, threading.RLock, sync.Mutex…
	File       string    `json:"file"`
	Line       int       `json:"line"`
	Guards     []string  `json:"guards,omitempty"`
	Holders    int       `json:"holders"`    // sections that hold it
	Suspending int       `json:"suspending"` // of these, how many may suspend while holding it
	Sections   []Section `json:"sections,omitempty"`
}

// Section is a stretch of code that holds a lock.
type Section struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	EndLine  int    `json:"endLine"`
	Function string `json:"function,omitempty"`
}

// DatabaseUse is one session, transaction or pool found in the code.
type DatabaseUse struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Function string `json:"function,omitempty"`
	Kind     string `json:"kind"` // pool, session, transaction, commit, for-update…
	Detail   string `json:"detail,omitempty"`
}

// Recommendation is one thing to do, the most urgent first.
type Recommendation struct {
	Priority int      `json:"priority"` // 1 is the most urgent
	Title    string   `json:"title"`
	Action   string   `json:"action"`
	Files    []string `json:"files,omitempty"`
	Effort   string   `json:"effort,omitempty"`
	Tests    []string `json:"tests,omitempty"`    // tests to write
	Findings []string `json:"findings,omitempty"` // fingerprints of the findings it settles
}

// Scope is a language that the project contains and whether it was analysed.
type Scope struct {
	Language string `json:"language"`
	Files    int    `json:"files"`
	Analysed bool   `json:"analysed"`
}

// FilePattern counts what a file does with concurrency.
type FilePattern struct {
	File     string         `json:"file"`
	Patterns map[string]int `json:"patterns"` // "await", "create_task", "asyncio.Lock", "gather", …
	Worst    Severity       `json:"worst,omitempty"`
	Findings int            `json:"findings"`
}

// Negative is a look-alike that is safe, and why.
type Negative struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	EndLine  int    `json:"endLine,omitempty"`
	Function string `json:"function"`
	Place    string `json:"place"`
	Reason   string `json:"reason"`
}

// Policy is the rating policy and the concurrency model in force.
type Policy struct {
	Latent      string `json:"latent"`      // lowered, as-open, hidden
	Concurrency string `json:"concurrency"` // asyncio, preemptive
}

// Tool names the program that wrote the audit.
type Tool struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Audit is everything one run found out.
type Audit struct {
	Schema     string            `json:"schema"`
	Tool       Tool              `json:"tool"`
	Title      string            `json:"title,omitempty"`
	Date       string            `json:"date,omitempty"` // YYYY-MM-DD
	Root       string            `json:"root"`
	Languages  []string          `json:"languages"`
	Frameworks []string          `json:"frameworks,omitempty"`
	Policy     Policy            `json:"policy"`
	Counts     map[string]int    `json:"counts"` // files, analysed, prefiltered, functions, suppressed…
	Services   []Service         `json:"services,omitempty"`
	Findings   []Finding         `json:"findings"`
	Files      int               `json:"files"`
	Unparsed   []Skipped         `json:"unparsed"`
	Partial    []Partial         `json:"partial"`
	Tasks      []TaskUse         `json:"tasks,omitempty"`
	Locks      []LockUse         `json:"locks,omitempty"`
	Database   *[]DatabaseUse    `json:"database,omitempty"` // absent: not looked for
	Patterns   []FilePattern     `json:"patterns,omitempty"`
	Negatives  []Negative        `json:"negatives,omitempty"`
	Scopes     []Scope           `json:"scopes,omitempty"` // every language seen
	Advice     []Recommendation  `json:"advice,omitempty"`
	Commands   []string          `json:"commands,omitempty"` // how to reproduce this audit
	Author     string            `json:"author,omitempty"`
	Version    string            `json:"documentVersion,omitempty"`
	Related    []string          `json:"related,omitempty"`  // related documents
	Excerpts   map[string]string `json:"excerpts,omitempty"` // "file:line" → that source line, for renderers
}
